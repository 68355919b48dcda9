"""Staying longer: a new exit date on the same offer, with the yeses asked again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import claim_segments
from exchange.identity.office import require_in_office
from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, date_of, half_of, segments_between
from exchange.kernel.record import record
from exchange.placements.agreements import legal_basis_of, spoken, who_agreed
from exchange.placements.errors import CoverMissing
from exchange.placements.events import StayProlonged
from exchange.placements.follow import follow
from exchange.placements.inputs import ProlongStay
from exchange.placements.locks import Locked, line_of, lock_line, require_open
from exchange.placements.models import PlacementSegment, StayExtension
from exchange.placements.moves import cards_of, move
from exchange.placements.policies import require_side
from exchange.placements.rules import Act, Side, blocks_in, blocks_key, next_state
from exchange.placements.settlement import rest_on_covers
from exchange.placements.stay import claimed_of, clocks_of, require_exit_date, require_short_enough
from exchange.situations.commands import add_block


async def prolong_stay(tx: AsyncSession, actor: Actor, longer: ProlongStay, now: datetime) -> None:
    """Keep a person on the same offer until a later exit; the dates in between are counted, or nothing changes.

    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `InvalidValue`, `SpokenWithRequired`, `AgreementNotTheirs`,
    `EmergencyStayTooLong`, `PlaceAlreadyHeld`, `CoverMissing`.
    """
    line = await line_of(tx, longer.placement_id)
    side = require_side(actor, line.facility_id, Act.PROLONG)
    said_by = (None, None) if side is Side.RECEIVER else spoken(longer.spoken_with, longer.function)
    locked = await lock_line(tx, line)
    if side is Side.RECEIVER:
        await require_in_office(tx, actor)
    placement = locked.placement
    require_open(locked.situation, Act.PROLONG)
    next_state(locked.state, Act.PROLONG, side)
    was = placement.exit_on
    if was is not None and longer.exit_on <= was:
        raise InvalidValue(field="exit_on", rule="not-later")
    agreed = who_agreed(locked.situation.legal_status, longer.person_yes_from)
    basis = placement.legal_basis if longer.legal_basis is None else legal_basis_of(longer.legal_basis).value
    claimed = await claimed_of(tx, locked)
    await _claim_more(tx, locked, further_segments(claimed, longer.exit_on))
    await require_exit_date(tx, locked, longer.exit_on, now)
    await require_short_enough(tx, locked, basis, longer.exit_on, "legal_basis")
    move(placement, Act.PROLONG, side)
    placement.exit_on = longer.exit_on
    if longer.legal_basis is not None:
        placement.legal_basis, placement.legal_basis_at = basis, now
    tx.add(
        StayExtension(
            placement_id=placement.id,
            was_exit_on=was,
            exit_on=longer.exit_on,
            agreed_at=now,
            recorded_by=actor.account_id,
            receiver_channel=actor.via.value if side is Side.RECEIVER else Via.PHONE.value,
            spoken_with=said_by[0],
            spoken_function=said_by[1],
            person_yes_from=agreed.value,
            legal_basis=str(basis),
        )
    )
    await tx.flush()
    clocks = await clocks_of(tx, placement, locked.offer.care_mode, longer.exit_on, now)
    fact = StayProlonged(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        was=was,
        exit_on=longer.exit_on,
        exit_told_at=clocks.exit_told_at,
        emergency_limit_at=clocks.emergency_limit_at,
        yearly_limit_at=clocks.yearly_limit_at,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)
    await follow(tx, actor, locked.situation, now)


def further_segments(claimed: Collection[int], exit_on: date) -> tuple[int, ...]:
    """Return what a stay claims more to last until an exit: the halves it had, up to the last night before it."""
    halves = frozenset(half_of(segment) for segment in claimed)
    first = date_of(max(claimed)) + timedelta(days=1)
    last = exit_on - timedelta(days=1) if Half.NIGHT in halves else exit_on
    return tuple(segments_between(first, last, halves)) if first <= last else ()


async def _claim_more(tx: AsyncSession, locked: Locked, segments: tuple[int, ...]) -> None:
    if not segments:
        return
    placement = locked.placement
    await claim_segments(tx, locked.offer.id, segments)
    block_id: UUID = await add_block(tx, locked.situation, segments)
    placement.blocks_key = blocks_key((*blocks_in(placement.blocks_key), block_id))
    await tx.flush()
    await tx.execute(
        insert(PlacementSegment),
        [
            {
                "placement_id": placement.id,
                "segment": segment,
                "situation_id": placement.situation_id,
                "offer_id": placement.offer_id,
                "block_id": block_id,
                "claiming": True,
            }
            for segment in segments
        ],
    )
    if not await rest_on_covers(tx, placement.id):
        raise CoverMissing
