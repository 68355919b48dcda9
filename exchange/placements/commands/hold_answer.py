"""Reserving an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.placements.errors import AnswerChanged, AnswerNotOpen, GroupIncomplete
from exchange.placements.follow import follow
from exchange.placements.hold_time import hold_ends
from exchange.placements.inputs import HoldAnswer
from exchange.placements.locks import line_of, lock_group, lock_placements, require_open
from exchange.placements.models import Placement
from exchange.placements.moves import expire_overdue, hold
from exchange.placements.policies import require_coordination, require_side
from exchange.placements.rules import CLAIMING, Act, PlacementState, Side
from exchange.situations.models import Situation


async def hold_answer(tx: AsyncSession, actor: Actor, answer: HoldAnswer, now: datetime) -> datetime:
    """Reserve every placement of an answer, or none; return until when.

    Persons to be kept together are held together, at the same rank. Raises `NotFound`, `ActForbidden`,
    `AnswerNotOpen`, `AnswerChanged`, `GroupIncomplete`, `ProposalOutdated`, `OfferToConfirm`, `PlaceClosed`,
    `SegmentsAlreadyServed`, `PlaceAlreadyHeld`.
    """
    side = require_coordination(actor, Act.HOLD)
    group = await lock_group(tx, answer.situation_id)
    require_open(group[answer.situation_id], Act.HOLD)
    return await _hold(tx, actor, side, group, await _open_answer(tx, group.keys(), answer), now)


async def hold_placement(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> datetime:
    """Reserve one proposal, whatever stands beside it at its rank; return until when.

    A person to be kept with others is held with them or not at all. Raises what `hold_answer` raises.
    """
    line = await line_of(tx, placement_id)
    side = require_side(actor, line.facility_id, Act.HOLD)
    group = await lock_group(tx, line.situation_id)
    require_open(group[line.situation_id], Act.HOLD)
    found = await tx.scalars(
        select(Placement).where(Placement.id == placement_id, Placement.state == PlacementState.PROPOSED.value)
    )
    wanted = tuple(found)
    if not wanted:
        raise AnswerNotOpen
    return await _hold(tx, actor, side, group, wanted, now)


async def _hold(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    group: Mapping[UUID, Situation],
    wanted: Collection[Placement],
    now: datetime,
) -> datetime:
    offers = await lock_offers(tx, {*(line.offer_id for line in wanted), *await offers_overdue(tx, group, now)})
    await expire_overdue(tx, actor, side, offers, now)
    await _require_whole_group(tx, group, wanted)
    held_until = await hold_end(tx, group.values(), now)
    placements = await lock_placements(tx, (line.id for line in wanted))
    for placement in placements.values():
        situation, offer = group[placement.situation_id], offers[placement.offer_id]
        await hold(tx, actor, side, placement, situation, offer, held_until, now)
    for situation in group.values():
        await follow(tx, actor, situation, now)
    return held_until


async def offers_overdue(tx: AsyncSession, situations: Iterable[UUID], now: datetime) -> frozenset[UUID]:
    """Return the offers on which these situations have a hold that has run out."""
    offer_ids = await tx.scalars(
        select(Placement.offer_id).where(
            Placement.situation_id.in_(set(situations)),
            Placement.state == PlacementState.HELD.value,
            Placement.held_until <= now,
        )
    )
    return frozenset(offer_ids)


async def hold_end(tx: AsyncSession, situations: Iterable[Situation], now: datetime) -> datetime:
    """Return until when a place is kept for these situations: the most urgent decides."""
    clocks = await organisations.parameters(tx)
    return hold_ends(
        now,
        max(situation.urgency for situation in situations),
        urgent_minutes=clocks.urgent_hold_minutes,
        working_days=clocks.ordinary_hold_working_days,
        zone=await organisations.zone(tx),
    )


async def _open_answer(tx: AsyncSession, situations: Iterable[UUID], answer: HoldAnswer) -> tuple[Placement, ...]:
    found = await tx.scalars(
        select(Placement)
        .where(
            Placement.situation_id.in_(set(situations)),
            Placement.rank == answer.rank,
            Placement.state == PlacementState.PROPOSED.value,
        )
        .order_by(Placement.id)
    )
    placements = tuple(found)
    if not any(placement.situation_id == answer.situation_id for placement in placements):
        raise AnswerNotOpen
    own = {placement.id for placement in placements if placement.situation_id == answer.situation_id}
    if answer.shown is not None and answer.shown != own:
        raise AnswerChanged
    return placements


async def _require_whole_group(tx: AsyncSession, group: Mapping[UUID, Situation], wanted: Iterable[Placement]) -> None:
    already = await tx.scalars(
        select(Placement.situation_id).where(
            Placement.situation_id.in_(group.keys()), Placement.state.in_([state.value for state in CLAIMING])
        )
    )
    if group.keys() - {placement.situation_id for placement in wanted} - set(already):
        raise GroupIncomplete
