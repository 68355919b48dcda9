"""On fifty tiny problems the plan reaches the three levels that exhaustive search proves to be the least."""

import functools
from typing import Any

import pytest

from exchange.matching import columns, least, solve, stages
from exchange.matching.checker import check
from exchange.matching.files import problem_from_json
from exchange.matching.plan import Plan, PlanStatus
from exchange.matching.plan_files import plan_to_json
from tests.matching.oracle import EVERY_RULE, best_levels, with_accepted_lines
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]

SEEDS = range(50)


@functools.cache
def problem_of(seed: int) -> Json:
    problem = tiny_problem(seed)
    return with_accepted_lines(problem, loans=seed % 2, placements=1 + seed % 2) if seed % 3 == 0 else problem


@functools.cache
def least_levels(seed: int) -> tuple[int, int, int]:
    levels = best_levels(problem_of(seed))
    assert levels is not None
    return levels


def _levels(plan: Plan) -> tuple[int, int, int]:
    return plan.levels.critical, plan.levels.other, plan.levels.burden


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_reaches_the_levels_of_exhaustive_search(seed: int) -> None:
    plan = solve(problem_from_json(problem_of(seed)))
    assert _levels(plan) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN
    assert plan.bounds == plan.levels
    assert check(problem_of(seed), plan_to_json(plan)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_single_shifts_instead_of_patterns_reach_the_same_levels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MOST_PATTERNS_PER_PAIR", 1)
    assert _levels(solve(problem_from_json(problem_of(seed)))) == least_levels(seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("most", [0, 5, 20])
def test_fewer_patterns_where_they_would_be_too_many_reach_the_same_levels(
    seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "MOST_COLUMNS", most)
    assert _levels(solve(problem_from_json(problem_of(seed)))) == least_levels(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_guided_by_the_relaxation_alone_proves_the_same_levels(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(least, "_WIDE", 0)
    monkeypatch.setattr(least, "_DIRECT_SHARE", 0.0)
    monkeypatch.setattr(least, "_FIRST_SHARE", 0.0)
    plan = solve(problem_from_json(problem_of(seed)))
    assert _levels(plan) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_levels_solved_in_turn_reach_the_same_levels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "LARGEST_JOINT_OBJECTIVE", 0)
    plan = solve(problem_from_json(problem_of(seed)))
    assert _levels(plan) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_some_problem_would_have_other_levels_without_the_rule(rule: str) -> None:
    """Otherwise the comparison above would not notice that the model forgot it."""
    assert any(best_levels(problem_of(seed), without=rule) != least_levels(seed) for seed in SEEDS)


def test_the_problems_meet_every_feature_of_the_format() -> None:
    problems = [problem_of(seed) for seed in SEEDS]
    plans = [solve(problem_from_json(problem)) for problem in problems]
    met = {
        "several weeks": any(problem["days"] > 14 for problem in problems),
        "accepted loans": any(problem.get("frozen", {}).get("loans") for problem in problems),
        "accepted placements": any(problem.get("frozen", {}).get("placements") for problem in problems),
        "open proposals": any(problem.get("previous", {}).get("loans") for problem in problems),
        "places opened by a loan": any(plan.unlocks for plan in plans),
        "several shifts opening one place": any(
            len(required) > 1 for p in problems for offer in p["offers"] for required in offer["requires"].values()
        ),
        "several blocks of one person": any(len(s["blocks"]) > 1 for p in problems for s in p["situations"]),
        "several seats of one shift": any(
            s["headcount"] > 1 for p in problems for need in p["needs"] for s in need["shifts"]
        ),
    }
    assert [feature for feature, is_met in met.items() if not is_met] == []
