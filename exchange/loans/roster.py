"""A person's hours as they stand now, own and lent, for the judgement of working time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.loans.errors import LendCapReached, VolunteerAlreadyLent, WorkingTimeBreached
from exchange.loans.locks import Line, Locked
from exchange.loans.models import LoanShift
from exchange.organisations import queries as organisations
from exchange.staffing.inputs import Period
from exchange.staffing.models import LoanVolunteer, Shift, VolunteerTime
from exchange.staffing.rules import TimeKind, cut_out, overlaps
from exchange.wording.breaches import breach_sentence
from exchange.worktime import Figures, WorkPeriod, breaches


async def require_lawful(tx: AsyncSession, line: Line, locked: Locked) -> None:
    """Raise `VolunteerAlreadyLent` or `WorkingTimeBreached` where the loan may not be; person, shifts and loan are
    locked.

    The roster is read again: own shifts less what the employer released of them, and the other binding loans of this
    community. Those of another one are unseen here: the exclusion constraint judges them.
    """
    figures = Figures(zone=await organisations.zone(tx), has_night_derogation=locked.volunteer.night12h_derogation)
    own = await _own_shifts(tx, line.volunteer_id)
    others = await _other_loans(tx, line)
    wanted = [_work(shift.slot) for shift in locked.shifts.values()]
    if any(overlaps(_as_period(other), _as_period(each)) for other in others for each in wanted):
        raise VolunteerAlreadyLent
    found = breaches(own, [*others, *wanted], figures)
    if found:
        first = found[0]
        raise WorkingTimeBreached(
            rule=first.code.value,
            limit_minutes=first.limit_minutes,
            found_minutes=first.found_minutes,
            sentence=breach_sentence(first.code.value, first.limit_minutes, first.found_minutes),
        )


async def require_floor(tx: AsyncSession, line: Line, locked: Locked, cap: int | None) -> None:
    """Raise `LendCapReached` where the lender would lend more shifts of one local date than it said; it is locked."""
    if cap is None:
        return
    zone = await organisations.zone(tx)
    rows = await tx.scalars(
        select(Shift.slot)
        .join(LoanShift, LoanShift.shift_id == Shift.id)
        .join(LoanVolunteer, LoanVolunteer.id == LoanShift.volunteer_id)
        .where(LoanVolunteer.facility_id == line.lender_id, LoanShift.binding)
    )
    lent = [_starts_on(slot, zone) for slot in rows]
    asked = [_starts_on(shift.slot, zone) for shift in locked.shifts.values()]
    for on in asked:
        if lent.count(on) + asked.count(on) > cap:
            raise LendCapReached(cap=cap, on=on.isoformat())


async def _own_shifts(tx: AsyncSession, volunteer_id: UUID) -> list[WorkPeriod]:
    rows = await tx.execute(
        select(VolunteerTime.kind, VolunteerTime.slot).where(
            VolunteerTime.volunteer_id == volunteer_id,
            VolunteerTime.kind.in_([TimeKind.OWN_SHIFT.value, TimeKind.RELEASED.value]),
        )
    )
    times = rows.all()
    own = [_period(row.slot) for row in times if row.kind == TimeKind.OWN_SHIFT]
    released = [_period(row.slot) for row in times if row.kind == TimeKind.RELEASED]
    return [WorkPeriod(part.starts_at, part.ends_at) for part in cut_out(own, released)]


async def _other_loans(tx: AsyncSession, line: Line) -> list[WorkPeriod]:
    slots = await tx.scalars(
        select(Shift.slot)
        .join(LoanShift, LoanShift.shift_id == Shift.id)
        .where(LoanShift.volunteer_id == line.volunteer_id, LoanShift.binding, LoanShift.loan_id != line.loan_id)
        .order_by(func.lower(Shift.slot))
    )
    return [_work(slot) for slot in slots]


def _bounds(slot: Range[datetime]) -> tuple[datetime, datetime]:
    if slot.lower is None or slot.upper is None:
        raise ValueError("a work period has two ends")
    return slot.lower, slot.upper


def _period(slot: Range[datetime]) -> Period:
    return Period(*_bounds(slot))


def _work(slot: Range[datetime]) -> WorkPeriod:
    return WorkPeriod(*_bounds(slot))


def _as_period(work: WorkPeriod) -> Period:
    return Period(work.starts_at, work.ends_at)


def _starts_on(slot: Range[datetime], zone: ZoneInfo) -> date:
    return _bounds(slot)[0].astimezone(zone).date()
