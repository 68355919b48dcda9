"""Tiny problems with their plan, ready to be asked about."""

import functools
from dataclasses import dataclass
from typing import Any

from exchange.matching import solve
from exchange.matching.files import problem_from_json
from exchange.matching.plan import Plan
from exchange.matching.standing import Standing, standing_of
from tests.matching.oracle import with_accepted_lines
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_groups

Json = dict[str, Any]
Loan = tuple[str, str]
Placement = tuple[Any, ...]


@dataclass(frozen=True)
class InPlace:
    problem: Json
    plan: Plan
    standing: Standing

    @property
    def loans(self) -> frozenset[Loan]:
        return frozenset((line.volunteer, line.shift) for line in self.plan.loans)

    @property
    def placements(self) -> frozenset[Placement]:
        return frozenset((line.situation, line.block, line.offer, *line.segments) for line in self.plan.placements)

    @property
    def levels(self) -> tuple[int, int, int]:
        return self.plan.levels.critical, self.plan.levels.other, self.plan.levels.burden


def in_place(problem: Json) -> InPlace:
    parsed = problem_from_json(problem)
    plan = solve(parsed)
    return InPlace(problem, plan, standing_of(parsed, plan))


@functools.cache
def tiny_in_place(seed: int) -> InPlace:
    """Every third problem has accepted lines; every fourth has people to be kept together."""
    if seed % 4 == 1:
        return in_place(tiny_problem_with_groups(seed))
    problem = tiny_problem(seed)
    return in_place(with_accepted_lines(problem, loans=1, placements=1) if seed % 3 == 0 else problem)
