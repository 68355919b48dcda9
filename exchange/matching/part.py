"""The part of a problem that a question concerns, small enough to be solved in a few milliseconds.

Lines that stay and meet nobody concerned are taken off the problem with what they use: seats, places, departures of a
lender. What is left decides exactly what the whole would decide with these lines kept.
"""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

import numpy as np

from exchange.matching.answering import Lines, OpenPairs
from exchange.matching.commitments import incompatible_pairs
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed, open_lines
from exchange.matching.problem import LendCap, Offer, Problem, Requirement, Situation
from exchange.matching.problem import Lines as LinesOfFile
from exchange.matching.tables import Tables, tabulate

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Concern:
    """What a question touches, as indices of the whole: seats and blocks open again, and whom it frees or imposes."""

    shifts: Set[int]
    blocks: Set[int]
    persons: Set[int]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A smaller problem; entry n of `persons`, `shifts`, `blocks`, `offers` is the index in the whole of its n-th."""

    tables: Tables
    eligibility: Eligibility
    fixed: Fixed
    previous: OpenPairs
    persons: tuple[int, ...]
    shifts: tuple[int, ...]
    blocks: tuple[int, ...]
    offers: tuple[int, ...]
    beside: Fixed

    def whole(self, lines: Lines) -> Lines:
        """The lines of the part and those kept beside it, as indices of the whole."""
        loans = {(self.persons[who], self.shifts[shift]) for who, shift in lines[0]} | self.beside.loans
        placements = {self.blocks[block]: self.offers[offer] for block, offer in lines[1].items()}
        return tuple(sorted(loans)), dict(sorted({**placements, **self.beside.placements}.items()))


def part_of(tables: Tables, eligibility: Eligibility, kept: Fixed, concern: Concern) -> Part:
    """`eligibility` refuses every pair of a seat or block that is not open, but for the lines `kept`."""
    taking = np.flatnonzero((eligibility.loans[:, sorted(concern.shifts)] == 0).any(axis=1)).tolist()
    persons = sorted({*taking, *concern.persons})
    situations = sorted(_situations(tables, kept, concern))
    blocks = [block for situation in situations for block in tables.blocks_of(situation)]
    blocks += [part for block in blocks for part in tables.parts_of(block)]
    mine = frozenset(pair for pair in kept.loans if pair[0] in set(persons))
    placed = {block: kept.placements[block] for block in blocks if block in kept.placements}
    beside = Fixed(kept.loans - mine, {b: o for b, o in kept.placements.items() if b not in placed})
    shifts = sorted({*concern.shifts, *(shift for _, shift in mine)})
    served = np.flatnonzero((eligibility.placements[blocks] == 0).any(axis=0)).tolist() if blocks else []
    offers = sorted({*served, *placed.values()})
    problem = _problem(tables, kept, beside, concern.shifts, (persons, shifts, situations, offers))
    smaller = tabulate(problem)
    return Part(
        tables=smaller,
        eligibility=Eligibility(
            loans=eligibility.loans[np.ix_(persons, shifts)], placements=eligibility.placements[np.ix_(blocks, offers)]
        ),
        fixed=Fixed(
            frozenset((persons.index(who), shifts.index(shift)) for who, shift in mine),
            {blocks.index(block): offers.index(offer) for block, offer in placed.items()},
        ),
        previous=open_lines(smaller),
        persons=tuple(persons),
        shifts=tuple(shifts),
        blocks=tuple(blocks),
        offers=tuple(offers),
        beside=beside,
    )


def _situations(tables: Tables, kept: Fixed, concern: Concern) -> set[int]:
    """Whose blocks are open, whoever may not meet them, and whoever has a place that rests on an open seat."""
    found = {int(tables.block_situation[block]) for block in concern.blocks}
    names = {tables.shifts[shift].id for shift in concern.shifts}
    resting = {
        (index, requirement.segment)
        for index, offer in enumerate(tables.offers)
        for requirement in offer.requires
        if any(shift in names for _, shift in requirement.shifts)
    }
    for block, offer in kept.placements.items():
        if any((offer, segment) in resting for segment in tables.blocks[block].segments):
            found.add(int(tables.block_situation[block]))
    apart = {other for pair in incompatible_pairs(tables) if not found.isdisjoint(pair) for other in pair}
    return found | apart


def _problem(
    tables: Tables,
    kept: Fixed,
    beside: Fixed,
    open_shifts: Set[int],
    of: tuple[list[int], list[int], list[int], list[int]],
) -> Problem:
    persons, shifts, situations, offers = of
    whole, gone = tables.problem, Counter(shift for _, shift in beside.loans)
    asked = {tables.shifts[shift].id: shift for shift in shifts}
    needs = tuple(
        replace(
            need,
            shifts=tuple(
                replace(shift, headcount=shift.headcount - gone[asked[shift.id]])
                for shift in need.shifts
                if shift.id in asked
            ),
        )
        for need in (tables.needs[index] for index in sorted({int(tables.shift_need[shift]) for shift in shifts}))
    )
    people = tuple(tables.situations[index] for index in situations)
    names = {one.id for one in people}
    open_names = {tables.shifts[shift].id for shift in open_shifts}
    full = _full(tables, kept)
    used = Counter(
        (offer, segment) for block, offer in beside.placements.items() for segment in tables.blocks[block].segments
    )
    return replace(
        whole,
        volunteers=tuple(tables.volunteers[who] for who in persons),
        lend_caps=_lend_caps(tables, persons, beside.loans),
        needs=needs,
        offers=tuple(_offer(tables, index, used, open_names, full) for index in offers),
        situations=tuple(_among(one, names) for one in people),
        frozen=_lines(whole.frozen, names, {tables.offers[one].id for one in offers}, set(), set()),
        previous=_lines(
            whole.previous,
            names,
            {tables.offers[one].id for one in offers},
            {tables.volunteers[who].id for who in persons},
            set(asked),
        ),
    )


def _full(tables: Tables, kept: Fixed) -> set[str]:
    filled = Counter(shift for _, shift in kept.loans)
    return {shift.id for index, shift in enumerate(tables.shifts) if filled[index] >= shift.headcount}


def _offer(tables: Tables, index: int, used: Counter[Pair], open_names: Set[str], full: Set[str]) -> Offer:
    """The offer less the places taken beside; extra places whose shifts are settled are ordinary ones, or none."""
    offer = tables.offers[index]
    capacity, extra = list(offer.capacity), list(offer.extra_capacity)
    requires = []
    for requirement in offer.requires:
        waiting = tuple(pair for pair in requirement.shifts if pair[1] in open_names)
        settled = {shift for _, shift in requirement.shifts} - open_names
        segment = requirement.segment
        if waiting and settled <= full:
            requires.append(Requirement(segment, waiting))
            continue
        capacity[segment] += extra[segment] if settled <= full else 0
        extra[segment] = 0
    for segment in range(len(capacity)):
        beyond = max(used[index, segment] - capacity[segment], 0)
        capacity[segment] -= used[index, segment] - beyond
        extra[segment] = max(extra[segment] - beyond, 0)
    kept = tuple(one for one in requires if extra[one.segment])
    return replace(offer, capacity=tuple(capacity), extra_capacity=tuple(extra), requires=kept)


def _lend_caps(tables: Tables, persons: Iterable[int], beside: Iterable[Pair]) -> tuple[LendCap, ...]:
    houses = {tables.volunteers[who].establishment for who in persons}
    left = Counter((tables.volunteers[who].establishment, int(tables.shift_day[shift])) for who, shift in beside)
    return tuple(
        replace(cap, max_out=cap.max_out - left[cap.establishment, cap.day])
        for cap in tables.problem.lend_caps
        if cap.establishment in houses
    )


def _among(situation: Situation, names: Set[str]) -> Situation:
    return replace(situation, incompatible_with=tuple(one for one in situation.incompatible_with if one in names))


def _lines(
    lines: LinesOfFile, situations: Set[str], offers: Set[str], volunteers: Set[str], shifts: Set[str]
) -> LinesOfFile:
    return LinesOfFile(
        tuple(line for line in lines.loans if line.volunteer in volunteers and line.shift in shifts),
        tuple(line for line in lines.placements if line.situation in situations and line.offer in offers),
    )
