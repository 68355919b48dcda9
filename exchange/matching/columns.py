"""Loan columns: a volunteer, a need, and some of its shifts.

In the coverage stage a column is one shift; in the burden stage it is a lawful pattern of shifts of one need, which
prices a person once and gives a far tighter relaxation. Both obey the same rows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.tables import Tables

# Beyond this many lawful patterns for one person and one need, single shifts and a "person used" variable are
# smaller than the list of patterns, at the price of a weaker relaxation.
MOST_PATTERNS_PER_PAIR = 128
# Of each kind, beyond which the burden's programme would not fit in memory; a department has about 30,000 in all.
MOST_COLUMNS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class LoanColumns:
    """Column k: `who[k]` takes the shifts of `need[k]` listed for it, exactly those where `is_pattern[k]`.

    Shapes: `who`, `need`, `is_pattern` one entry per column; `column`, `shift` one per (column, shift) it holds, by
    column then by shift.
    """

    who: IntArray
    need: IntArray
    is_pattern: BoolArray
    column: IntArray
    shift: IntArray

    def __len__(self) -> int:
        return len(self.who)


def single_columns(tables: Tables, eligibility: Eligibility) -> LoanColumns:
    """One column per candidate pair, by volunteer then shift."""
    who, shift = np.nonzero(eligibility.loans == 0)
    return LoanColumns(
        who=who,
        need=tables.shift_need[shift],
        is_pattern=np.zeros(len(who), dtype=bool),
        column=np.arange(len(who)),
        shift=shift,
    )


def pattern_columns(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> LoanColumns:
    """Every lawful pattern of each (volunteer, need) that keeps the accepted shifts, or single shifts if too many."""
    shifts_by_pair = _shifts_by_pair(tables, eligibility)
    most = MOST_PATTERNS_PER_PAIR
    while (found := _patterns_or_shifts(tables, shifts_by_pair, fixed, most)) is None:
        most //= 2
    return _gathered(found)


def _patterns_or_shifts(
    tables: Tables, shifts_by_pair: Mapping[tuple[int, int], Sequence[int]], fixed: Fixed, most: int
) -> list[tuple[int, int, bool, tuple[int, ...]]] | None:
    """Columns with at most so many patterns for one pair; `None` where fewer patterns would make a programme fit."""
    found: list[tuple[int, int, bool, tuple[int, ...]]] = []
    for (who, need), shifts in shifts_by_pair.items():
        accepted = {shift for shift in shifts if (who, shift) in fixed.loans}
        patterns = _lawful_patterns(tables, who, shifts, most)
        if patterns is None:
            found.extend((who, need, False, (shift,)) for shift in shifts)
        else:
            found.extend((who, need, True, pattern) for pattern in patterns if accepted.issubset(pattern))
        if most and len(found) > MOST_COLUMNS:
            return None
    return found


def _shifts_by_pair(tables: Tables, eligibility: Eligibility) -> dict[tuple[int, int], list[int]]:
    who, shift = np.nonzero(eligibility.loans == 0)
    need = tables.shift_need[shift]
    # By start within a pair: patterns are grown shift after shift.
    order = np.lexsort((shift, tables.shift_start[shift], need, who))
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one, wanted, taken in zip(who[order].tolist(), need[order].tolist(), shift[order].tolist(), strict=True):
        pairs[one, wanted].append(taken)
    return pairs


def _gathered(found: Sequence[tuple[int, int, bool, tuple[int, ...]]]) -> LoanColumns:
    sizes = np.array([len(shifts) for _, _, _, shifts in found], dtype=np.int64)
    return LoanColumns(
        who=np.array([who for who, _, _, _ in found], dtype=np.int64),
        need=np.array([need for _, need, _, _ in found], dtype=np.int64),
        is_pattern=np.array([is_pattern for _, _, is_pattern, _ in found], dtype=bool),
        column=np.repeat(np.arange(len(found)), sizes),
        shift=np.array([shift for _, _, _, shifts in found for shift in sorted(shifts)], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Shifts by start, and what is left to check when one more is added after them."""

    shifts: tuple[int, ...]
    ends: int
    minutes: int
    week: int
    week_minutes: int


def _lawful_patterns(tables: Tables, who: int, shifts: Sequence[int], most: int) -> list[tuple[int, ...]] | None:
    """Non-empty sets of shifts of one need that one person may take, or `None` where they are more than `most`.

    What may be judged as a pattern grows is judged here; rarer rules look at whole patterns. One need has one host:
    rest and weeks have the same limits on each of its shifts.
    """
    volunteer = tables.volunteers[who]
    asked = [rule for refusal, rule in LOAN_SET_RULES.items() if _is_asked(tables, who, shifts, refusal)]
    found: list[_Pattern] = []
    for shift in shifts:
        start, end = tables.shifts[shift].start, tables.shifts[shift].end
        minutes, week = int(tables.shift_minutes[shift]), int(tables.shift_week[shift])
        rest, limit = int(tables.rest_minutes[who, shift]), int(tables.week_limit[who, shift])
        counted = int(tables.counted_minutes[who, shift])
        extended = [_Pattern((shift,), end, minutes, week, counted)]
        for pattern in found:
            total = pattern.minutes + minutes
            # Shifts come by start, so weeks never go back: only the last week of the pattern can still fill up.
            of_week = counted + (pattern.week_minutes if pattern.week == week else 0)
            if (
                start >= pattern.ends + rest
                and total <= volunteer.max_loan_minutes
                and volunteer.week_minutes_done[week] + of_week <= limit
            ):
                longer = (*pattern.shifts, shift)
                if not any(rule(tables, who, longer) for rule in asked):
                    extended.append(_Pattern(longer, end, total, week, of_week))
        found.extend(extended)
        if len(found) > most:
            return None
    return [pattern.shifts for pattern in found]


def _is_asked(tables: Tables, who: int, shifts: Sequence[int], refusal: LoanSetRefusal) -> bool:
    """Whether a rule that the growing of patterns does not judge holds for this person on one of these shifts."""
    match refusal:
        case LoanSetRefusal.WEEKLY_REST:
            return bool(tables.weekly_rest[who, list(shifts)].any())
        case LoanSetRefusal.DAYS_IN_ROW:
            return bool(tables.days_in_row[who, list(shifts)].any())
        case LoanSetRefusal.AVERAGE_WEEK:
            return any(bool(limits[who, list(shifts)].any()) for limits in tables.average_limits.values())
        case LoanSetRefusal.REST | LoanSetRefusal.WEEK_MINUTES | LoanSetRefusal.LOAN_MINUTES:
            return False
