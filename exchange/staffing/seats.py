"""Seats of shifts: counted here, promised by loans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.record import Card, record
from exchange.kernel.versions import bump
from exchange.staffing.cards import card_of
from exchange.staffing.errors import SeatsAlreadyTaken
from exchange.staffing.events import NeedCovered
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import NeedState


async def lock_shifts(tx: AsyncSession, shift_ids: Iterable[UUID]) -> dict[UUID, Shift]:
    """Lock shifts `FOR UPDATE`, ids ascending, and read them again. Raises `NotFound` where one is missing.

    The full strength: `is_covered` is part of a key that placements refer to, and a weaker lock deadlocks.
    """
    wanted = set(shift_ids)
    await tx.flush()
    found = await tx.scalars(
        select(Shift)
        .where(Shift.id.in_(wanted))
        .order_by(Shift.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    shifts = {shift.id: shift for shift in found}
    if shifts.keys() != wanted:
        raise NotFound
    return shifts


async def take_seats(tx: AsyncSession, shift_ids: Iterable[UUID]) -> tuple[Card, ...]:
    """Count one agreed person into each shift, and return the cards of the needs that this changes.

    A need whose every seat is taken becomes `covered`. Raises `SeatsAlreadyTaken` naming the first full shift.
    """
    shifts = await lock_shifts(tx, shift_ids)
    for shift in shifts.values():
        if shift.is_covered:
            raise SeatsAlreadyTaken(shift_id=str(shift.id))
    return await _count(tx, shifts.keys(), 1)


async def give_back_seats(tx: AsyncSession, shift_ids: Iterable[UUID]) -> tuple[Card, ...]:
    """Count one agreed person out of each shift, and return the cards of the needs that this changes.

    A covered need becomes `open` again. In the same statement the cascading key tells the placements that rested on
    the shift. A seat given back that nobody had taken breaks the CHECK: it is a fault of the caller.
    """
    shifts = await lock_shifts(tx, shift_ids)
    return await _count(tx, shifts.keys(), -1)


async def announce_covered(tx: AsyncSession, actor: Actor, shift_ids: Iterable[UUID], now: datetime) -> None:
    """Record `NeedCovered` for each need of these shifts that has just become covered."""
    rows = await tx.execute(
        select(StaffNeed.id, StaffNeed.facility_id)
        .where(
            StaffNeed.id.in_(select(Shift.need_id).where(Shift.id.in_(set(shift_ids)))),
            StaffNeed.state == NeedState.COVERED.value,
        )
        .order_by(StaffNeed.id)
    )
    for need_id, facility_id in rows.all():
        await record(tx, actor, NeedCovered(subject_id=need_id, facility_id=facility_id), now)


async def _count(tx: AsyncSession, shift_ids: Iterable[UUID], change: int) -> tuple[Card, ...]:
    ids = set(shift_ids)
    await tx.execute(
        update(Shift)
        .where(Shift.id.in_(ids))
        .values(seats_agreed=Shift.seats_agreed + change)
        .execution_options(synchronize_session=False)
    )
    # Read again before any card is drawn: the caller's objects, and the cards drawn from them, tell the new seats.
    shifts = await lock_shifts(tx, ids)
    return tuple([await _follow_seats(tx, need_id) for need_id in sorted({shift.need_id for shift in shifts.values()})])


async def _follow_seats(tx: AsyncSession, need_id: UUID) -> Card:
    # The need is locked first: of two persons taking the last two seats at once, the second must see the first's.
    need = await tx.scalar(
        select(StaffNeed)
        .where(StaffNeed.id == need_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if need is None:
        raise NotFound
    missing = await tx.scalar(
        select(func.count()).select_from(Shift).where(Shift.need_id == need_id, Shift.is_covered.is_(False))
    )
    wanted = NeedState.OPEN if missing else NeedState.COVERED
    if need.state in (NeedState.OPEN, NeedState.COVERED) and need.state != wanted:
        need.state = wanted.value
        bump(need)
    return await card_of(tx, need_id)
