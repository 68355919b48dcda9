"""Any single damage to a document is refused by name, judged, or harmless: it never surprises."""

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from exchange.matching import ProblemInvalid, solve
from exchange.matching.checker import Code, check
from exchange.matching.files import problem_from_json
from exchange.matching.plan_files import plan_from_json, plan_to_json
from tests.matching import hand_made

JUNK: list[Any] = [None, True, 0, -1, 1.5, "", "x", [], {}, [[]], [None], {"a": 1}, 10**30, "\ud800", float("nan")]
LINES = {
    "loans": [{"volunteer": "good", "shift": "day"}],
    "placements": [{"situation": "ana", "block": "monday", "offer": "fine"}],
}
PROBLEM = {**hand_made.problem(), "frozen": LINES, "previous": LINES}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in members:
        yield from _paths(part, (*path, key))


def _damaged(document: dict[str, Any], rng: Random) -> dict[str, Any]:
    damaged = copy.deepcopy(document)
    *way, last = rng.choice(list(_paths(document)))
    at: Any = damaged
    for step in way:
        at = at[step]
    if rng.random() < 0.15:
        del at[last]
    else:
        at[last] = rng.choice(JUNK)
    return damaged


@pytest.mark.parametrize("seed", range(10))
def test_damaged_problem_is_refused_with_a_key_or_still_solved(seed: int) -> None:
    rng = Random(seed)
    refused = 0
    for _ in range(60):
        damaged = _damaged(PROBLEM, rng)
        try:
            solve(problem_from_json(damaged))
        except ProblemInvalid as refusal:
            refused += bool(refusal.key)
    assert refused > 30


@pytest.mark.parametrize("seed", range(10))
def test_damaged_plan_is_judged_and_read_without_surprise(seed: int) -> None:
    rng = Random(seed)
    plan = plan_to_json(solve(problem_from_json(PROBLEM)))
    judged = refused = 0
    for _ in range(100):
        damaged = _damaged(plan, rng)
        found = check(PROBLEM, damaged)
        judged += bool(found)
        try:
            plan_from_json(damaged)
            assert Code.PLAN_MALFORMED not in {one.code for one in found}
        except ProblemInvalid as refusal:
            refused += bool(refusal.key)
    assert judged > 20
    assert refused > 20
