"""Rest over a week and over a run of days: the rules that need variables of their own, only where somebody is so bound.

Both rules are asked by a loan that is taken: a person without loans owes them to their own employer alone.
"""

from collections import defaultdict

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import IntArray
from exchange.matching.loan_variables import LoanVariables, by_person
from exchange.matching.programme import FREE, ProgrammeBuilder
from exchange.matching.tables import Tables


def free_period_each_week(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """A loan taken needs a free period, of the length due, that lies inside the week in which it starts.

    Such a period may be moved back to the start of the week or to the end of a shift, so these starts alone are
    offered: one variable each, barred by the loans that it would touch.
    """
    if not tables.weekly_rest.any():
        return
    for who, held in _columns_of_shifts(loans):
        weeks: dict[tuple[int, int], list[int]] = defaultdict(list)
        for shift in held:
            due = int(tables.weekly_rest[who, shift])
            if due:
                weeks[int(tables.shift_week[shift]), due].append(shift)
        for (week, due), asking in sorted(weeks.items()):
            _add_free_period(builder, tables, who, held, week, due, asking)


def _add_free_period(
    builder: ProgrammeBuilder,
    tables: Tables,
    who: int,
    held: dict[int, IntArray],
    week: int,
    due: int,
    asking: list[int],
) -> None:
    opens, closes = week * figures.WEEK_MINUTES, (week + 1) * figures.WEEK_MINUTES
    own = tables.volunteers[who].own_shifts
    ends = {opens, *(end for _, end in own), *(tables.shifts[shift].end for shift in held)}
    free = [
        start
        for start in sorted(ends)
        if opens <= start <= closes - due and not any(a < start + due and start < b for a, b in own)
    ]
    touching = [[one for one in held if _touches(tables, one, start, start + due)] for start in free]
    if not all(touching):
        return  # some period is free whatever is taken
    periods = builder.add_choices(len(free))
    for period, barred in zip(periods.tolist(), touching, strict=True):
        for shift in barred:
            columns = held[shift]
            builder.add_row(np.append(columns, period), 1, -FREE, 1)
    for shift in asking:
        columns = held[shift]
        values = np.repeat(np.array([1, -1]), [len(columns), len(periods)])
        builder.add_row(np.concatenate((columns, periods)), values, -FREE, 0)


def _touches(tables: Tables, shift: int, start: int, end: int) -> bool:
    return tables.shifts[shift].start < end and start < tables.shifts[shift].end


def few_days_in_a_row(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """A loan taken leaves one day off in every run, around it, of one day more than its limit."""
    if not tables.days_in_row.any():
        return
    for who, held in _columns_of_shifts(loans):
        if not tables.days_in_row[who, list(held)].any():
            continue
        own = {start // figures.DAY_MINUTES for start, _ in tables.volunteers[who].own_shifts}
        on_day: dict[int, list[int]] = defaultdict(list)
        for shift in held:
            on_day[int(tables.shift_day[shift])].append(shift)
        worked: dict[int, int] = {}
        for shift in held:
            most = int(tables.days_in_row[who, shift])
            day = int(tables.shift_day[shift])
            for first in range(day - most, day + 1) if most else ():
                others = [one for one in range(first, first + most + 1) if one != day and one not in own]
                if all(one in on_day for one in others):
                    marks = [_day_worked(builder, held, on_day, worked, one) for one in others]
                    columns = np.append(held[shift], np.array(marks, dtype=np.int64))
                    builder.add_row(columns, 1, -FREE, len(others))


def _day_worked(
    builder: ProgrammeBuilder,
    held: dict[int, IntArray],
    on_day: dict[int, list[int]],
    worked: dict[int, int],
    day: int,
) -> int:
    """A variable that is 1 where a loan of that day is taken; made once per person and day."""
    if day not in worked:
        worked[day] = int(builder.add_choices(1)[0])
        for shift in on_day[day]:
            builder.add_row(np.append(held[shift], worked[day]), _all_but_last(len(held[shift])), -FREE, 0)
    return worked[day]


def _all_but_last(count: int) -> IntArray:
    return np.append(np.ones(count, dtype=np.int64), -1)


def _columns_of_shifts(loans: LoanVariables) -> list[tuple[int, dict[int, IntArray]]]:
    """Each person who may be lent, with the programme's columns that take each of their shifts."""
    columns = loans.columns
    found = []
    for entries in by_person(loans):
        who = int(columns.who[columns.column[entries[0]]])
        held: dict[int, IntArray] = {}
        for shift in np.unique(columns.shift[entries]).tolist():
            held[shift] = loans.entries[entries[columns.shift[entries] == shift]]
        found.append((who, held))
    return found
