"""What one column of the programme may stand for: a volunteer and some shifts of a need, a person and some places.

In the coverage stage a column is one shift, or one block at one offer. In the burden stage it is a lawful pattern of
shifts of one need, or a whole answer to one person: it carries its own price of persons, places and handovers, which
gives a far tighter relaxation. Both kinds obey the same rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.tables import Tables

# Beyond this many lawful patterns for one person and one need, single shifts and a "person used" variable are
# smaller than the list of patterns, at the price of a weaker relaxation.
MOST_PATTERNS_PER_PAIR = 128


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
    found: list[tuple[int, int, bool, tuple[int, ...]]] = []
    for (who, need), shifts in _shifts_by_pair(tables, eligibility).items():
        accepted = {shift for shift in shifts if (who, shift) in fixed.loans}
        patterns = _lawful_patterns(tables, who, shifts)
        if patterns is None:
            found.extend((who, need, False, (shift,)) for shift in shifts)
        else:
            found.extend((who, need, True, pattern) for pattern in patterns if accepted.issubset(pattern))
    return _gathered(found)


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
    rest: int
    minutes: int
    week: int
    week_minutes: int
    week_limit: int


def _lawful_patterns(tables: Tables, who: int, shifts: Sequence[int]) -> list[tuple[int, ...]] | None:
    """Non-empty sets of shifts that one person may take together, or `None` beyond the number worth listing.

    What may be judged as a pattern grows is judged here; rarer rules look at whole patterns.
    """
    volunteer = tables.volunteers[who]
    asked = [rule for refusal, rule in LOAN_SET_RULES.items() if _is_asked(tables, who, shifts, refusal)]
    found: list[_Pattern] = []
    for shift in shifts:
        start, end = tables.shifts[shift].start, tables.shifts[shift].end
        minutes, week = int(tables.shift_minutes[shift]), int(tables.shift_week[shift])
        rest, limit = int(tables.rest_minutes[who, shift]), int(tables.week_limit[who, shift])
        counted = int(tables.counted_minutes[who, shift])
        extended = [_Pattern((shift,), end, rest, minutes, week, counted, limit)]
        for pattern in found:
            total = pattern.minutes + minutes
            # Shifts come by start, so weeks never go back: only the last week of the pattern can still fill up.
            is_same_week = pattern.week == week
            of_week = counted + (pattern.week_minutes if is_same_week else 0)
            of_limit = min(limit, pattern.week_limit) if is_same_week else limit
            if (
                start >= pattern.ends + max(rest, pattern.rest)
                and total <= volunteer.max_loan_minutes
                and volunteer.week_minutes_done[week] + of_week <= of_limit
            ):
                longer = (*pattern.shifts, shift)
                if not any(rule(tables, who, longer) for rule in asked):
                    extended.append(_Pattern(longer, end, rest, total, week, of_week, of_limit))
        found.extend(extended)
        if len(found) > MOST_PATTERNS_PER_PAIR:
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


# Beyond this many answers to one person, blocks served one by one are smaller than the list of answers.
MOST_ANSWERS_PER_PERSON = 600
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class PlacementColumns:
    """Pair j is `block[j]` at `offer[j]`, by block then by offer; column k takes the pairs listed for it.

    Where `is_answer[k]`, exactly these blocks of `person[k]` are served; elsewhere one pair among others.
    Shapes: `block`, `offer` one entry per pair; `person`, `is_answer` per column; `column`, `pair` per (column, pair)
    it holds, by column then by pair.
    """

    block: IntArray
    offer: IntArray
    person: IntArray
    is_answer: BoolArray
    column: IntArray
    pair: IntArray

    def __len__(self) -> int:
        return len(self.person)

    def pairs_of(self, block: int) -> range:
        """Positions j of the pairs of one block."""
        first, after = np.searchsorted(self.block, [block, block + 1])
        return range(int(first), int(after))


def pair_columns(tables: Tables, eligibility: Eligibility) -> PlacementColumns:
    """One column per candidate pair."""
    block, offer = np.nonzero(eligibility.placements == 0)
    every = np.arange(len(block))
    person = tables.block_situation[block]
    return PlacementColumns(block, offer, person, np.zeros(len(block), dtype=bool), every, every)


def answer_columns(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> PlacementColumns:
    """Every answer to each person that keeps the accepted blocks, or one column per pair if too many."""
    pairs = pair_columns(tables, eligibility)
    found: list[tuple[int, bool, tuple[int, ...]]] = []
    for person in range(len(tables.situations)):
        blocks = tables.blocks_of(person)
        choices = [_choices(pairs, block, fixed) for block in blocks]
        if int(np.prod([len(choice) for choice in choices], dtype=np.float64)) > MOST_ANSWERS_PER_PERSON:
            found.extend((person, False, (pair,)) for block in blocks for pair in pairs.pairs_of(block))
            continue
        for answer in product(*choices):
            taken = tuple(pair for pair in answer if pair != NOBODY)
            if taken and len({int(pairs.offer[pair]) for pair in taken}) <= tables.situations[person].max_places:
                found.append((person, True, taken))
    sizes = np.array([len(taken) for _, _, taken in found], dtype=np.int64)
    return PlacementColumns(
        block=pairs.block,
        offer=pairs.offer,
        person=np.array([person for person, _, _ in found], dtype=np.int64),
        is_answer=np.array([is_answer for _, is_answer, _ in found], dtype=bool),
        column=np.repeat(np.arange(len(found)), sizes),
        pair=np.array([pair for _, _, taken in found for pair in taken], dtype=np.int64),
    )


def _choices(pairs: PlacementColumns, block: int, fixed: Fixed) -> list[int]:
    here = list(pairs.pairs_of(block))
    if block in fixed.placements:
        return [pair for pair in here if int(pairs.offer[pair]) == fixed.placements[block]]
    return [NOBODY, *here]


def consecutive_blocks(tables: Tables, situation: int) -> dict[tuple[int, int], int]:
    """How many times two blocks of a person hold consecutive requested segments, smaller block first."""
    blocks = tables.blocks_of(situation)
    held = sorted((segment, block) for block in blocks for segment in tables.blocks[block].segments)
    times: dict[tuple[int, int], int] = {}
    for (_, block), (_, following) in pairwise(held):
        if block != following:
            pair = (min(block, following), max(block, following))
            times[pair] = times.get(pair, 0) + 1
    return times
