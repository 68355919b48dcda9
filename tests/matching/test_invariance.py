"""What must not change a plan: order, names, repetition."""

from random import Random
from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.files import problem_from_json
from exchange.matching.plan import Plan, PlanStatus
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]

LISTS_WHOSE_ORDER_HAS_A_MEANING = {"travel_min", "capacity", "extra_capacity", "ages"} | {
    "week_minutes_done",
    "past_week_minutes",
    "hours",
}


def _solve(problem: Json) -> Plan:
    return solve(problem_from_json(problem))


def shuffled(problem: Json, seed: int) -> Json:
    """The same problem with every unordered list in another order, travel times following their communes."""
    rng = Random(seed)

    def shuffle(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            items = [(name, shuffle(part, name)) for name, part in value.items()]
            rng.shuffle(items)
            return dict(items)
        if isinstance(value, list) and key not in LISTS_WHOSE_ORDER_HAS_A_MEANING:
            pairs = all(isinstance(part, list) for part in value)
            parts = list(value) if pairs else [shuffle(part, "") for part in value]
            rng.shuffle(parts)
            return parts
        return value

    mixed = {key: shuffle(value, key) for key, value in problem.items()}
    place = {commune["id"]: index for index, commune in enumerate(problem["communes"])}
    order = [place[commune["id"]] for commune in mixed["communes"]]
    mixed["travel_min"] = [[problem["travel_min"][row][column] for column in order] for row in order]
    return mixed


def renamed(problem: Json, seed: int) -> Json:
    """The same problem where every id is replaced, so that sorting by id gives another order."""
    rng = Random(seed)
    names: dict[str, str] = {}

    def name_of(old: str) -> str:
        return names.setdefault(old, f"{rng.randrange(10**9):09d}-{len(names)}")

    ids = [problem["id"], *(part["id"] for key in PARTS for part in problem[key])]
    ids += [shift["id"] for need in problem["needs"] for shift in need["shifts"]]
    ids += [block["id"] for situation in problem["situations"] for block in situation["blocks"]]
    ids += [part["id"] for key in ("rules", "zones") for part in problem.get(key, [])]
    ids += [situation["together"] for situation in problem["situations"] if "together" in situation]
    for old in dict.fromkeys(ids):
        name_of(old)

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rename(part) for key, part in value.items()}
        if isinstance(value, list):
            return [rename(part) for part in value]
        return names.get(value, value) if isinstance(value, str) else value

    kept = {key: problem[key] for key in ("format", "horizon_start")}
    return {**rename(problem), **kept}


PARTS = ("communes", "associations", "establishments", "volunteers", "needs", "offers", "situations")


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(20)), (100, 5), (101, 5), (102, 8)])
def test_shuffled_file_gives_the_same_plan(seed: int, scale: int) -> None:
    problem = tiny_problem(seed, scale)
    plan, other = _solve(problem), _solve(shuffled(problem, seed))
    assert shuffled(problem, seed) != problem
    assert other.digest == plan.digest
    assert (other.loans, other.placements, other.levels) == (plan.loans, plan.placements, plan.levels)
    assert (other.unmet, other.unlocks) == (plan.unmet, plan.unlocks)


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(20)), (100, 5), (101, 5), (102, 8)])
def test_renamed_ids_give_the_same_levels(seed: int, scale: int) -> None:
    problem = tiny_problem(seed, scale)
    plan, other = _solve(problem), _solve(renamed(problem, seed))
    assert plan.status is other.status is PlanStatus.PROVEN
    assert other.levels == plan.levels


def test_repeated_runs_give_the_same_plan() -> None:
    problem = tiny_problem(103, 6)
    assert len({_solve(problem).digest for _ in range(3)}) == 1
