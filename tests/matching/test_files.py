"""Files: nothing lost between the dataclasses and JSON; a run replayed from files says what it did."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.matching import FileRefused, ProblemInvalid, solve
from exchange.matching.checker import Code
from exchange.matching.files import problem_from_json, problem_to_json, read_problem, write_problem
from exchange.matching.json_values import read_document
from exchange.matching.plan_files import plan_from_json, plan_to_json, write_plan
from exchange.planning.replay import check_files, match_file
from tests.matching import hand_made
from tests.matching.tiny_problems import tiny_problem


@pytest.mark.parametrize("seed", range(10))
def test_problem_survives_the_round_trip(seed: int, tmp_path: Path) -> None:
    document = tiny_problem(seed)
    problem = problem_from_json(document)
    write_problem(tmp_path / "problem.json", problem)
    assert read_problem(tmp_path / "problem.json") == problem
    assert problem_to_json(problem) == document


def test_accepted_and_open_lines_survive_the_round_trip() -> None:
    lines = {
        "loans": [{"volunteer": "good", "shift": "day"}],
        "placements": [{"situation": "ana", "block": "monday", "offer": "fine"}],
    }
    document = {**hand_made.problem(), "frozen": lines, "previous": lines}
    assert problem_to_json(problem_from_json(document)) == document


def test_keys_that_enter_no_rule_keep_their_value() -> None:
    document = hand_made.problem()
    document["establishments"][0]["public"] = ["enfants", "adultes"]
    document["offers"][0]["kind"] = None
    document["needs"][0]["created"] = 20_260_227
    assert problem_to_json(problem_from_json(document)) == document


def test_format_may_be_left_out() -> None:
    document = hand_made.problem()
    del document["format"]
    assert problem_from_json(document) == problem_from_json(hand_made.problem())


def test_plan_survives_the_round_trip(tmp_path: Path) -> None:
    plan = solve(problem_from_json(hand_made.problem()))
    write_plan(tmp_path / "plan.json", plan)
    assert plan_from_json(read_document(tmp_path / "plan.json")) == plan


def test_plan_file_has_exactly_the_keys_of_the_format() -> None:
    document = plan_to_json(solve(problem_from_json({**hand_made.problem(), "volunteers": [], "offers": []})))
    lines_and_values = {"loans", "placements", "levels", "bounds", "unmet", "unlocks", "digest"}
    assert set(document) == {"format", "problem", "status", "solver"} | lines_and_values
    unmet = document["unmet"]
    assert isinstance(unmet, list)
    assert {frozenset(item) for item in unmet} == {
        frozenset({"situation", "block", "missing", "reasons", "relaxations"}),
        frozenset({"need", "shift", "missing", "reasons", "relaxations"}),
    }


def test_matched_file_passes_the_check_and_a_tampered_one_does_not(tmp_path: Path) -> None:
    problem, out = tmp_path / "problem.json", tmp_path / "plan.json"
    problem.write_text(json.dumps(hand_made.problem()), encoding="utf-8")
    summary = match_file(problem, out)
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert (summary.loans, summary.placements) == (len(plan["loans"]), len(plan["placements"]))
    assert (summary.digest, summary.unmet, summary.replayable) == (plan["digest"], len(plan["unmet"]), True)
    assert check_files(problem, out) == []
    plan["levels"]["burden"] -= 1
    out.write_text(json.dumps(plan), encoding="utf-8")
    assert {violation.code for violation in check_files(problem, out)} == {Code.BURDEN, Code.BOUNDS}


def test_invalid_problem_writes_no_plan(tmp_path: Path) -> None:
    document = hand_made.problem()
    document["offers"][0]["capacity"][4] = -1
    (tmp_path / "problem.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ProblemInvalid, match=r"offers\[0\]\.capacity\[4\] : une capacité ne peut pas être négative"):
        match_file(tmp_path / "problem.json", tmp_path / "plan.json")
    assert not (tmp_path / "plan.json").exists()


def test_plan_file_that_is_not_a_plan_is_refused_or_judged_malformed(tmp_path: Path) -> None:
    problem, plan = tmp_path / "problem.json", tmp_path / "plan.json"
    problem.write_text(json.dumps(hand_made.problem()), encoding="utf-8")
    plan.write_text("[]", encoding="utf-8")
    with pytest.raises(ProblemInvalid, match="objet"):
        check_files(problem, plan)
    plan.write_text("{}", encoding="utf-8")
    assert {violation.code for violation in check_files(problem, plan)} == {Code.PLAN_MALFORMED}
    with pytest.raises(FileRefused):
        check_files(problem, tmp_path / "absent.json")


def test_reading_and_judging_files_does_not_load_the_solver() -> None:
    script = "import sys, exchange.planning.replay; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_plan_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "problem.json").write_text(json.dumps(hand_made.problem()), encoding="utf-8")
    with pytest.raises(FileRefused, match="ne s'écrit pas"):
        match_file(tmp_path / "problem.json", tmp_path / "absent" / "plan.json")
