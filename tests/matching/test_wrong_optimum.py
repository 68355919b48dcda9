"""OR-Tools 9.15 may certify a wrong optimum (google/or-tools issue 5293): no model of ours goes near the fault.

It is an overflow of 32 bits in presolve, on rows enforced by a literal whose coefficients add up to more than 2**31.
"""

import functools
from typing import Any

import numpy as np
import pytest

from exchange.matching import Limits, Problem, solve, stages
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.formulation import Formulation, burden_formulation, coverage_formulation
from exchange.matching.frozen import accepted_lines
from exchange.matching.generate import SHAPES, generate
from exchange.matching.limits import Spending
from exchange.matching.objective import levels_of
from exchange.matching.search import search
from exchange.matching.stages import NOTHING_OPEN
from exchange.matching.tables import tabulate
from tests.matching.oracle import best_levels
from tests.matching.recorded_solves import Handed, recorded
from tests.matching.tiny_problems import (
    tiny_problem,
    tiny_problem_with_additions,
    tiny_problem_with_groups,
    tiny_problem_with_rules,
)

Json = dict[str, Any]

FAULTY_FROM = 2**31
# Enough for every search of a solve to be handed over, and for each to end at once.
A_GLANCE = Limits(deterministic_time=0.05)
MANY = 10_000


def _many_seats(seed: int, scale: int) -> Json:
    """Two levels that do not fit one sum of 32 bits, though each fits one of its own."""
    problem = tiny_problem(seed, scale)
    for need in problem["needs"]:
        need["coupled"] = False
        for rank in range(3):
            start = (rank + 1) * 1440
            need["shifts"].append({"id": f"{need['id']}x{rank}", "start": start, "end": start + 600, "headcount": MANY})
    for rank, need in enumerate(problem["needs"]):
        need["urgency"] = 4 if rank % 2 else 1
    return problem


TERRITORIES: dict[str, Problem] = {
    **{name: generate(5, shape) for name, shape in SHAPES.items()},
    "rule sets": problem_from_json(tiny_problem_with_rules(2087, 6)),
    "groups": problem_from_json(tiny_problem_with_groups(1002, 8)),
    "additions": problem_from_json(tiny_problem_with_additions(3000, 8)),
    "open proposals": problem_from_json(tiny_problem(8, 8)),
    "many seats": problem_from_json(_many_seats(102, 6)),
}


@functools.cache
def handed_over(name: str) -> tuple[Handed, ...]:
    with recorded() as handed:
        solve(TERRITORIES[name], A_GLANCE)
    return tuple(handed)


def _bounds(model: Any) -> list[int]:
    return [max(abs(end) for end in variable.domain) for variable in model.variables]


def _most(variables: Any, coefficients: Any, bounds: list[int]) -> int:
    return sum(abs(value) * bounds[column] for column, value in zip(variables, coefficients, strict=True))


def _most_of_objective(handed: Handed) -> int:
    objective = handed.model.objective
    return _most(objective.vars, objective.coeffs, _bounds(handed.model))


@pytest.mark.parametrize("name", TERRITORIES)
def test_no_row_handed_over_is_enforced_by_a_literal(name: str) -> None:
    rows = [row for one in handed_over(name) for row in one.model.constraints]
    assert rows
    assert not [row for row in rows if len(row.enforcement_literal)]
    assert all(row.has_linear() for row in rows)


@pytest.mark.parametrize("name", TERRITORIES)
def test_no_row_and_no_objective_handed_over_can_pass_32_bits(name: str) -> None:
    for one in handed_over(name):
        bounds = _bounds(one.model)
        rows = (_most(row.linear.vars, row.linear.coeffs, bounds) for row in one.model.constraints)
        assert max(rows) < FAULTY_FROM
        assert _most_of_objective(one) < FAULTY_FROM


@pytest.mark.parametrize("name", TERRITORIES)
def test_presolve_is_kept_away_from_inclusions(name: str) -> None:
    assert {one.parameters.presolve_inclusion_work_limit for one in handed_over(name)} == {0}


def _formulations(problem: Problem) -> tuple[Formulation, Formulation]:
    tables = tabulate(problem)
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    return (
        coverage_formulation(tables, eligibility, fixed),
        burden_formulation(tables, eligibility, fixed, NOTHING_OPEN),
    )


@pytest.mark.parametrize("name", TERRITORIES)
def test_no_row_and_no_level_of_either_stage_can_pass_32_bits(name: str) -> None:
    """Whatever the time left for them: a department in a hurry hands over its coverage alone."""
    for formulation in _formulations(TERRITORIES[name]):
        programme = formulation.programme
        reach = np.maximum(np.abs(programme.lower), np.abs(programme.upper))
        rows = np.zeros(programme.height, dtype=np.int64)
        np.add.at(rows, programme.row_of_entries(), np.abs(programme.values) * reach[programme.columns])
        assert rows.max() < FAULTY_FROM
        # A level is an objective, then a row over the levels that come after it.
        for costs in (formulation.critical, formulation.other, formulation.burden):
            assert int((np.abs(costs.per_column) * reach).sum()) < FAULTY_FROM


def test_two_levels_too_large_for_one_sum_are_handed_over_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = TERRITORIES["many seats"]
    coverage, _ = _formulations(problem)
    both, _ = coverage.critical.before(coverage.other, coverage.programme.upper)
    assert both.most(coverage.programme.upper) >= FAULTY_FROM
    assert all(_most_of_objective(one) < FAULTY_FROM for one in handed_over("many seats"))
    monkeypatch.setattr(stages, "LARGEST_JOINT_OBJECTIVE", 2**62)
    with recorded() as handed:
        solve(problem, A_GLANCE)
    assert any(_most_of_objective(one) >= FAULTY_FROM for one in handed)


@pytest.mark.parametrize("seed", range(12))
def test_what_the_solver_reports_is_what_the_lines_count_and_what_exhaustive_search_finds(seed: int) -> None:
    problem = tiny_problem(seed)
    problem.pop("previous", None)
    tables = tabulate(problem_from_json(problem))
    expected = best_levels(problem)
    coverage, burden = _formulations(tables.problem)
    assert expected is not None
    both, multiplier = coverage.critical.before(coverage.other, coverage.programme.upper)
    under = burden.programme.with_row(burden.critical.per_column, expected[0] - burden.critical.constant)
    under = under.with_row(burden.other.per_column, expected[1] - burden.other.constant)
    for formulation, programme, costs in ((coverage, coverage.programme, both), (burden, under, burden.burden)):
        with recorded() as handed:
            found = search(programme, costs, Spending(Limits()))
        assert found.point is not None
        (only,) = handed
        assert only.objective is not None
        counted = levels_of(tables, *formulation.lines(found.point), NOTHING_OPEN)
        reported = round(only.objective) + costs.constant
        if costs is both:
            assert divmod(reported, multiplier) == (counted.critical, counted.other) == expected[:2]
        else:
            assert (counted.critical, counted.other, reported) == expected
            assert reported == counted.burden
