"""Optional keys of a problem file: what each changes, and that a file without them means what it always meant."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.checker import check
from exchange.matching.explain import why_not_loan
from exchange.matching.files import problem_from_json, problem_to_json
from exchange.matching.loan_rules import LoanRefusal
from exchange.matching.plan import PlanStatus
from exchange.matching.plan_files import plan_to_json
from exchange.matching.tables import tabulate
from tests.matching import hand_made
from tests.matching.agreement import judge_loans_alike, judge_places_alike
from tests.matching.hand_made import volunteer
from tests.matching.oracle import ADDED_RULES, best_levels
from tests.matching.test_invariance import renamed, shuffled
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_additions, tiny_problem_with_rules

Json = dict[str, Any]

SEEDS = range(3000, 3060)


@functools.cache
def least_levels(seed: int) -> tuple[int, int, int]:
    levels = best_levels(tiny_problem_with_additions(seed))
    assert levels is not None
    return levels


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_with_additions_reaches_the_levels_of_exhaustive_search(seed: int) -> None:
    document = tiny_problem_with_additions(seed)
    plan = solve(problem_from_json(document))
    assert (plan.levels.critical, plan.levels.other, plan.levels.burden) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN
    assert check(document, plan_to_json(plan)) == []


@pytest.mark.parametrize("made", [tiny_problem_with_additions, tiny_problem_with_rules])
@pytest.mark.parametrize("seed", range(3000, 3020))
def test_order_and_names_change_nothing_with_additions(seed: int, made: Callable[[int], Json]) -> None:
    document = made(seed)
    plan, other, named = (
        solve(problem_from_json(one)) for one in (document, shuffled(document, seed), renamed(document, seed))
    )
    assert (other.digest, other.levels, other.unmet) == (plan.digest, plan.levels, plan.unmet)
    assert plan.status is named.status is PlanStatus.PROVEN
    assert named.levels == plan.levels


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_and_the_checker_agree_with_the_exhaustive_search_on_additions(seed: int) -> None:
    document = {**tiny_problem_with_additions(seed), "previous": {}}
    judge_loans_alike(document, seed)
    judge_places_alike(document)


@pytest.mark.parametrize("rule", ADDED_RULES)
def test_some_problem_would_have_other_levels_without_the_addition(rule: str) -> None:
    """Otherwise a comparison with exhaustive search would not notice that the model forgot it."""
    assert any(best_levels(tiny_problem_with_additions(seed), without=rule) != least_levels(seed) for seed in SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_alone_costs_what_the_exhaustive_search_and_the_checker_count(seed: int) -> None:
    document = tiny_problem_with_additions(seed)
    document.pop("previous", None)
    tables = tabulate(problem_from_json(document))
    for shift, column in tables.shift_index.items():
        need = int(tables.shift_need[column])
        for person, who in tables.volunteer_index.items():
            plan = hand_made.plan(document, [(person, shift)], [])
            price = int(tables.loan_price[who, column]) + int(tables.person_price[who, need])
            assert plan["levels"]["burden"] == price
            assert "level-burden" not in _codes(document, plan)
    for (situation, block), row in tables.block_index.items():
        for offer, column in tables.offer_index.items():
            plan = hand_made.plan(document, [], [(situation, block, offer)])
            assert plan["levels"]["burden"] == 150 + int(tables.placement_price[row, column])
            assert "level-burden" not in _codes(document, plan)


def _codes(document: Json, plan: Json) -> set[str]:
    return {violation.code.value for violation in check(document, plan)}


def test_additions_survive_the_round_trip() -> None:
    for seed in SEEDS:
        document = tiny_problem_with_additions(seed)
        assert problem_to_json(problem_from_json(document)) == document


def _refused(person: Json, **changes: object) -> tuple[LoanRefusal, ...]:
    problem = {**hand_made.problem(), "volunteers": [person], **changes}
    return why_not_loan(problem_from_json(problem), "day")[person["id"]]


def test_a_move_inside_the_association_takes_the_word_of_the_person_and_another_establishment() -> None:
    same = {"association": "host", "establishment": "other-house"}
    assert _refused(volunteer("v", **same)) == (LoanRefusal.SAME_EMPLOYER,)
    assert _refused(volunteer("v", **same, internal_moves=True)) == ()
    at_home = {**same, "establishment": "host-house", "internal_moves": True}
    assert _refused(volunteer("v", **at_home)) == (LoanRefusal.SAME_EMPLOYER,)


def test_a_move_inside_the_association_needs_no_file() -> None:
    late = {"ready_from": 10**6, "internal_moves": True}
    assert _refused(volunteer("v", **late)) == (LoanRefusal.FILE_NOT_READY,)
    assert _refused(volunteer("v", **late, association="host", establishment="other-house")) == ()


def test_nobody_is_lent_where_the_host_has_too_few_of_its_own() -> None:
    needs = hand_made.problem()["needs"]
    needs[0]["shifts"][0] |= {"permanent_staff": 1, "min_permanent_staff": 1}
    assert _refused(volunteer("v"), needs=needs) == ()
    needs[0]["shifts"][0]["min_permanent_staff"] = 2
    assert _refused(volunteer("v"), needs=needs) == (LoanRefusal.PERMANENT_STAFF,)


def test_an_internal_move_is_found_and_its_lender_pays_no_fairness() -> None:
    problem = hand_made.problem()
    mover = volunteer("v", association="host", establishment="other-house", internal_moves=True)
    problem |= {"volunteers": [mover], "offers": [], "situations": []}
    problem["associations"][0]["ledger_hours"] = 140
    plan = solve(problem_from_json(problem))
    assert [line.shift for line in plan.loans] == ["day"]
    assert plan.levels.burden == 90 + 2 * 2


EMPTY: Json = {"rules": [], "prices": {}, "zones": []}
EMPTY_PARTS: dict[str, Json] = {
    "establishments": {"rules": None},
    "volunteers": {"rules": None, "past_week_minutes": [], "internal_moves": False, "ready_from": None, "released": []},
    "offers": {
        "scarcity_price": 0,
        "provides": [],
        "provides_at": {},
        "without_bed": False,
        "zone": None,
        "hours": None,
    },
    "situations": {"needs": [], "needs_by_night": None, "needs_by_day": []},
}


@pytest.mark.parametrize("seed", range(20))
def test_empty_additions_change_neither_plan_nor_levels(seed: int) -> None:
    document = tiny_problem(seed)
    empty = {**document, **EMPTY}
    for key, additions in EMPTY_PARTS.items():
        empty[key] = [{**part, **additions} for part in document[key]]
    no_staff = {"permanent_staff": None, "min_permanent_staff": None}
    no_block = {"without_bed": False, "hours": None}
    for key, inside, additions in (("needs", "shifts", no_staff), ("situations", "blocks", no_block)):
        empty[key] = [{**part, inside: [{**one, **additions} for one in part[inside]]} for part in empty.get(key)]
    assert problem_from_json(empty) == problem_from_json(document)
    assert problem_to_json(problem_from_json(empty)) == document
    plan, plain = solve(problem_from_json(empty)), solve(problem_from_json(document))
    assert (plan.digest, plan.levels, plan.unmet) == (plain.digest, plain.levels, plain.unmet)
