"""What the loans of one person must obey together, each rule true where it refuses them.

Every rule only gets harder as loans are added: a part of a lawful set is lawful.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations

from exchange.matching import figures
from exchange.matching.problem import Period
from exchange.matching.tables import Tables


class LoanSetRefusal(StrEnum):
    """Why one person may not take several shifts, each of which would do alone."""

    REST = "rest"
    WEEK_MINUTES = "week-minutes"
    WEEKLY_REST = "weekly-rest"
    DAYS_IN_ROW = "days-in-row"
    AVERAGE_WEEK = "average-week"
    LOAN_MINUTES = "loan-minutes"


def too_close_together(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    """Two loans at two hosts are apart by the longer of the two rests due."""
    return any(not rested(tables, who, one, other) for one, other in combinations(shifts, 2))


def rested(tables: Tables, who: int, first: int, second: int) -> bool:
    """Whether this person has the rest due between two loans, whichever comes first."""
    one, two = tables.shifts[first], tables.shifts[second]
    due = max(int(tables.rest_minutes[who, first]), int(tables.rest_minutes[who, second]))
    return two.start >= one.end + due or one.start >= two.end + due


def weeks_too_full(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    done = tables.volunteers[who].week_minutes_done
    return any(
        done[week] + _counted(tables, who, lent) > min(int(tables.week_limit[who, shift]) for shift in lent)
        for week, lent in _by_week(tables, shifts)
    )


def no_weekly_rest(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    """Whether a week in which a loan starts has no free period of the length due that lies wholly inside it."""
    for week, lent in _by_week(tables, shifts):
        due = max(int(tables.weekly_rest[who, shift]) for shift in lent)
        start = week * figures.WEEK_MINUTES
        if due and _longest_free(_work(tables, who, shifts), start, start + figures.WEEK_MINUTES) < due:
            return True
    return False


def too_many_days_in_row(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    """Whether some run of consecutive dates, each with the start of a shift, own or lent, exceeds a loan's limit."""
    worked = {start // figures.DAY_MINUTES for start, _ in _work(tables, who, shifts)}
    for shift in shifts:
        most = int(tables.days_in_row[who, shift])
        first = last = int(tables.shift_day[shift])
        while most and first - 1 in worked:
            first -= 1
        while most and last + 1 in worked:
            last += 1
        if most and last - first + 1 > most:
            return True
    return False


def averages_exceeded(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    """Whether consecutive weeks that end inside the horizon, and hold a loan, hold more minutes than they may."""
    volunteer = tables.volunteers[who]
    for span, limits in tables.average_limits.items():
        known = (*(0,) * span, *volunteer.past_week_minutes, *volunteer.week_minutes_done)
        for last in range(len(volunteer.week_minutes_done)):
            lent = [shift for shift in shifts if last - span < tables.shift_week[shift] <= last]
            asked = [int(limits[who, shift]) for shift in lent if limits[who, shift]]
            after = len(known) - len(volunteer.week_minutes_done) + last + 1
            if asked and sum(known[after - span : after]) + _counted(tables, who, lent) > min(asked):
                return True
    return False


def loans_too_long(tables: Tables, who: int, shifts: Sequence[int]) -> bool:
    return sum(int(tables.shift_minutes[shift]) for shift in shifts) > tables.volunteers[who].max_loan_minutes


LOAN_SET_RULES: dict[LoanSetRefusal, Callable[[Tables, int, Sequence[int]], bool]] = {
    LoanSetRefusal.REST: too_close_together,
    LoanSetRefusal.WEEK_MINUTES: weeks_too_full,
    LoanSetRefusal.WEEKLY_REST: no_weekly_rest,
    LoanSetRefusal.DAYS_IN_ROW: too_many_days_in_row,
    LoanSetRefusal.AVERAGE_WEEK: averages_exceeded,
    LoanSetRefusal.LOAN_MINUTES: loans_too_long,
}


def _counted(tables: Tables, who: int, shifts: Sequence[int]) -> int:
    return int(tables.counted_minutes[who, list(shifts)].sum())


def _by_week(tables: Tables, shifts: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    for week in sorted({int(tables.shift_week[shift]) for shift in shifts}):
        yield week, [shift for shift in shifts if tables.shift_week[shift] == week]


def _work(tables: Tables, who: int, shifts: Sequence[int]) -> list[Period]:
    lent = [(tables.shifts[shift].start, tables.shifts[shift].end) for shift in shifts]
    return sorted([*tables.volunteers[who].own_shifts, *lent])


def _longest_free(work: Sequence[Period], start: int, end: int) -> int:
    """The longest period of [start, end] that none of the work, sorted, touches."""
    longest, free_from = 0, start
    for begins, ends in work:
        if begins < end:
            longest = max(longest, begins - free_from)
            free_from = max(free_from, ends)
    return max(longest, end - free_from)
