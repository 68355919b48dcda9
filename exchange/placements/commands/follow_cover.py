"""What a loan gained or lost makes of the placements that rest on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.availability.models import SegmentRequirement
from exchange.kernel.actor import Actor
from exchange.kernel.record import record, show_card
from exchange.placements.cards import card_of
from exchange.placements.events import PlacementAtRisk
from exchange.placements.follow import follow
from exchange.placements.locks import Locked, lock_placements
from exchange.placements.models import Placement, PlacementCover, PlacementSegment
from exchange.placements.moves import call_off
from exchange.placements.policies import require_coordination
from exchange.placements.rules import Act, CancelCause, PlacementState
from exchange.placements.settlement import settle
from exchange.situations.commands import lock_situations


async def settle_waiting(tx: AsyncSession, actor: Actor, shift_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Confirm the placements that were waiting for this shift alone; return them. Repeatable.

    Holds are locked too: a yes that is being given at this instant did not see the shift covered, and would
    otherwise wait for ever.
    """
    side = require_coordination(actor, Act.SETTLE)
    waiting = (PlacementState.HELD.value, PlacementState.ACCEPTED.value)
    resting = _lines().join(
        PlacementSegment,
        PlacementSegment.placement_id == Placement.id,
    )
    resting = resting.join(
        SegmentRequirement,
        (SegmentRequirement.offer_id == PlacementSegment.offer_id)
        & (SegmentRequirement.segment == PlacementSegment.segment),
    ).where(SegmentRequirement.shift_id == shift_id, Placement.state.in_(waiting))
    locked = await _lock(tx, (await tx.execute(resting.distinct())).all())
    confirmed = [line.placement.id for line in locked if await settle(tx, actor, side, line, now)]
    await _show_restored(tx, shift_id, now)
    return tuple(confirmed)


async def drop_uncovered(tx: AsyncSession, actor: Actor, shift_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Cancel the placements that rested on a shift no longer covered; return them. Repeatable.

    Whoever has arrived stays, shown at risk. A replacement that came meanwhile leaves everything as it is.
    """
    side = require_coordination(actor, Act.LOSE_COVER)
    resting = _lines().join(PlacementCover, PlacementCover.placement_id == Placement.id)
    uncovered = resting.where(PlacementCover.shift_id == shift_id, PlacementCover.covered.is_(False))
    dropped: list[UUID] = []
    for line in await _lock(tx, (await tx.execute(uncovered)).all()):
        placement = line.placement
        if not await _is_bare(tx, placement.id):
            continue
        if placement.state == PlacementState.CONFIRMED:
            await call_off(tx, actor, side, placement, Act.LOSE_COVER, CancelCause.COVER_LOST, now)
            await follow(tx, actor, line.situation, now)
            dropped.append(placement.id)
        elif placement.state == PlacementState.ADMITTED:
            fact = PlacementAtRisk(
                subject_id=placement.id,
                situation_id=placement.situation_id,
                offer_id=placement.offer_id,
                cards=(await card_of(tx, placement.id),),
            )
            await record(tx, actor, fact, now)
    return tuple(dropped)


def _lines() -> Select[UUID, UUID, UUID]:
    return select(Placement.id, Placement.situation_id, Placement.offer_id)


async def _lock(tx: AsyncSession, lines: Sequence[Row[UUID, UUID, UUID]]) -> list[Locked]:
    situations = await lock_situations(tx, {line.situation_id for line in lines})
    offers = await lock_offers(tx, {line.offer_id for line in lines})
    placements = await lock_placements(tx, (line.id for line in lines))
    return [Locked(each, situations[each.situation_id], offers[each.offer_id]) for each in placements.values()]


async def _is_bare(tx: AsyncSession, placement_id: UUID) -> bool:
    covers = await tx.scalars(select(PlacementCover.covered).where(PlacementCover.placement_id == placement_id))
    return not all(covers)


async def _show_restored(tx: AsyncSession, shift_id: UUID, now: datetime) -> None:
    """Show again without risk those whose cover came back by itself."""
    stayed = await tx.execute(
        _lines()
        .join(PlacementCover, PlacementCover.placement_id == Placement.id)
        .where(PlacementCover.shift_id == shift_id, Placement.state == PlacementState.ADMITTED.value)
    )
    for line in await _lock(tx, stayed.all()):
        await show_card(tx, await card_of(tx, line.placement.id), now)
