"""A problem in which some kind of line is absent, or every kind, is solved like any other."""

from itertools import combinations
from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.checker import check
from exchange.matching.files import problem_from_json
from exchange.matching.plan_files import plan_to_json
from tests.matching.oracle import best_levels
from tests.matching.tiny_problems import tiny_problem_with_additions

Json = dict[str, Any]

KINDS = ("volunteers", "needs", "offers", "situations")
ABSENT = [absent for size in (1, 2, 4) for absent in combinations(KINDS, size)]


def _without(*absent: str) -> Json:
    problem = tiny_problem_with_additions(3004)
    for place in problem["offers"] if "needs" in absent else ():
        place |= {"requires": {}, "extra_capacity": [0] * len(place["extra_capacity"])}
    return {**problem, **{kind: [] for kind in absent}, "previous": {"loans": [], "placements": []}}


@pytest.mark.parametrize("absent", ABSENT, ids="-".join)
def test_a_problem_without_some_kind_of_line_reaches_the_levels_of_exhaustive_search(absent: tuple[str, ...]) -> None:
    problem = _without(*absent)
    plan = solve(problem_from_json(problem))
    assert (plan.levels.critical, plan.levels.other, plan.levels.burden) == best_levels(problem)
    assert check(problem, plan_to_json(plan)) == []


def test_somebody_who_asks_for_no_block_is_as_if_absent() -> None:
    problem = tiny_problem_with_additions(3004)
    idle = {**problem["situations"][0], "id": "zoe", "blocks": [], "incompatible_with": []}
    with_idle = {**problem, "situations": [*problem["situations"], idle]}
    plan = solve(problem_from_json(with_idle))
    assert plan.digest == solve(problem_from_json(problem)).digest
    assert check(with_idle, plan_to_json(plan)) == []
