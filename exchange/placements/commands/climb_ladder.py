"""What follows a refusal, a silence or a lost cover: the next backup, or the search again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.availability.errors import PlaceAlreadyHeld, PlaceClosed
from exchange.availability.models import PlaceOffer
from exchange.kernel.actor import Actor
from exchange.placements.commands.hold_answer import hold_end, offers_overdue
from exchange.placements.errors import OfferToConfirm, ProposalOutdated, SegmentsAlreadyServed
from exchange.placements.follow import follow, states_of_segments
from exchange.placements.locks import lock_group, lock_placements, segments_of
from exchange.placements.models import Placement
from exchange.placements.moves import call_off, expire_overdue, hold
from exchange.placements.policies import require_coordination
from exchange.placements.rules import CLAIMING, Act, CancelCause, PlacementState, Side
from exchange.situations.models import Situation
from exchange.situations.transitions import SituationState

Rung = Sequence[Placement]
"""Placements held together or not at all: one alone, or those of persons to be kept together."""


async def advance_ladder(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Hold the best-ranked backups for the blocks left uncovered; return them. Repeatable.

    Only backups to which the person said yes, and that pass what a hold checks. None left: back to searching.
    Raises `NotFound`, `ActForbidden`.
    """
    side = require_coordination(actor, Act.HOLD)
    group = await lock_group(tx, situation_id)
    if group[situation_id].state == SituationState.CLOSED:
        return ()
    backups = await _agreed_backups(tx, group)
    kept = await _claimed(tx, group)
    offer_ids = {line.offer_id for line in (*backups, *kept)} | await offers_overdue(tx, group, now)
    offers = await lock_offers(tx, offer_ids)
    await expire_overdue(tx, actor, side, offers, now)
    await _part_no_companions(tx, actor, side, group, now)
    held_until = await hold_end(tx, group.values(), now)
    held: list[UUID] = []
    for rung in _rungs(backups, group):
        if await _wanted(tx, rung, group) and await _try(tx, actor, side, rung, group, offers, held_until, now):
            held.extend(placement.id for placement in rung)
    for situation in group.values():
        await follow(tx, actor, situation, now)
    return tuple(held)


async def _agreed_backups(tx: AsyncSession, group: Mapping[UUID, Situation]) -> tuple[Placement, ...]:
    found = await tx.scalars(
        select(Placement)
        .where(
            Placement.situation_id.in_(group.keys()),
            Placement.state == PlacementState.PROPOSED.value,
            Placement.person_yes_at.is_not(None),
        )
        .order_by(Placement.rank, Placement.id)
    )
    return tuple(found)


async def _claimed(tx: AsyncSession, group: Mapping[UUID, Situation]) -> tuple[Placement, ...]:
    found = await tx.scalars(
        select(Placement).where(
            Placement.situation_id.in_(group.keys()), Placement.state.in_([state.value for state in CLAIMING])
        )
    )
    return tuple(found)


async def _part_no_companions(
    tx: AsyncSession, actor: Actor, side: Side, group: Mapping[UUID, Situation], now: datetime
) -> None:
    """Give back what is kept for some of those to be kept together when the others have lost theirs.

    What was confirmed stays: sending somebody elsewhere by then is for people to decide.
    """
    if len(group) == 1:
        return
    claimed = await lock_placements(tx, (line.id for line in await _claimed(tx, group)))
    if group.keys() == {placement.situation_id for placement in claimed.values()}:
        return
    for placement in claimed.values():
        if placement.state in (PlacementState.HELD, PlacementState.ACCEPTED):
            await call_off(tx, actor, side, placement, Act.CANCEL, CancelCause.COMPANION_NOT_HOSTED, now)


def _rungs(backups: Sequence[Placement], group: Mapping[UUID, Situation]) -> list[Rung]:
    if len(group) == 1:
        return [(placement,) for placement in backups]
    ranks = sorted({placement.rank for placement in backups})
    rungs = [[placement for placement in backups if placement.rank == rank] for rank in ranks]
    return [rung for rung in rungs if {placement.situation_id for placement in rung} == group.keys()]


async def _wanted(tx: AsyncSession, rung: Rung, group: Mapping[UUID, Situation]) -> bool:
    """Whether a rung serves what nobody serves, without one place too many for a person."""
    segments = await segments_of(tx, (placement.id for placement in rung))
    for situation_id, situation in group.items():
        lines = [placement for placement in rung if placement.situation_id == situation_id]
        bare = {segment for segment, states in (await states_of_segments(tx, situation_id)).items() if not states}
        if any(not bare.issuperset(segments[line.id]) for line in lines):
            return False
        kept = {line.offer_id for line in await _claimed(tx, {situation_id: situation})}
        if len(kept | {line.offer_id for line in lines}) > situation.max_places:
            return False
    return True


async def _try(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    rung: Rung,
    group: Mapping[UUID, Situation],
    offers: Mapping[UUID, PlaceOffer],
    held_until: datetime,
    now: datetime,
) -> bool:
    placement_ids = [placement.id for placement in rung]
    try:
        async with tx.begin_nested():
            for placement in (await lock_placements(tx, placement_ids)).values():
                situation, offer = group[placement.situation_id], offers[placement.offer_id]
                await hold(tx, actor, side, placement, situation, offer, held_until, now)
    except (ProposalOutdated, OfferToConfirm, PlaceClosed, PlaceAlreadyHeld, SegmentsAlreadyServed):
        # This rung gave way; the next one may hold.
        return False
    return True
