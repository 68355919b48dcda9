"""Where a plan stands: a valid problem, the lines of one lawful plan, and the solve that changes only a part of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from exchange.matching.answering import OpenPairs, Outcome, best_lines, reached
from exchange.matching.eligibility import Eligibility, examine
from exchange.matching.explanation import Difference
from exchange.matching.frozen import Fixed, accepted_lines, open_lines
from exchange.matching.limits import Limits
from exchange.matching.pair_rules import PairRules
from exchange.matching.part import Concern, part_of
from exchange.matching.plan import Levels, Plan
from exchange.matching.problem import LoanLine, PlacementLine, Problem
from exchange.matching.tables import Tables, tabulate

Pair = tuple[int, int]
_ELSEWHERE = 1
"""Any refusal will do: a pair that a question leaves out is no candidate of its model."""

# One question changes a handful of lines: its proof takes hundredths of this. The rest stops a pathological file.
QUESTION_LIMITS = Limits(deterministic_time=1.0, wall_seconds=10.0)


@dataclass(frozen=True, eq=False)
class Standing:
    """Indices are those of `Tables`: loans (volunteer, shift), placements block or part → offer.

    Without slots: what is derived is kept at the first reading.
    """

    tables: Tables
    eligibility: Eligibility
    accepted: Fixed
    previous: OpenPairs
    loans: frozenset[Pair]
    placements: dict[int, int]
    rules: PairRules
    outside: Counter[int] = field(default_factory=Counter)
    """Seats, by shift, that a supposition gives to somebody who is not in the file."""

    @cached_property
    def levels(self) -> Levels:
        return reached(self.tables, sorted(self.loans), self.placements, self.previous)

    @cached_property
    def filled(self) -> Counter[int]:
        """Seats taken, by shift."""
        return self.outside + Counter(shift for _, shift in self.loans)

    @cached_property
    def shifts_of(self) -> dict[int, list[int]]:
        """Shifts taken by each volunteer who takes any."""
        found: dict[int, list[int]] = {}
        for who, shift in sorted(self.loans):
            found.setdefault(who, []).append(shift)
        return found

    @cached_property
    def holders(self) -> dict[Pair, list[int]]:
        """Blocks served by each (offer, segment) that serves any."""
        found: dict[Pair, list[int]] = {}
        for block, offer in self.placements.items():
            for segment in self.tables.blocks[block].segments:
                found.setdefault((offer, segment), []).append(block)
        return found

    @cached_property
    def unserved(self) -> list[int]:
        """What the plan leaves to serve of each block not served whole."""
        return self.tables.unserved(self.placements)

    def missing(self, shift: int) -> int:
        return self.tables.shifts[shift].headcount - self.filled[shift]

    def shifts_awaited(self, offer: int, segment: int) -> tuple[int, ...]:
        """The shifts that the extra places of a segment require and that still miss people."""
        requirements = self.tables.offers[offer].requires
        required = next((one.shifts for one in requirements if one.segment == segment), ())
        return tuple(index for _, shift in required if self.missing(index := self.tables.shift_index[shift]) > 0)

    def resting_on(self, shifts: Iterable[int]) -> dict[Pair, list[int]]:
        """(offer, segment) used beyond its ordinary places, which one of these shifts opens → the blocks there."""
        names = {self.tables.shifts[shift].id for shift in shifts}
        found: dict[Pair, list[int]] = {}
        for index, offer in enumerate(self.tables.offers):
            for requirement in offer.requires:
                held = self.holders.get((index, requirement.segment), [])
                opened = any(shift in names for _, shift in requirement.shifts)
                if opened and len(held) > offer.capacity[requirement.segment]:
                    found[index, requirement.segment] = held
        return found

    def loan_line(self, pair: Pair) -> LoanLine:
        return LoanLine(self.tables.volunteers[pair[0]].id, self.tables.shifts[pair[1]].id)

    def placement_line(self, block: int, offer: int) -> PlacementLine:
        return self.tables.placement_line(block, offer)


@dataclass(frozen=True, slots=True)
class Question:
    """What may change: lines set free (their seats and blocks are open again), pairs barred, lines imposed.

    A place that rests on a freed seat is freed with it; so are the blocks bound to a freed one. Accepted lines stay.
    """

    free_loans: frozenset[Pair] = frozenset()
    free_blocks: frozenset[int] = frozenset()
    barred_loans: frozenset[Pair] = frozenset()
    barred_placements: frozenset[Pair] = frozenset()
    imposed_loans: frozenset[Pair] = frozenset()
    imposed_placements: dict[int, int] = field(default_factory=dict)


def standing_of(problem: Problem, plan: Plan) -> Standing:
    """The standing of a plan that `checker` finds lawful; raises `ProblemInvalid` where an accepted line is not."""
    tables = tabulate(problem)
    eligibility = examine(tables)
    loans = frozenset((tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in plan.loans)
    placements = {tables.line_index(line): tables.offer_index[line.offer] for line in plan.placements}
    accepted = accepted_lines(tables, eligibility)
    return Standing(
        tables, eligibility, accepted, open_lines(tables), loans, dict(sorted(placements.items())), PairRules(tables)
    )


def posed(standing: Standing, question: Question) -> tuple[Eligibility, Fixed, Concern]:
    """The question as a problem: the pairs that may be chosen, the lines that stay, and what it touches."""
    free_loans = question.free_loans - standing.accepted.loans
    resting = standing.resting_on(shift for _, shift in free_loans)
    loosened = question.free_blocks.union(*resting.values())
    together = loosened.union(*(standing.rules.companions.get(block, ()) for block in loosened))
    # Where a block is free, so is the choice to cut it, as far as no line that stays decides of it.
    stays = standing.accepted.placements.keys() | question.imposed_placements.keys()
    decided = stays.union(*(standing.tables.rivals(block) for block in stays))
    free_blocks = together.union(*(standing.tables.alike(block) for block in together)) - decided
    kept_loans = (standing.loans - free_loans) | question.imposed_loans
    kept = {block: offer for block, offer in standing.placements.items() if block not in free_blocks | decided}
    kept |= standing.accepted.placements | question.imposed_placements
    open_seats = sorted({shift for _, shift in free_loans})
    loans = np.full_like(standing.eligibility.loans, _ELSEWHERE)
    loans[:, open_seats] = standing.eligibility.loans[:, open_seats]
    placements = np.full_like(standing.eligibility.placements, _ELSEWHERE)
    open_blocks = sorted(free_blocks)
    placements[open_blocks] = standing.eligibility.placements[open_blocks]
    for codes, barred in ((loans, question.barred_loans), (placements, question.barred_placements)):
        for pair in barred:
            codes[pair] = _ELSEWHERE
    for pair in kept_loans:
        loans[pair] = 0
    for block, offer in kept.items():
        placements[block, offer] = 0
    narrowed = replace(standing.eligibility, loans=loans, placements=placements)
    fixed = Fixed(frozenset(kept_loans), dict(sorted(kept.items())))
    concern = Concern(
        shifts=set(open_seats),
        blocks=free_blocks | question.imposed_placements.keys(),
        persons={who for who, _ in free_loans | question.imposed_loans},
    )
    return narrowed, fixed, concern


def re_solve(standing: Standing, question: Question) -> Outcome | None:
    """The best lines once the question is asked, the rest of the plan kept; nothing where none are lawful.

    Nor where the limits leave them unproven: what an explanation claims is exact, or is not said.
    """
    part = part_of(standing.tables, *posed(standing, question))
    outcome = best_lines(part.tables, part.eligibility, part.fixed, part.previous, QUESTION_LIMITS)
    if outcome is None or not (outcome.coverage_proven and outcome.burden_proven):
        return None
    lines = part.whole(outcome.lines)
    return replace(outcome, lines=lines, levels=reached(standing.tables, *lines, standing.previous))


def difference(standing: Standing, levels: Levels) -> Difference:
    before = standing.levels
    return Difference(levels.critical - before.critical, levels.other - before.other, levels.burden - before.burden)
