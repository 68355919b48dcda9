"""What a volunteer, a time and a need must say; how stated times meet. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from exchange.kernel.errors import InvalidValue
from exchange.reference.answers import ShortageImpact, ShortageReason
from exchange.reference.qualifications import Qualification
from exchange.staffing.inputs import DeclareNeed, Period, RegisterVolunteer, ShiftAsked
from exchange.staffing.values import check_between, check_count, check_instant, code_of, codes_of

LONGEST_SHIFT = timedelta(hours=16)
"""Longer is a typing error: no rule set admits it, derogations included."""

LONGEST_AVAILABILITY = timedelta(days=31)
OLDEST_START = timedelta(days=1)
"""A phone deal is recorded afterwards; nothing older is a need."""

FARTHEST_START = timedelta(days=400)
MOST_PERIODS = 62
MOST_SHIFTS = 62
MOST_PERSONS = 20
MOST_PERMANENT_STAFF = 50
LONGEST_NAME = 120
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


class TimeKind(StrEnum):
    """Whose word a period rests on; see `VolunteerTime`."""

    AVAILABLE = "available"
    RELEASED = "released"
    OWN_SHIFT = "own_shift"


class NeedState(StrEnum):
    OPEN = "open"
    COVERED = "covered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OFF_THE_BOARD = frozenset({NeedState.CLOSED, NeedState.CANCELLED})


def check_volunteer(volunteer: RegisterVolunteer) -> None:
    """Raise `InvalidValue` naming the field and the rule that the form breaks."""
    codes_of(Qualification, volunteer.qualifications, "qualifications", at_least=1)
    check_count(volunteer.living_area_ids, 1, 50, "living_area_ids")
    check_between(volunteer.max_travel_minutes, 5, 240, "max_travel_minutes")
    check_between(volunteer.max_loan_minutes, 60, 7 * 24 * 60, "max_loan_minutes")
    if volunteer.ready_until is not None:
        check_instant(volunteer.ready_until, "ready_until")
    if not volunteer.full_name.strip() or len(volunteer.full_name) > LONGEST_NAME:
        raise InvalidValue(field="full_name", rule="name")
    if len(volunteer.email) > 254 or not _EMAIL.fullmatch(volunteer.email):
        raise InvalidValue(field="email", rule="email")


def check_periods(kind: TimeKind, periods: Sequence[Period], now: datetime) -> None:
    """Raise `InvalidValue` (field `periods`) where a period is empty, too long, over, too far, or overlaps another
    of its own form."""
    check_count(periods, 1, MOST_PERIODS, "periods")
    longest = LONGEST_AVAILABILITY if kind is TimeKind.AVAILABLE else LONGEST_SHIFT
    for period in periods:
        _check_slot(period.starts_at, period.ends_at, longest, "periods")
        if period.ends_at <= now - OLDEST_START:
            raise InvalidValue(field="periods", rule="in-the-past")
        if period.starts_at > now + FARTHEST_START:
            raise InvalidValue(field="periods", rule="too-far")
    ordered = sorted(periods, key=lambda period: period.starts_at)
    for before, after in pairwise(ordered):
        if after.starts_at < before.ends_at:
            raise InvalidValue(field="periods", rule="overlap")


def check_need(need: DeclareNeed, now: datetime) -> None:
    """Raise `InvalidValue` naming the field and the rule that the form breaks."""
    codes_of(Qualification, need.qualifications_any, "qualifications_any", at_least=1)
    check_between(need.urgency, 1, 4, "urgency")
    code_of(ShortageReason, need.reason, "reason")
    code_of(ShortageImpact, need.impact, "impact")
    check_count(need.shifts, 1, MOST_SHIFTS, "shifts")
    for shift in need.shifts:
        _check_shift(shift, now)
    if len({(shift.starts_at, shift.ends_at) for shift in need.shifts}) != len(need.shifts):
        # The same hours twice is what `headcount` says.
        raise InvalidValue(field="shifts", rule="twice")


def _check_shift(shift: ShiftAsked, now: datetime) -> None:
    _check_slot(shift.starts_at, shift.ends_at, LONGEST_SHIFT, "shifts")
    if shift.starts_at < now - OLDEST_START:
        raise InvalidValue(field="shifts", rule="in-the-past")
    if shift.starts_at > now + FARTHEST_START:
        raise InvalidValue(field="shifts", rule="too-far")
    check_between(shift.headcount, 1, MOST_PERSONS, "shifts")
    for team in (shift.permanent_staff, shift.min_permanent_staff):
        if team is not None:
            check_between(team, 0, MOST_PERMANENT_STAFF, "shifts")
    if shift.min_permanent_staff is not None and shift.permanent_staff is None:
        raise InvalidValue(field="shifts", rule="permanent-staff-untold")


def _check_slot(starts_at: datetime, ends_at: datetime, longest: timedelta, field: str) -> None:
    check_instant(starts_at, field)
    check_instant(ends_at, field)
    # Subtraction of aware instants: a night of 25 hours counts as what was worked.
    if ends_at <= starts_at:
        raise InvalidValue(field=field, rule="ends-before-start")
    if ends_at - starts_at > longest:
        raise InvalidValue(field=field, rule="too-long", most=int(longest.total_seconds()) // 3600)


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return the union of periods: those that overlap or touch become one. Ascending, disjoint."""
    union: list[Period] = []
    for period in sorted(periods, key=lambda each: each.starts_at):
        if union and period.starts_at <= union[-1].ends_at:
            union[-1] = Period(union[-1].starts_at, max(union[-1].ends_at, period.ends_at))
        else:
            union.append(period)
    return tuple(union)


def cut_out(stated: Iterable[Period], withdrawn: Iterable[Period]) -> tuple[Period, ...]:
    """Return what remains of stated periods outside the withdrawn ones. Ascending."""
    remaining = list(stated)
    for gap in withdrawn:
        remaining = [
            part
            for period in remaining
            for part in (
                Period(period.starts_at, min(period.ends_at, gap.starts_at)),
                Period(max(period.starts_at, gap.ends_at), period.ends_at),
            )
            if part.starts_at < part.ends_at
        ]
    return tuple(sorted(remaining, key=lambda period: period.starts_at))


def overlaps(period: Period, other: Period) -> bool:
    """Whether two half-open periods share an instant."""
    return period.starts_at < other.ends_at and other.starts_at < period.ends_at
