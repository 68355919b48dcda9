"""A person's hours as they stand now, own and lent, for the judgement of working time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.loans.errors import LendCapReached, VolunteerAlreadyLent, WorkingTimeBreached
from exchange.loans.locks import Line, Locked
from exchange.loans.models import LoanShift
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility, Operator
from exchange.staffing.inputs import Period
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerTime
from exchange.staffing.rule_figures import LAW, figures_of, rule_figures, set_of
from exchange.staffing.rules import TimeKind, cut_out, overlaps
from exchange.wording.breaches import breach_sentence
from exchange.worktime import Figures, WorkPeriod, breaches, stricter


@dataclass(frozen=True, slots=True)
class _Lent:
    """A shift of another binding loan of the same person."""

    host_id: UUID
    work: WorkPeriod


class _Where(NamedTuple):
    """Where and on which local dates somebody works for another house: what decides the figures that judge it."""

    host_id: UUID
    first_day: date
    last_day: date


def _where(lent: _Lent, zone: ZoneInfo) -> _Where:
    last_instant = lent.work.ends_at - timedelta(microseconds=1)
    return _Where(lent.host_id, lent.work.starts_at.astimezone(zone).date(), last_instant.astimezone(zone).date())


async def require_lawful(tx: AsyncSession, line: Line, locked: Locked, now: datetime) -> None:
    """Raise `VolunteerAlreadyLent` or `WorkingTimeBreached` where the loan may not be; person, shifts and loan are
    locked.

    The roster is read again: own shifts less what the employer released of them, and the other binding loans of this
    community. Those of another one are unseen here: the exclusion constraint judges them. Each loan yet to start is
    judged by the stricter of its lender's and its host's figures in force on the date, as the matcher does; a limit
    that another host asks for binds the new loan too.
    """
    wanted = [_work(shift.slot) for shift in locked.shifts.values()]
    others = await _other_loans(tx, line)
    if any(overlaps(_as_period(other.work), _as_period(each)) for other in others for each in wanted):
        raise VolunteerAlreadyLent
    own = await _own_shifts(tx, line.volunteer_id)
    own += [other.work for other in others if other.work.starts_at <= now]
    zone = await organisations.zone(tx)
    coming: dict[_Where, list[WorkPeriod]] = {}
    lent = [_Lent(line.host_id, work) for work in wanted]
    for each in (*lent, *(other for other in others if other.work.starts_at > now)):
        coming.setdefault(_where(each, zone), []).append(each.work)
    figures = await _figures(tx, line.lender_id, coming.keys(), locked.volunteer, now)
    found = [
        breach
        for where, loans in coming.items()
        for breach in breaches([*own, *_elsewhere(coming, where)], loans, figures[where])
    ]
    if found:
        first = min(found, key=lambda breach: (breach.starts_at, breach.code))
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


async def _other_loans(tx: AsyncSession, line: Line) -> list[_Lent]:
    rows = await tx.execute(
        select(StaffNeed.facility_id, Shift.slot)
        .join(Shift, Shift.need_id == StaffNeed.id)
        .join(LoanShift, LoanShift.shift_id == Shift.id)
        .where(LoanShift.volunteer_id == line.volunteer_id, LoanShift.binding, LoanShift.loan_id != line.loan_id)
        .order_by(func.lower(Shift.slot))
    )
    return [_Lent(host_id, _work(slot)) for host_id, slot in rows]


async def _figures(
    tx: AsyncSession, lender_id: UUID, places: Collection[_Where], volunteer: LoanVolunteer, now: datetime
) -> dict[_Where, Figures]:
    """Return, for each host and dates, the stricter figures of the lender and of that host.

    Those in force today, and what a text derogates on the dates of the work itself: a derogation that will be over by
    then opens nothing.
    """
    zone = await organisations.zone(tx)
    rows = await tx.execute(
        select(Facility.id, Operator.agreement_code)
        .join(Operator, Operator.id == Facility.operator_id)
        .where(Facility.id.in_({lender_id, *(place.host_id for place in places)}))
    )
    agreements = {row.id: row.agreement_code for row in rows}
    today = now.astimezone(zone).date()
    found: dict[_Where, Figures] = {}
    for place in places:
        stated = await rule_figures(tx, today, place.first_day, place.last_day)
        lender, host = (
            figures_of(
                stated[set_of(agreements.get(facility_id, LAW), stated)],
                zone,
                has_night_derogation=volunteer.night12h_derogation,
            )
            for facility_id in (lender_id, place.host_id)
        )
        found[place] = stricter(lender, host)
    return found


def _elsewhere(coming: Mapping[_Where, Sequence[WorkPeriod]], where: _Where) -> list[WorkPeriod]:
    return [work for other, loans in coming.items() if other != where for work in loans]


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
