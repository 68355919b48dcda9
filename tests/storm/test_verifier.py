"""The separate verifier sees what a history tells wrong, and knows nothing of the product nor of the players."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bench.storm
from bench.storm.verdicts.reading import read_history
from bench.storm.verify import judge

Line = dict[str, Any]
ROOM = Path(bench.storm.__file__).parent


def last_place(*changes: Callable[[list[Line]], None]) -> list[Line]:
    """Two want one place: one has it, the other is refused cleanly. Then what `changes` does to it."""
    clean = {"problem": True, "next_step": True, "replayed": False, "body": "", "id": None}
    asked = {"kind": "invoke", "round": 1, "client": 0, "act": "hold", "detail": {}, "at_us": 1}
    lines: list[Line] = [
        {"kind": "header", "figure": "F1", "seed": 1, "size": {"rounds": 1, "holds": 2}, "plant": None, "timed": True,
         "revision": "abc"},
        {**asked, "op": 1, "targets": ["s1", "o"]},
        {**asked, "op": 2, "targets": ["s2", "o"]},
        {"kind": "outcome", "op": 1, "outcome": "ok", "status": 200, "code": None, "detail": {}, "at_us": 3},
        {"kind": "outcome", "op": 2, "outcome": "fail", "status": 409, "code": "place-already-held", "detail": clean,
         "at_us": 4},
        {"kind": "measure", "name": "round_ms", "round": 1, "value": 100},
        {"kind": "stored", "table": "after_round_1", "row": {"segment": 7, "used": 1, "capacity": 1, "claimed": 1}},
        {"kind": "measure", "name": "deadlocks", "round": 0, "value": 0},
        {"kind": "end", "at_us": 5},
    ]  # fmt: skip
    for change in changes:
        change(lines)
    return lines


def written(lines: list[Line], folder: Path) -> Path:
    path = folder / "history.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def second_also_won(lines: list[Line]) -> None:
    lines[4].update(outcome="ok", status=200, code=None)


def refusal_without_next_step(lines: list[Line]) -> None:
    lines[4]["detail"]["next_step"] = False


def answer_lost(lines: list[Line]) -> None:
    del lines[4]


def one_too_many_stored(lines: list[Line]) -> None:
    lines[6]["row"].update(claimed=2)


def deadlocked(lines: list[Line]) -> None:
    lines[7]["value"] = 1


def slow(lines: list[Line]) -> None:
    lines[5]["value"] = 3_000


def cut_short(lines: list[Line]) -> None:
    lines.pop()


FAULTS = [
    second_also_won, refusal_without_next_step, answer_lost, one_too_many_stored, deadlocked, slow, cut_short,
]  # fmt: skip


def test_one_winner_and_one_clean_refusal_pass(tmp_path: Path) -> None:
    assert judge(read_history(written(last_place(), tmp_path))).faults == ()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_fault_in_a_history_is_seen(fault: Callable[[list[Line]], None], tmp_path: Path) -> None:
    assert judge(read_history(written(last_place(fault), tmp_path))).faults


NIGHT = {
    "first": "2026-03-28", "last": "2026-03-28", "halves": "night", "segments": "19163", "dates": "2026-03-28",
    "parts": "night", "starts": "1774724400", "ends": "1774764000", "exit_on": "2026-03-29",
}  # fmt: skip
OFF_BY_ONE = {
    "segments": "19164", "dates": "2026-03-29", "parts": "day", "starts": "1774728000", "ends": "1774767600",
    "exit_on": "2026-03-28",
}  # fmt: skip


@pytest.mark.parametrize("field", [None, *OFF_BY_ONE])
def test_each_off_by_one_of_the_short_night_is_seen(field: str | None, tmp_path: Path) -> None:
    row = dict(NIGHT) if field is None else {**NIGHT, field: OFF_BY_ONE[field]}
    header = {"kind": "header", "figure": "F7", "seed": 1, "size": {"ranges": 1}, "plant": None, "timed": False}
    lines = [{**header, "revision": ""}, {"kind": "stored", "table": "range", "row": row}, {"kind": "end", "at_us": 1}]
    assert bool(judge(read_history(written(lines, tmp_path))).faults) is (field is not None)


def test_verifier_runs_alone_and_tells_by_its_status(tmp_path: Path) -> None:
    for lines, status, word in ((last_place(), 0, "PASS"), (last_place(second_also_won), 1, "FAIL")):
        command = [sys.executable, "-m", "bench.storm.verify", str(written(lines, tmp_path))]
        told = subprocess.run(command, cwd=ROOM.parents[1], capture_output=True, text=True, check=False)
        assert (told.returncode, word in told.stdout) == (status, True), told.stdout


def test_verifier_imports_the_standard_library_alone() -> None:
    for path in (ROOM / "verify.py", *(ROOM / "verdicts").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.startswith("bench.storm.verdicts") or name.split(".")[0] in sys.stdlib_module_names, name
