"""The loan half of the model: columns (a volunteer, a need, some of its shifts) and one function per rule.

In the coverage stage a column is one shift; in the burden stage it is a lawful pattern of shifts of one need, which
prices a person once and gives a far tighter relaxation. Both obey the same rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from exchange.matching import figures
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.tables import Tables

# Beyond this many lawful patterns for one person and one need, single shifts and a "person used" variable are
# smaller than the list of patterns, at the price of a weaker relaxation.
MOST_PATTERNS_PER_PAIR = 128


@dataclass(frozen=True, slots=True)
class Column:
    """`volunteer` takes exactly `shifts` of `need` (pattern), or takes `shifts[0]` among others (single)."""

    volunteer: int
    need: int
    shifts: tuple[int, ...]
    is_pattern: bool


@dataclass(frozen=True, slots=True, eq=False)
class LoanVariables:
    """`chosen[k]` takes `columns[k]`; `missing[s]` empty seats; `full[s]` implies no empty seat."""

    columns: tuple[Column, ...]
    chosen: tuple[cp_model.IntVar, ...]
    missing: tuple[cp_model.IntVar, ...]
    by_shift: dict[int, list[int]]
    by_volunteer: dict[int, list[int]]
    full: dict[int, cp_model.IntVar] = field(default_factory=dict)


def single_columns(tables: Tables, eligibility: Eligibility) -> tuple[Column, ...]:
    """One column per candidate pair, by volunteer then shift."""
    pairs = np.argwhere(eligibility.loans == 0)
    return tuple(Column(int(who), int(tables.shift_need[shift]), (int(shift),), False) for who, shift in pairs)


def pattern_columns(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> tuple[Column, ...]:
    """Every lawful pattern of each (volunteer, need) that keeps the accepted shifts, or single shifts if too many."""
    columns: list[Column] = []
    for who in range(len(tables.volunteers)):
        by_need: dict[int, list[int]] = defaultdict(list)
        for shift in np.flatnonzero(eligibility.loans[who] == 0):
            by_need[int(tables.shift_need[shift])].append(int(shift))
        for need, shifts in sorted(by_need.items()):
            accepted = {shift for shift in shifts if (who, shift) in fixed.loans}
            patterns = _lawful_patterns(tables, who, shifts)
            if patterns is None:
                columns.extend(Column(who, need, (shift,), False) for shift in shifts)
            else:
                columns.extend(Column(who, need, pattern, True) for pattern in patterns if accepted.issubset(pattern))
    return tuple(columns)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Shifts by start, and what is left to check when one more is added after them."""

    shifts: tuple[int, ...]
    rested_from: int
    minutes: int
    week: int
    week_minutes: int


def _lawful_patterns(tables: Tables, who: int, shifts: Iterable[int]) -> list[tuple[int, ...]] | None:
    """Non-empty sets of shifts that one person may take together, or `None` beyond the number worth listing."""
    volunteer = tables.volunteers[who]
    found: list[_Pattern] = []
    for shift in sorted(shifts, key=lambda shift: (int(tables.shift_start[shift]), shift)):
        start, minutes = tables.shifts[shift].start, int(tables.shift_minutes[shift])
        week, rested_from = int(tables.shift_week[shift]), tables.shifts[shift].end + figures.REST_MINUTES
        extended = [_Pattern((shift,), rested_from, minutes, week, minutes)]
        for pattern in found:
            total = pattern.minutes + minutes
            # Shifts come by start, so weeks never go back: only the last week of the pattern can still fill up.
            of_week = minutes + (pattern.week_minutes if pattern.week == week else 0)
            if (
                start >= pattern.rested_from
                and total <= volunteer.max_loan_minutes
                and volunteer.week_minutes_done[week] + of_week <= figures.WEEK_WORK_MINUTES
            ):
                extended.append(_Pattern((*pattern.shifts, shift), rested_from, total, week, of_week))
        found.extend(extended)
        if len(found) > MOST_PATTERNS_PER_PAIR:
            return None
    return [pattern.shifts for pattern in found]


def add_loans(model: cp_model.CpModel, tables: Tables, columns: Sequence[Column], fixed: Fixed) -> LoanVariables:
    """Create the variables and post every rule on loans."""
    by_shift: dict[int, list[int]] = defaultdict(list)
    by_volunteer: dict[int, list[int]] = defaultdict(list)
    for index, column in enumerate(columns):
        by_volunteer[column.volunteer].append(index)
        for shift in column.shifts:
            by_shift[shift].append(index)
    loans = LoanVariables(
        columns=tuple(columns),
        chosen=tuple(model.new_bool_var("") for _ in columns),
        missing=tuple(model.new_int_var(0, shift.headcount, "") for shift in tables.shifts),
        by_shift=by_shift,
        by_volunteer=by_volunteer,
    )
    for rule in LOAN_ROWS:
        rule(model, tables, loans)
    keep_accepted_loans(model, loans, fixed)
    return loans


def seats_taken_or_missing(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    """Never above the headcount; what nobody takes is missing."""
    for shift in range(len(tables.shifts)):
        taken = [loans.chosen[index] for index in loans.by_shift.get(shift, ())]
        model.add(cp_model.LinearExpr.sum([*taken, loans.missing[shift]]) == tables.shifts[shift].headcount)


def one_pattern_per_person_and_need(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    patterns: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    for column, chosen in zip(loans.columns, loans.chosen, strict=True):
        if column.is_pattern:
            patterns[column.volunteer, column.need].append(chosen)
    for chosen_of_pair in patterns.values():
        if len(chosen_of_pair) > 1:
            model.add_at_most_one(chosen_of_pair)


def rest_between_loans(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    """One row per largest set of shifts that all come within 11 h of one another, rather than one row per pair."""
    for indices in loans.by_volunteer.values():
        shifts = sorted({shift for index in indices for shift in loans.columns[index].shifts})
        for clique in _too_close_together(tables, shifts):
            columns = [index for index in indices if not clique.isdisjoint(loans.columns[index].shifts)]
            needs = {loans.columns[index].need for index in columns if loans.columns[index].is_pattern}
            said_by_patterns = len(needs) == 1 and all(loans.columns[index].is_pattern for index in columns)
            if len(columns) > 1 and not said_by_patterns:
                model.add_at_most_one(loans.chosen[index] for index in columns)


def _too_close_together(tables: Tables, shifts: Sequence[int]) -> list[frozenset[int]]:
    """Largest sets of shifts whose periods, each prolonged by the rest due after it, share an instant."""
    cliques: list[frozenset[int]] = []
    active: set[int] = set()
    grew = False
    ordered = sorted(shifts, key=lambda shift: (int(tables.shift_start[shift]), shift))
    for shift in ordered:
        start = tables.shift_start[shift]
        over = {other for other in active if tables.shift_end[other] + figures.REST_MINUTES <= start}
        if over and grew:
            cliques.append(frozenset(active))
            grew = False
        active -= over
        active.add(shift)
        grew = True
    if active:
        cliques.append(frozenset(active))
    return [clique for clique in cliques if len(clique) > 1]


def week_minutes_within_law(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    for who, indices in loans.by_volunteer.items():
        done = tables.volunteers[who].week_minutes_done
        for week in sorted({int(tables.shift_week[shift]) for i in indices for shift in loans.columns[i].shifts}):
            counted = [_minutes(tables, loans.columns[index], week) for index in indices]
            _at_most(model, loans, indices, counted, figures.WEEK_WORK_MINUTES - done[week])


def loan_minutes_within_ceiling(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    for who, indices in loans.by_volunteer.items():
        counted = [_minutes(tables, loans.columns[index], None) for index in indices]
        _at_most(model, loans, indices, counted, tables.volunteers[who].max_loan_minutes)


def lenders_keep_their_floor(model: cp_model.CpModel, tables: Tables, loans: LoanVariables) -> None:
    """Shifts that start one day, taken by people of one establishment, stay within its `max_out` of that day."""
    leaving: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
    for index, column in enumerate(loans.columns):
        establishment = tables.volunteers[column.volunteer].establishment
        for shift in column.shifts:
            counted = leaving[establishment, int(tables.shift_day[shift])]
            counted[index] = counted.get(index, 0) + 1
    for cap in tables.problem.lend_caps:
        counted = leaving.get((cap.establishment, cap.day), {})
        _at_most(model, loans, list(counted), list(counted.values()), cap.max_out)


LOAN_ROWS: tuple[Callable[[cp_model.CpModel, Tables, LoanVariables], None], ...] = (
    seats_taken_or_missing,
    one_pattern_per_person_and_need,
    rest_between_loans,
    week_minutes_within_law,
    loan_minutes_within_ceiling,
    lenders_keep_their_floor,
)


def keep_accepted_loans(model: cp_model.CpModel, loans: LoanVariables, fixed: Fixed) -> None:
    for who, shift in sorted(fixed.loans):
        columns = [index for index in loans.by_shift[shift] if loans.columns[index].volunteer == who]
        model.add_exactly_one(loans.chosen[index] for index in columns)


def fully_covered(model: cp_model.CpModel, tables: Tables, loans: LoanVariables, shift: int) -> cp_model.IntVar:
    """A variable that can be true only where the shift misses nobody; made once per shift."""
    if shift not in loans.full:
        full = model.new_bool_var("")
        headcount = tables.shifts[shift].headcount
        model.add(headcount * full + loans.missing[shift] <= headcount)
        loans.full[shift] = full
    return loans.full[shift]


def _minutes(tables: Tables, column: Column, week: int | None) -> int:
    return sum(
        int(tables.shift_minutes[shift])
        for shift in column.shifts
        if week is None or int(tables.shift_week[shift]) == week
    )


def _at_most(
    model: cp_model.CpModel, loans: LoanVariables, indices: Sequence[int], counted: Sequence[int], limit: int
) -> None:
    if sum(counted) > limit:
        model.add(cp_model.LinearExpr.weighted_sum([loans.chosen[index] for index in indices], counted) <= limit)
