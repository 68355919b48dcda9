"""From three yeses to a confirmed placement, where every shift that it rests on is covered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import SegmentRequirement
from exchange.kernel.actor import Actor
from exchange.kernel.db import constraint_of
from exchange.kernel.periods import Half, date_of, half_of
from exchange.kernel.record import record
from exchange.placements.cards import card_of
from exchange.placements.events import PlacementConfirmed
from exchange.placements.follow import follow
from exchange.placements.lights import Stay, lights_of
from exchange.placements.locks import Locked
from exchange.placements.models import AdmissionCondition, Placement, PlacementCover, PlacementSegment
from exchange.placements.moves import move
from exchange.placements.rules import Act, PlacementState, Side
from exchange.placements.stay import claimed_of
from exchange.placements.stay_limits import last_day_of
from exchange.staffing.models import Shift


async def settle(tx: AsyncSession, actor: Actor, side: Side, locked: Locked, now: datetime) -> bool:
    """Confirm a locked placement whose three yeses stand; return whether it was.

    A missing cover is no error: the placement stays accepted, and waits for the loan.
    """
    placement = locked.placement
    yeses = (placement.receiver_yes_at, placement.person_yes_at, placement.legal_basis_at)
    if locked.state is not PlacementState.ACCEPTED or None in yeses or not await rest_on_covers(tx, placement.id):
        return False
    move(placement, Act.SETTLE, side)
    await _open_conditions(tx, locked)
    fact = PlacementConfirmed(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)
    await follow(tx, actor, locked.situation, now)
    return True


async def is_uncovered(tx: AsyncSession, placement: Placement) -> bool:
    """Whether a placement rests on a shift that is not covered now. For the reader: `settle` decides by the key."""
    uncovered = await tx.scalar(
        select(Shift.id)
        .join(SegmentRequirement, SegmentRequirement.shift_id == Shift.id)
        .join(
            PlacementSegment,
            (PlacementSegment.offer_id == SegmentRequirement.offer_id)
            & (PlacementSegment.segment == SegmentRequirement.segment),
        )
        .where(PlacementSegment.placement_id == placement.id, Shift.is_covered.is_(False))
        .limit(1)
    )
    return uncovered is not None


async def rest_on_covers(tx: AsyncSession, placement_id: UUID) -> bool:
    """Bind a placement to the shifts that its segments rest on; whether all of them are covered. Repeatable."""
    required = (
        select(PlacementSegment.placement_id, SegmentRequirement.shift_id)
        .distinct()
        .join(
            SegmentRequirement,
            (SegmentRequirement.offer_id == PlacementSegment.offer_id)
            & (SegmentRequirement.segment == PlacementSegment.segment),
        )
        .where(PlacementSegment.placement_id == placement_id)
        # The keys are checked, hence the shifts locked, in this order: that of whoever agrees to a loan.
        .order_by(SegmentRequirement.shift_id)
    )
    try:
        # Inserted, not asked: between a look at the shift and the promise, the loan could fall. The foreign key to
        # `(shift, is_covered)` with its default `true` is the look and the lock at once.
        async with tx.begin_nested():
            await tx.execute(
                insert(PlacementCover.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
                .from_select(["placement_id", "shift_id"], required)
                .on_conflict_do_nothing()
            )
    except IntegrityError as error:
        if constraint_of(error) == "fk_placement_covers_shift":
            return False
        raise
    return True


async def _open_conditions(tx: AsyncSession, locked: Locked) -> None:
    """What this stay needs, shown in red until done; the blocking three are the yeses, which are columns."""
    placement, offer = locked.placement, locked.offer
    claimed = await claimed_of(tx, locked)
    first_on, exit_on = date_of(min(claimed)), placement.exit_on or last_day_of(claimed)
    stay = Stay(
        offer_kind=offer.kind,
        care_mode=offer.care_mode,
        max_stay_nights=offer.max_stay_nights,
        legal_status=locked.situation.legal_status,
        legal_basis=str(placement.legal_basis),
        has_nights=any(half_of(segment) is Half.NIGHT for segment in claimed),
        days=(exit_on - first_on).days + 1,
    )
    await tx.execute(
        insert(AdmissionCondition).on_conflict_do_nothing(),
        [{"placement_id": placement.id, "condition": light.value} for light in sorted(lights_of(stay))],
    )
