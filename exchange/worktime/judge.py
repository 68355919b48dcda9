"""Whether lent hours, added to a person's own, stay lawful: both employers' hours count together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations

from exchange.worktime.figures import Figures

_DAY_MINUTES = 1_440


class BreachCode(StrEnum):
    """Which rule a roster breaks."""

    SHIFTS_OVERLAP = "shifts_overlap"
    SHIFT_TOO_LONG = "shift_too_long"
    NIGHT_TOO_LONG = "night_too_long"
    REST_TOO_SHORT = "rest_too_short"
    WEEK_TOO_LONG = "week_too_long"
    WEEKLY_REST_TOO_SHORT = "weekly_rest_too_short"
    TOO_MANY_DAYS = "too_many_days"
    AVERAGE_TOO_LONG = "average_too_long"


@dataclass(frozen=True, slots=True)
class WorkPeriod:
    """A half-open period of work between two aware instants: its length is true time, 23 to 25 hours a day."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("an instant needs its zone")
        if self.starts_at >= self.ends_at:
            raise ValueError("a work period ends after it starts")

    @property
    def minutes(self) -> int:
        """Whole minutes of true time."""
        return _minutes(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule broken by a period that starts at `starts_at`: its limit, and what was found, in minutes.

    Days in a row are given as minutes too, 1,440 each; an average as minutes a week, rounded up.
    """

    code: BreachCode
    starts_at: datetime
    limit_minutes: int
    found_minutes: int


def breaches(own_shifts: Sequence[WorkPeriod], loans: Sequence[WorkPeriod], figures: Figures) -> tuple[Breach, ...]:
    """Return each rule that the loans break, by hour; empty means lawful.

    Own shifts are judged only where a loan touches them: what an employer planned alone is its own business.
    """
    found = [
        *_of_each(loans, figures),
        *_between(own_shifts, loans, figures),
        *_of_weeks(own_shifts, loans, figures),
        *_of_days(own_shifts, loans, figures),
        *_of_averages(own_shifts, loans, figures),
    ]
    return tuple(sorted(found, key=lambda breach: (breach.starts_at, breach.code)))


def _of_each(loans: Sequence[WorkPeriod], figures: Figures) -> list[Breach]:
    found = []
    for period in loans:
        by_night = period.starts_at.astimezone(figures.zone).time() >= figures.night_starts_at
        derogated = by_night and figures.has_night_derogation
        limit = figures.longest_derogated_night_minutes if derogated else figures.longest_shift_minutes
        if period.minutes > limit:
            code = BreachCode.NIGHT_TOO_LONG if by_night else BreachCode.SHIFT_TOO_LONG
            found.append(Breach(code, period.starts_at, limit, period.minutes))
    return found


def _between(own_shifts: Sequence[WorkPeriod], loans: Sequence[WorkPeriod], figures: Figures) -> list[Breach]:
    pairs = [*combinations(loans, 2), *((own, loan) for own in own_shifts for loan in loans)]
    found = []
    for one, other in pairs:
        first, second = (one, other) if one.starts_at <= other.starts_at else (other, one)
        rest = _minutes(first.ends_at, second.starts_at)
        if rest < 0:
            found.append(Breach(BreachCode.SHIFTS_OVERLAP, second.starts_at, 0, -rest))
        elif rest < figures.daily_rest_minutes:
            found.append(Breach(BreachCode.REST_TOO_SHORT, second.starts_at, figures.daily_rest_minutes, rest))
    return found


def _of_weeks(own_shifts: Sequence[WorkPeriod], loans: Sequence[WorkPeriod], figures: Figures) -> list[Breach]:
    """Civil weeks, Monday to Sunday (L3121-35): a shift counts in the week in which it starts."""
    found = []
    work = [*own_shifts, *loans]
    for monday, starts_at in _first_loans(loans, figures).items():
        worked = sum(period.minutes for period in work if _monday(period, figures) == monday)
        if worked > figures.week_minutes:
            found.append(Breach(BreachCode.WEEK_TOO_LONG, starts_at, figures.week_minutes, worked))
        rest = _longest_rest(work, _midnight(monday, figures), _midnight(monday + timedelta(days=7), figures))
        if rest < figures.weekly_rest_minutes:
            found.append(Breach(BreachCode.WEEKLY_REST_TOO_SHORT, starts_at, figures.weekly_rest_minutes, rest))
    return found


def _of_days(own_shifts: Sequence[WorkPeriod], loans: Sequence[WorkPeriod], figures: Figures) -> list[Breach]:
    """Consecutive dates on which some work starts; a night belongs to the date it starts."""
    if not figures.days_in_row:
        return []
    worked = {_date(period, figures) for period in (*own_shifts, *loans)}
    found = []
    for loan in loans:
        first = last = _date(loan, figures)
        while first - timedelta(days=1) in worked:
            first -= timedelta(days=1)
        while last + timedelta(days=1) in worked:
            last += timedelta(days=1)
        days = (last - first).days + 1
        if days > figures.days_in_row:
            limit = figures.days_in_row * _DAY_MINUTES
            found.append(Breach(BreachCode.TOO_MANY_DAYS, loan.starts_at, limit, days * _DAY_MINUTES))
    return found


def _of_averages(own_shifts: Sequence[WorkPeriod], loans: Sequence[WorkPeriod], figures: Figures) -> list[Breach]:
    """For each week with a loan, the fullest window of consecutive weeks that holds it."""
    weeks: Counter[date] = Counter()
    for period in (*own_shifts, *loans):
        weeks[_monday(period, figures)] += period.minutes
    found = []
    for average in figures.averages:
        for monday, starts_at in _first_loans(loans, figures).items():
            offsets = range(1 - average.weeks, 1)
            windows = [[monday + timedelta(weeks=first + n) for n in range(average.weeks)] for first in offsets]
            fullest = max(sum(weeks[week] for week in window) for window in windows)
            if fullest > average.week_minutes * average.weeks:
                a_week = -(-fullest // average.weeks)
                found.append(Breach(BreachCode.AVERAGE_TOO_LONG, starts_at, average.week_minutes, a_week))
    return found


def _first_loans(loans: Sequence[WorkPeriod], figures: Figures) -> dict[date, datetime]:
    """Mondays of the weeks in which a loan starts, each with the start of its first loan."""
    ordered = sorted(loans, key=lambda loan: loan.starts_at, reverse=True)
    return {_monday(loan, figures): loan.starts_at for loan in ordered}


def _longest_rest(work: Sequence[WorkPeriod], since: datetime, until: datetime) -> int:
    longest, free_from = 0, since
    for period in sorted(work, key=lambda period: period.starts_at):
        if period.ends_at > since and period.starts_at < until:
            longest = max(longest, _minutes(free_from, period.starts_at))
            free_from = max(free_from, period.ends_at)
    return max(longest, _minutes(free_from, until))


def _midnight(day: date, figures: Figures) -> datetime:
    return datetime.combine(day, time(0), tzinfo=figures.zone).astimezone(UTC)


def _date(period: WorkPeriod, figures: Figures) -> date:
    return period.starts_at.astimezone(figures.zone).date()


def _monday(period: WorkPeriod, figures: Figures) -> date:
    on = _date(period, figures)
    return on - timedelta(days=on.weekday())


def _minutes(since: datetime, until: datetime) -> int:
    # In UTC: two instants of one zone would otherwise be subtracted as wall times.
    return (until.astimezone(UTC) - since.astimezone(UTC)) // timedelta(minutes=1)
