"""Every rival of the benchmark plays by the rules, and the peer solver solves what it is given."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from ortools.sat.python import cp_model

from bench.evaluator import judge
from bench.naive import solve_naively
from bench.processes import JobFailed, run_highs, run_job
from bench.runs import Contender, run_contender
from exchange.matching import solve
from exchange.matching.checker import check
from exchange.matching.files import problem_from_json, write_problem
from exchange.matching.generate import generate_named
from tests.bench.rounds import territory
from tests.matching.hand_made import plan


@pytest.mark.parametrize("seed", range(6))
def test_naive_model_proves_on_tiny_territories_the_levels_that_ours_proves(seed: int) -> None:
    problem = territory("tiny", seed)
    naive = solve_naively(problem, wall_seconds=30)
    assert naive.proven
    assert check(problem, plan(problem, list(naive.loans), list(naive.placements))) == []
    judgement = judge(problem, naive.loans, naive.placements)
    ours = solve(problem_from_json(problem)).levels
    assert (judgement.critical, judgement.other, judgement.burden) == (ours.critical, ours.other, ours.burden)


@pytest.mark.parametrize("shape", ["coupled", "incompatible", "composed"])
def test_naive_model_breaks_no_rule_when_the_clock_stops_it(shape: str) -> None:
    problem = territory(shape, 2)
    naive = solve_naively(problem, wall_seconds=3)
    assert judge(problem, naive.loans, naive.placements).breaches == ()


@pytest.mark.parametrize("contender", [Contender.OURS, Contender.CALLS, Contender.URGENCY])
def test_a_contender_answers_from_a_process_of_its_own_and_is_judged(contender: Contender, tmp_path: Path) -> None:
    write_problem(tmp_path / "p.json", generate_named(1, "tiny"))
    run = run_contender(contender, tmp_path / "p.json")
    assert run.breaches == ()
    assert run.proven == (contender is Contender.OURS)
    assert run.peak_mb > 10


def matrix_of(seed: int, path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write a small covering problem with bounds on both sides; returns dense rows, their lower and upper bounds."""
    rng = Random(seed)
    dense = np.array([[rng.choice([0, 0, 1, 2, 3]) for _ in range(9)] for _ in range(6)])
    lower = np.array([rng.randint(1, 4) if row.any() else 0 for row in dense])
    upper = lower + 12
    starts = np.cumsum([0, *(np.count_nonzero(row) for row in dense)])
    cost = np.array([rng.randint(1, 20) for _ in range(9)])
    np.savez(
        path,
        cost=cost,
        lower=np.zeros(9, dtype=np.int64),
        upper=np.full(9, 2),
        starts=starts,
        columns=np.nonzero(dense)[1],
        values=dense[np.nonzero(dense)],
        row_lower=lower,
        row_upper=upper.astype(float),
        offset=np.array(7),
        multiplier=np.array(100),
    )
    return np.vstack([cost, dense]), lower, upper


@pytest.mark.parametrize("seed", range(4))
def test_highs_finds_the_optimum_of_cp_sat_on_the_same_matrix(seed: int, tmp_path: Path) -> None:
    rows, lower, upper = matrix_of(seed, tmp_path / "m.npz")
    model = cp_model.CpModel()
    columns = [model.new_int_var(0, 2, "") for _ in range(9)]
    for row, least, most in zip(rows[1:], lower, upper, strict=True):
        model.add_linear_constraint(cp_model.LinearExpr.weighted_sum(columns, row.tolist()), int(least), int(most))
    model.minimize(cp_model.LinearExpr.weighted_sum(columns, rows[0].tolist()))
    solver = cp_model.CpSolver()
    assert solver.solve(model) == cp_model.OPTIMAL
    answer = run_highs(tmp_path / "m.npz", 20, 60)
    assert answer["proven"]
    assert round(answer["objective"]) == round(solver.objective_value) + 7
    assert answer["multiplier"] == 100


def test_a_matrix_without_any_solution_is_told_as_a_fault(tmp_path: Path) -> None:
    matrix_of(0, tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        closed = {**arrays, "upper": np.zeros(9)}
    np.savez(tmp_path / "m.npz", **closed)
    with pytest.raises(JobFailed, match=r"m\.npz n'admet aucune solution"):
        run_highs(tmp_path / "m.npz", 20, 60)


def test_a_process_beyond_its_deadline_is_stopped_and_told(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="arrêté après"):
        run_job("batch", 0.2, seeds=[1, 2, 3], bassins=1)


def test_a_process_that_fails_is_told_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"ours : le processus a rendu le code 1 .*absent\.json"):
        run_job("ours", 60, problem=str(tmp_path / "absent.json"))


def test_a_batch_solves_each_territory_and_tells_its_status() -> None:
    answer = run_job("batch", 100, seeds=[1], bassins=1)
    assert [(one["seed"], one["status"]) for one in answer["results"]] == [(1, "proven")]


def test_explanations_are_timed_item_by_item(tmp_path: Path) -> None:
    write_problem(tmp_path / "p.json", generate_named(1, "bassin"))
    plan = run_contender(Contender.OURS, tmp_path / "p.json").plan
    lacking = {item.get("need", item.get("situation")) for item in plan["unmet"]}
    answer = run_job("explain", 60, problem=str(tmp_path / "p.json"), plan=plan)
    assert len(answer["seconds"]) == min(len(lacking), 4) > 0
    with pytest.raises(JobFailed, match="unmet"):
        run_job("explain", 60, problem=str(tmp_path / "p.json"), plan={**plan, "unmet": 3})
