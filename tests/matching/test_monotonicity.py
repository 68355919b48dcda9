"""More supply never worsens coverage, a stricter rule never improves it; both levels, critical strictly first."""

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.matching import solve
from exchange.matching.files import problem_from_json
from tests.matching.changes_of_supply import KINDS, MORE_SUPPLY, STRICTER, Change, drawn

Json = dict[str, Any]

repeatable = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
kinds = st.sampled_from(sorted(KINDS))
seeds = st.integers(0, 10_000)


def _coverage(problem: Json) -> tuple[int, int]:
    levels = solve(problem_from_json(problem)).levels
    return levels.critical, levels.other


def _changed(problem: Json, changes: dict[str, Change], names: list[str], seed: int) -> Json:
    changed = copy.deepcopy(problem)
    for name in names:
        changes[name](changed, Random(seed))
    return changed


@repeatable
@given(
    kind=kinds, seed=seeds, names=st.lists(st.sampled_from(sorted(MORE_SUPPLY)), min_size=1, max_size=4, unique=True)
)
def test_more_supply_never_worsens_coverage(kind: str, seed: int, names: list[str]) -> None:
    poorer = drawn(kind, seed)
    assert _coverage(_changed(poorer, MORE_SUPPLY, names, seed)) <= _coverage(poorer)


@repeatable
@given(kind=kinds, seed=seeds, names=st.lists(st.sampled_from(sorted(STRICTER)), min_size=1, max_size=3, unique=True))
def test_a_stricter_rule_never_improves_coverage(kind: str, seed: int, names: list[str]) -> None:
    freer = drawn(kind, seed)
    assert _coverage(_changed(freer, STRICTER, names, seed)) >= _coverage(freer)


# Where each change decides something: otherwise the properties above would hold of a model that ignores it.
HELPED: dict[str, tuple[str, int]] = {
    "one more volunteer": ("plain", 0),
    "one more offer": ("rules", 2062),
    "one more place": ("rules", 2062),
    "all ages": ("plain", 6),
    "all profiles": ("plain", 0),
    "all provisions": ("additions", 3010),
    "no zone": ("additions", 3008),
    "no hours": ("additions", 3005),
    "more travel for a person": ("rules", 2062),
    "no exclusion": ("plain", 27),
    "no needs": ("additions", 3014),
    "one more place per person": ("additions", 3026),
    "no incompatibility": ("plain", 2),
    "nobody kept together": ("groups", 1000),
    "always available": ("additions", 3018),
    "one more availability": ("additions", 3018),
    "no own shift": ("plain", 16),
    "a rested week": ("rules", 2071),
    "rested weeks before": ("rules", 2094),
    "more loan minutes": ("plain", 10),
    "more travel for a volunteer": ("plain", 27),
    "a derogation": ("groups", 1054),
    "all qualifications": ("additions", 3005),
    "all bassins": ("plain", 1),
    "consent": ("groups", 1019),
    "ready earlier": ("additions", 3053),
    "moves inside": ("plain", 2),
    "one more of the host's own": ("additions", 3021),
    "blocks may be cut": ("plain", 3),
    "no lending cap": ("rules", 2060),
}
HARMED: dict[str, tuple[str, int]] = {
    "rest": ("rules", 2131),
    "week": ("rules", 2080),
    "shift length": ("rules", 2064),
    "night length": ("plain", 2),
    "nights begin later": ("plain", 2),
    "weekly rest": ("rules", 2064),
    "days in a row": ("rules", 2074),
    "average": ("rules", 2064),
    "all but one house excluded": ("additions", 3000),
    "one more incompatibility": ("additions", 3054),
    "one more need": ("plain", 0),
    "one place fewer per person": ("plain", 1),
    "less travel for a person": ("rules", 2060),
    "less travel for a volunteer": ("additions", 3011),
    "the whole segment asked": ("additions", 3011),
    "one place fewer": ("rules", 2060),
    "one more seat asked": ("rules", 2060),
    "one more permanent asked": ("additions", 3004),
    "no block cut": ("cuts", 0),
    "one more lending cap": ("plain", 1),
    "a fuller week": ("plain", 15),
    "ready later": ("plain", 15),
    "no own time freed": ("additions", 3004),
    "one more own shift": ("plain", 15),
}


@pytest.mark.parametrize("name", MORE_SUPPLY)
def test_each_kind_of_supply_helps_some_problem(name: str) -> None:
    kind, seed = HELPED[name]
    poorer = drawn(kind, seed)
    assert _coverage(_changed(poorer, MORE_SUPPLY, [name], seed)) < _coverage(poorer)


@pytest.mark.parametrize("name", STRICTER)
def test_each_stricter_rule_harms_some_problem(name: str) -> None:
    kind, seed = HARMED[name]
    freer = drawn(kind, seed)
    assert _coverage(_changed(freer, STRICTER, [name], seed)) > _coverage(freer)
