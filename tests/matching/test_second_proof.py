"""HiGHS, in a process of its own, proves the coverage optimum that our plans reach: another solver, the same matrix.

OR-Tools and HiGHS cannot share a process (google/or-tools issue 5246).
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.processes import run_highs
from exchange.matching import Problem, coverage_matrix_of, loans, placements, solve
from exchange.matching.files import problem_from_json
from exchange.matching.generate import SHAPES, generate
from exchange.matching.loan_rest import few_days_in_a_row, free_period_each_week
from exchange.matching.plan import PlanStatus
from tests.matching.tiny_problems import (
    tiny_problem_with_additions,
    tiny_problem_with_groups,
    tiny_problem_with_rules,
)

TERRITORIES: dict[str, Callable[[], Problem]] = {
    "tiny": lambda: generate(2, SHAPES["tiny"]),
    **{
        name: functools.partial(generate, 4, replace(SHAPES[name], volunteers=70, needs=18, situations=20, offers=28))
        for name in ("bassin", "coupled", "incompatible", "composed", "long-needs", "dense", "two-bassins")
    },
    "chains": lambda: generate(3, SHAPES["chains"]),
    "groups": lambda: problem_from_json(tiny_problem_with_groups(1010, 3)),
    "additions": lambda: problem_from_json(tiny_problem_with_additions(3000, 6)),
    "week-full": lambda: problem_from_json(tiny_problem_with_rules(2071, 2)),
    "average": lambda: problem_from_json(tiny_problem_with_rules(2087, 2)),
    "weekly-rest": lambda: problem_from_json(tiny_problem_with_rules(2026, 2)),
}

# A territory whose optimum rests on each rule of coverage.
OF_COVERAGE: dict[Callable[..., None], str] = {
    loans.seats_taken_or_missing: "bassin",
    loans.full_only_where_nobody_is_missing: "composed",
    loans.rest_between_loans: "incompatible",
    loans.week_minutes_within_law: "week-full",
    loans.averages_within_law: "average",
    loans.loan_minutes_within_ceiling: "bassin",
    loans.lenders_keep_their_floor: "incompatible",
    free_period_each_week: "weekly-rest",
    few_days_in_a_row: "average",
    placements.one_offer_or_uncovered: "bassin",
    placements.whole_only_if_every_block_is_served: "bassin",
    placements.offer_that_serves_is_a_place: "composed",
    placements.places_within_ceiling: "composed",
    placements.capacity_of_each_segment: "coupled",
    placements.incompatible_persons_stay_apart: "groups",
    placements.persons_kept_together_share_one_establishment: "groups",
}


def _named(rule: Callable[..., None]) -> str:
    return rule.__name__


@functools.cache
def territory(name: str) -> Problem:
    return TERRITORIES[name]()


def _proven_by_highs(problem: Problem, path: Path) -> tuple[int, int]:
    """Critical and other, as the second solver proves them."""
    arrays: dict[str, Any] = {**coverage_matrix_of(problem)}
    np.savez(path, **arrays)
    answer = run_highs(path, solver_seconds=60, deadline_seconds=90)
    assert answer["proven"]
    critical, other = divmod(round(answer["objective"]), int(answer["multiplier"]))
    return critical, other


@pytest.mark.parametrize("name", TERRITORIES)
def test_another_solver_proves_the_coverage_of_our_plan(name: str, tmp_path: Path) -> None:
    plan = solve(territory(name))
    assert plan.status is PlanStatus.PROVEN
    proven = _proven_by_highs(territory(name), tmp_path / "matrix.npz")
    assert proven == (plan.levels.critical, plan.levels.other) == (plan.bounds.critical, plan.bounds.other)


def _forget(rule: Callable[..., None], patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loans, "LOAN_ROWS", tuple(one for one in loans.LOAN_ROWS if one is not rule))
    patch.setattr(placements, "PLACEMENT_ROWS", tuple(one for one in placements.PLACEMENT_ROWS if one is not rule))


@pytest.mark.parametrize("rule", OF_COVERAGE, ids=_named)
def test_the_matrix_without_one_rule_has_another_optimum(
    rule: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Otherwise the equality above would hold of a matrix that forgets it."""
    problem = territory(OF_COVERAGE[rule])
    ours = solve(problem).levels
    _forget(rule, monkeypatch)
    assert _proven_by_highs(problem, tmp_path / "matrix.npz") < (ours.critical, ours.other)


EVERY_RULE: set[Callable[..., None]] = {*loans.LOAN_ROWS, *placements.PLACEMENT_ROWS}
BURDEN_ALONE = [rule for rule in EVERY_RULE if rule not in OF_COVERAGE]


@pytest.mark.parametrize("rule", sorted(BURDEN_ALONE, key=_named), ids=_named)
@pytest.mark.parametrize("name", TERRITORIES)
def test_a_rule_of_the_burden_alone_writes_no_row_of_coverage(
    rule: Callable[..., None], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = coverage_matrix_of(territory(name))
    _forget(rule, monkeypatch)
    left = coverage_matrix_of(territory(name))
    assert all(np.array_equal(left[key], whole[key]) for key in whole)
