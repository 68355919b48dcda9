"""The loan half of the programme: one function per rule, each adding the rows that state it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.columns import LoanColumns
from exchange.matching.frozen import Fixed
from exchange.matching.loan_rest import few_days_in_a_row, free_period_each_week
from exchange.matching.loan_sets import rested
from exchange.matching.loan_variables import LoanVariables, by_person
from exchange.matching.programme import FREE, ProgrammeBuilder
from exchange.matching.tables import Tables


def add_loans(
    builder: ProgrammeBuilder, tables: Tables, columns: LoanColumns, fixed: Fixed, *, prices_persons: bool
) -> LoanVariables:
    """Create the variables and add every rule on loans; `prices_persons` where the burden will be counted."""
    required = sorted(
        {tables.shift_index[shift] for offer in tables.offers for one in offer.requires for _, shift in one.shifts}
    )
    full = np.full(len(tables.shifts), -1, dtype=np.int64)
    full[required] = builder.add_choices(len(required))
    pairs = np.zeros((0, 2), dtype=np.int64)
    if prices_persons:
        single = ~columns.is_pattern
        pairs = np.unique(np.column_stack((columns.who[single], columns.need[single])), axis=0)
    loans = LoanVariables(
        columns=columns,
        chosen=builder.add_choices(len(columns)),
        missing=builder.add_columns(np.array([shift.headcount for shift in tables.shifts], dtype=np.int64)),
        full=full,
        used=builder.add_choices(len(pairs)),
        used_pairs=pairs,
    )
    for rule in LOAN_ROWS:
        rule(builder, tables, loans)
    keep_accepted_loans(builder, loans, fixed)
    return loans


def seats_taken_or_missing(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """Never above the headcount; what nobody takes is missing."""
    every = np.arange(len(tables.shifts))
    headcount = np.array([shift.headcount for shift in tables.shifts], dtype=np.int64)
    builder.add_rows(
        np.concatenate((loans.columns.shift, every)),
        np.concatenate((loans.entries, loans.missing)),
        1,
        headcount,
        headcount,
        count=len(every),
    )


def full_only_where_nobody_is_missing(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    shifts = np.flatnonzero(loans.full >= 0)
    headcount = np.array([tables.shifts[shift].headcount for shift in shifts], dtype=np.int64)
    rows = np.arange(len(shifts))
    builder.add_rows(
        np.concatenate((rows, rows)),
        np.concatenate((loans.full[shifts], loans.missing[shifts])),
        np.concatenate((headcount, np.ones(len(shifts), dtype=np.int64))),
        -FREE,
        headcount,
    )


def one_pattern_per_person_and_need(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    columns = loans.columns
    patterns = np.flatnonzero(columns.is_pattern)
    pair = columns.who[patterns] * len(tables.needs) + columns.need[patterns]
    ones = np.ones(len(patterns), dtype=np.int64)
    most = np.ones(len(tables.volunteers) * len(tables.needs), dtype=np.int64)
    _add_limited(builder, _summed(pair, loans.chosen[patterns], ones, most))


def person_used_where_a_single_shift_is_taken(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    if not len(loans.used):
        return
    columns = loans.columns
    single = np.flatnonzero(~columns.is_pattern)
    place = {(int(who), int(need)): rank for rank, (who, need) in enumerate(loans.used_pairs)}
    pair = np.array([place[int(columns.who[one]), int(columns.need[one])] for one in single], dtype=np.int64)
    rows = np.arange(len(single))
    builder.add_rows(
        np.concatenate((rows, rows)),
        np.concatenate((loans.chosen[single], loans.used[pair])),
        np.repeat(np.array([1, -1]), len(single)),
        -FREE,
        0,
    )


def rest_between_loans(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """One row per largest set of shifts too close to one another, rather than one row per pair.

    Where hosts ask for different rests, a pair that no such set holds has a row of its own.
    """
    columns = loans.columns
    for entries in by_person(loans):
        who = int(columns.who[columns.column[entries[0]]])
        held: dict[int, list[int]] = defaultdict(list)
        for column, shift in zip(columns.column[entries].tolist(), columns.shift[entries].tolist(), strict=True):
            held[shift].append(column)
        for clique in _too_close_together(tables, who, list(held)):
            taking = sorted({column for shift in clique for column in held[shift]})
            needs = {int(columns.need[column]) for column in taking}
            said_by_patterns = len(needs) == 1 and bool(columns.is_pattern[taking].all())
            if len(taking) > 1 and not said_by_patterns:
                builder.add_row(loans.chosen[taking], 1, -FREE, 1)


def _too_close_together(tables: Tables, who: int, shifts: Sequence[int]) -> list[tuple[int, ...]]:
    """Largest sets of shifts whose periods, each prolonged by the least rest due after it, share an instant."""
    due = tables.rest_minutes[who, list(shifts)]
    rest = int(due.min())
    cliques: list[tuple[int, ...]] = []
    active: list[int] = []
    grew = False
    for shift in sorted(shifts, key=lambda shift: (tables.shifts[shift].start, shift)):
        start = tables.shifts[shift].start
        kept = [other for other in active if tables.shifts[other].end + rest > start]
        if len(kept) < len(active) and grew:
            cliques.append(tuple(active))
            grew = False
        active = [*kept, shift]
        grew = True
    if active:
        cliques.append(tuple(active))
    found = [clique for clique in cliques if len(clique) > 1]
    if rest < int(due.max()):
        told = {frozenset(pair) for clique in found for pair in combinations(clique, 2)}
        pairs = (pair for pair in combinations(shifts, 2) if frozenset(pair) not in told)
        found += [pair for pair in pairs if not rested(tables, who, *pair)]
    return found


def week_minutes_within_law(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """Own work and loans of a week stay within the least of the limits of the loans taken in it."""
    columns = loans.columns
    who, week = columns.who[columns.column], tables.shift_week[columns.shift]
    done = tables.minutes_done(1)
    room = tables.week_limit[who, columns.shift] - done[who, week]
    _add_least_room(builder, loans, who * done.shape[1] + week, tables.counted_minutes[who, columns.shift], room)


def averages_within_law(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """Own work and loans of so many weeks in a row stay within the least of the averages of the loans taken in them."""
    columns = loans.columns
    who = columns.who[columns.column]
    for span, limits in tables.average_limits.items():
        done = tables.minutes_done(span)
        for last in range(done.shape[1]):
            inside = np.flatnonzero((tables.shift_week <= last) & (tables.shift_week > last - span))
            entries = np.flatnonzero(np.isin(columns.shift, inside))
            limit = limits[who[entries], columns.shift[entries]]
            room = np.where(limit > 0, limit - done[who[entries], last], FREE)
            counted = tables.counted_minutes[who[entries], columns.shift[entries]]
            _add_least_room(builder, loans, who[entries], counted, room, entries)


def loan_minutes_within_ceiling(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    _add_limited(builder, loan_minutes(tables, loans))


def lenders_keep_their_floor(builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables) -> None:
    """Shifts that start one day, taken by people of one establishment, stay within its `max_out` of that day."""
    sorted_caps = sorted(tables.problem.lend_caps, key=lambda cap: (cap.establishment, cap.day))
    caps = {(cap.establishment, cap.day): rank for rank, cap in enumerate(sorted_caps)}
    homes = [volunteer.establishment for volunteer in tables.volunteers]
    columns = loans.columns
    leaving = zip(columns.who[columns.column].tolist(), tables.shift_day[columns.shift].tolist(), strict=True)
    group = np.array([caps.get((homes[who], day), -1) for who, day in leaving], dtype=np.int64)
    limit = np.array([cap.max_out for cap in sorted_caps], dtype=np.int64)
    capped = np.flatnonzero(group >= 0)
    counted = np.ones(len(capped), dtype=np.int64)
    _add_limited(builder, _summed(group[capped], loans.entries[capped], counted, limit))


LOAN_ROWS: tuple[Callable[[ProgrammeBuilder, Tables, LoanVariables], None], ...] = (
    seats_taken_or_missing,
    full_only_where_nobody_is_missing,
    one_pattern_per_person_and_need,
    person_used_where_a_single_shift_is_taken,
    rest_between_loans,
    week_minutes_within_law,
    averages_within_law,
    loan_minutes_within_ceiling,
    lenders_keep_their_floor,
    free_period_each_week,
    few_days_in_a_row,
)


def keep_accepted_loans(builder: ProgrammeBuilder, loans: LoanVariables, fixed: Fixed) -> None:
    columns = loans.columns
    for who, shift in sorted(fixed.loans):
        holding = columns.column[(columns.shift == shift) & (columns.who[columns.column] == who)]
        builder.add_row(loans.chosen[holding], 1, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class LimitedSums:
    """Row r: the `values` of its entries, times their columns, stay within `limit[r]`. Only rows that could go beyond.

    Shapes: `row`, `columns`, `values` one per entry, by row; `limit` one per row.
    """

    row: IntArray
    columns: IntArray
    values: IntArray
    limit: IntArray


def week_minutes(tables: Tables, loans: LoanVariables) -> LimitedSums:
    """Per person and week: the minutes that each column adds, and the most that the law ever leaves beside own work."""
    columns = loans.columns
    who, week = columns.who[columns.column], tables.shift_week[columns.shift]
    done = tables.minutes_done(1)
    group = who * done.shape[1] + week
    room = np.full(done.size, -FREE)
    np.maximum.at(room, group, tables.week_limit[who, columns.shift] - done[who, week])
    return _summed(group, loans.entries, tables.counted_minutes[who, columns.shift], room)


def loan_minutes(tables: Tables, loans: LoanVariables) -> LimitedSums:
    """Per person: the minutes of each column, and the ceiling that the person set."""
    columns = loans.columns
    ceiling = np.array([volunteer.max_loan_minutes for volunteer in tables.volunteers], dtype=np.int64)
    return _summed(columns.who[columns.column], loans.entries, tables.shift_minutes[columns.shift], ceiling)


def _summed(group: IntArray, columns: IntArray, values: IntArray, limit: IntArray) -> LimitedSums:
    """One row per group whose sum could pass its limit; entries of one group and one column are added up."""
    width = int(columns.max()) + 1 if len(columns) else 1
    pair, place = np.unique(group * width + columns, return_inverse=True)
    counted = np.bincount(place, weights=values, minlength=len(pair)).astype(np.int64)
    groups, row = np.unique(pair // width, return_inverse=True)
    beyond = np.bincount(row, weights=counted, minlength=len(groups)) > limit[groups]
    kept = beyond[row]
    number = np.cumsum(beyond) - 1
    return LimitedSums(number[row[kept]], pair[kept] % width, counted[kept], limit[groups[beyond]])


def _add_least_room(
    builder: ProgrammeBuilder,
    loans: LoanVariables,
    group: IntArray,
    counted: IntArray,
    room: IntArray,
    entries: IntArray | None = None,
) -> None:
    """The sum of a group stays within the least `room` of the entries taken; `entries`: which ones these are, or all.

    Where rooms differ, each entry taken narrows the widest one to its own.
    """
    every = np.arange(len(loans.columns.shift)) if entries is None else entries
    number = {} if not len(group) else {int(one): rank for rank, one in enumerate(np.unique(group))}
    rank = np.array([number[int(one)] for one in group], dtype=np.int64)
    sums = np.bincount(rank, weights=counted, minlength=len(number)).astype(np.int64)
    widest = np.full(len(number), -FREE)
    np.maximum.at(widest, rank, room)
    _add_limited(builder, _summed(rank, loans.entries[every], counted, widest))
    widest = np.minimum(widest, sums)
    narrow = np.flatnonzero(room < widest[rank])
    told: set[tuple[int, int]] = set()
    for entry in narrow.tolist():
        shift = int(loans.columns.shift[every[entry]])
        if (int(rank[entry]), shift) in told:
            continue
        told.add((int(rank[entry]), shift))
        mine = rank == rank[entry]
        here = mine & (loans.columns.shift[every] == shift)
        values = counted + np.where(here, widest[rank[entry]] - room[entry], 0)
        columns, place = np.unique(loans.entries[every[mine]], return_inverse=True)
        summed = np.bincount(place, weights=values[mine]).astype(np.int64)
        builder.add_row(columns, summed, -FREE, int(widest[rank[entry]]))


def _add_limited(builder: ProgrammeBuilder, sums: LimitedSums) -> None:
    builder.add_rows(sums.row, sums.columns, sums.values, -FREE, sums.limit, count=len(sums.limit))
