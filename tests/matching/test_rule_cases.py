"""Every rule just allows, then just forbids: the plan, the checker and the exhaustive search draw the line alike."""

import pytest

from exchange.matching import UnlawfulPlan, columns, loans, placements, solve
from exchange.matching.checker import check
from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explain import why_not_loan, why_not_placement
from exchange.matching.files import problem_from_json
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.plan import Plan, PlanStatus
from exchange.matching.tables import tabulate
from tests.matching import hand_made
from tests.matching.oracle import best_levels
from tests.matching.rule_cases import (
    OF_LOANS_OF_ONE_NEED,
    OF_LOANS_OF_TWO_NEEDS,
    OF_ONE_LOAN,
    OF_ONE_PLACEMENT,
    OF_ROWS,
    Case,
    Rule,
    Side,
    code_of,
)

CASES: dict[str, Case] = {
    **{f"loan-{one.value}": Case(*sides, code_of(one)) for one, sides in OF_ONE_LOAN.items()},
    **{f"loans-of-a-need-{one.value}": Case(*sides, code_of(one)) for one, sides in OF_LOANS_OF_ONE_NEED.items()},
    **{f"placement-{one.value}": Case(*sides, code_of(one)) for one, sides in OF_ONE_PLACEMENT.items()},
    **{rule.__name__: case for rule, case in OF_ROWS.items()},
}
MOST_PATTERNS = {"patterns": 10_000, "one-by-one": 0}


def _as(form: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(columns, "MOST_PATTERNS_PER_PAIR", MOST_PATTERNS[form])


def _solved(side: Side) -> Plan:
    return solve(problem_from_json(side.problem))


def _holds_all(plan: Plan, side: Side) -> bool:
    lent = {(line.volunteer, line.shift) for line in plan.loans}
    placed = {(line.situation, line.block, line.offer, *line.segments) for line in plan.placements}
    return set(side.loans) <= lent and set(side.placements) <= placed


def _levels(plan: Plan) -> tuple[int, int, int]:
    return plan.levels.critical, plan.levels.other, plan.levels.burden


@pytest.mark.parametrize("form", MOST_PATTERNS)
@pytest.mark.parametrize("name", CASES)
def test_the_plan_holds_what_the_rule_just_allows_and_not_what_it_just_forbids(
    name: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(form, monkeypatch)
    case = CASES[name]
    allowed, forbidden = _solved(case.allows), _solved(case.forbids)
    assert _holds_all(allowed, case.allows)
    assert not _holds_all(forbidden, case.forbids)
    assert allowed.status is forbidden.status is PlanStatus.PROVEN


@pytest.mark.parametrize("name", CASES)
def test_the_checker_accepts_the_lines_allowed_and_names_the_rule_of_those_forbidden(name: str) -> None:
    case = CASES[name]
    for side, codes in ((case.allows, set()), (case.forbids, {case.code} - {None})):
        plan = hand_made.plan(side.problem, side.loans, side.placements)
        assert {violation.code for violation in check(side.problem, plan)} == codes


@pytest.mark.parametrize("form", MOST_PATTERNS)
@pytest.mark.parametrize("name", CASES)
def test_exhaustive_search_finds_the_levels_of_both_plans(
    name: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(form, monkeypatch)
    for side in (CASES[name].allows, CASES[name].forbids):
        assert _levels(_solved(side)) == best_levels(side.problem)


@pytest.mark.parametrize(("refusal", "sides"), OF_ONE_LOAN.items())
def test_the_pair_is_refused_by_its_rule_alone(refusal: LoanRefusal, sides: tuple[Side, Side]) -> None:
    reasons = [why_not_loan(problem_from_json(side.problem), "shift")["v"] for side in sides]
    assert reasons == [(), (refusal,)]


@pytest.mark.parametrize(("refusal", "sides"), OF_ONE_PLACEMENT.items())
def test_the_offer_is_refused_by_its_rule_alone(refusal: PlacementRefusal, sides: tuple[Side, Side]) -> None:
    reasons = []
    for side in sides:
        situation, block, offer = side.placements[0]
        reasons.append(why_not_placement(problem_from_json(side.problem), situation, block)[offer])
    assert reasons == [(), (refusal,)]


@pytest.mark.parametrize("table", [OF_LOANS_OF_ONE_NEED, OF_LOANS_OF_TWO_NEEDS], ids=["one need", "two needs"])
@pytest.mark.parametrize("refusal", LoanSetRefusal)
def test_the_two_loans_are_refused_by_their_rule_alone(
    refusal: LoanSetRefusal, table: dict[LoanSetRefusal, tuple[Side, Side]]
) -> None:
    broken = []
    for side in table[refusal]:
        tables = tabulate(problem_from_json(side.problem))
        broken += [
            [one for one, rule in LOAN_SET_RULES.items() if rule(tables, 0, order)] for order in ([0, 1], [1, 0])
        ]
    assert broken == [[], [], [refusal], [refusal]]


@pytest.mark.parametrize("rule", OF_ROWS, ids=lambda rule: rule.__name__)
def test_a_model_that_forgets_the_rule_is_withheld_or_worse(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    case = OF_ROWS[rule]
    assert rule in (*loans.LOAN_ROWS, *placements.PLACEMENT_ROWS)
    monkeypatch.setattr(loans, "LOAN_ROWS", tuple(one for one in loans.LOAN_ROWS if one is not rule))
    monkeypatch.setattr(
        placements, "PLACEMENT_ROWS", tuple(one for one in placements.PLACEMENT_ROWS if one is not rule)
    )
    noticed = []
    for form in MOST_PATTERNS:
        _as(form, monkeypatch)
        try:
            noticed.append(_levels(_solved(case.forbids)) != best_levels(case.forbids.problem))
        except UnlawfulPlan:
            noticed.append(True)
    assert any(noticed)


def test_every_rule_has_its_two_problems() -> None:
    assert set(LoanRefusal) - OF_ONE_LOAN.keys() == set()
    assert set(LoanSetRefusal) - OF_LOANS_OF_ONE_NEED.keys() == set()
    assert set(PlacementRefusal) - OF_ONE_PLACEMENT.keys() == set()
    assert {*loans.LOAN_ROWS, *placements.PLACEMENT_ROWS} - OF_ROWS.keys() == set()
