"""What a solve promises besides its levels: accepted and open lines, reasons, limits, statuses, interruption."""

import signal
import threading
from typing import Any

import pytest

from exchange.matching import Limits, UnlawfulPlan, solve, solving
from exchange.matching.checker import check
from exchange.matching.eligibility import LOAN_RULES, LoanRefusal
from exchange.matching.explain import Contention
from exchange.matching.files import problem_from_json
from exchange.matching.plan import Plan, PlanStatus, ReasonCount, Unlock, UnmetBlock, UnmetShift
from exchange.matching.plan_files import plan_to_json
from exchange.matching.problem import LoanLine, PlacementLine, Problem
from tests.matching import hand_made
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]


def _solve(problem: Json, limits: Limits | None = None) -> Plan:
    return solve(problem_from_json(problem), limits)


def _nobody(problem: Json) -> Json:
    return {**problem, "volunteers": [], "lend_caps": []}


def test_empty_territory_has_an_empty_proven_plan() -> None:
    empty: Json = {key: [] for key in ("communes", "travel_min", "associations", "establishments", "volunteers")}
    empty |= {key: [] for key in ("lend_caps", "needs", "offers", "situations")}
    plan = _solve({"id": "empty", "horizon_start": "2026-03-02", "days": 1, "bassins": 1, **empty})
    assert (plan.status, plan.loans, plan.placements, plan.unmet) == (PlanStatus.PROVEN, (), (), ())


def test_place_opened_by_a_loan_is_in_the_same_plan_and_says_so() -> None:
    only = hand_made.problem()
    only["offers"] = [offer for offer in only["offers"] if offer["id"] == "conditional"]
    plan = _solve(only)
    assert plan.placements == (PlacementLine("bob", "night", "conditional"),)
    assert [loan.shift for loan in plan.loans if loan.shift == "night"] == ["night"]
    assert plan.unlocks == (Unlock("night-team", "night", "conditional", (hand_made.NIGHT_4,), situations=1),)
    closed = _solve(_nobody(only))
    assert closed.placements == ()
    assert UnmetBlock("bob", "night", 1, (ReasonCount(Contention.AWAITS_STAFF, 1),)) in closed.unmet


def test_coupled_need_that_opens_nothing_is_left_unstaffed() -> None:
    problem = hand_made.problem()
    problem["situations"] = []
    assert "night" not in {loan.shift for loan in _solve(problem).loans}


def test_accepted_lines_stay_in_the_plan_even_where_a_better_plan_exists() -> None:
    free = _solve(hand_made.problem())
    frozen = {
        "loans": [{"volunteer": "good-too", "shift": "evening"}],
        "placements": [{"situation": "cleo", "block": "monday", "offer": "elsewhere"}],
    }
    plan = _solve({**hand_made.problem(), "frozen": frozen})
    assert LoanLine("good-too", "evening") in plan.loans
    assert PlacementLine("cleo", "monday", "elsewhere") in plan.placements
    assert plan.levels >= free.levels


def test_accepted_conditional_place_brings_the_loan_that_it_needs() -> None:
    frozen = {"placements": [{"situation": "bob", "block": "night", "offer": "conditional"}]}
    for limits in (Limits(), Limits(deterministic_time=1e-9)):
        plan = _solve({**hand_made.problem(), "frozen": frozen}, limits)
        assert "night" in {loan.shift for loan in plan.loans}


def test_open_proposals_are_kept_where_levels_and_burden_allow() -> None:
    problem = hand_made.problem()
    free = {loan.volunteer for loan in _solve(problem).loans if loan.shift == "day"}
    other = ({"good", "good-too"} - free).pop()
    problem["previous"] = {"loans": [{"volunteer": other, "shift": "day"}]}
    assert LoanLine(other, "day") in _solve(problem).loans


def test_open_proposal_that_is_no_longer_lawful_costs_its_churn_and_blocks_nothing() -> None:
    problem = hand_made.problem()
    plain = _solve(problem)
    problem["previous"] = {"loans": [{"volunteer": "no-consent", "shift": "day"}]}
    changed = _solve(problem)
    assert changed.levels.burden == plain.levels.burden + 300
    assert (changed.levels.critical, changed.levels.other) == (plain.levels.critical, plain.levels.other)


@pytest.mark.parametrize("second_need", ["reinforcement", "night-team"])
@pytest.mark.parametrize(("gap", "loans"), [(660, 2), (659, 1)])
def test_one_person_takes_two_shifts_from_eleven_hours_apart(second_need: str, gap: int, loans: int) -> None:
    problem = hand_made.problem()
    problem["volunteers"] = [hand_made.volunteer("only")]
    first = {"id": "first", "start": 1440, "end": 1440 + 300, "headcount": 1}
    second = {"id": "second", "start": 1740 + gap, "end": 1740 + gap + 300, "headcount": 1}
    for need in problem["needs"]:
        need |= {"coupled": False, "shifts": []}
    problem["offers"] = problem["situations"] = []
    by_id = {need["id"]: need for need in problem["needs"]}
    by_id["reinforcement"]["shifts"].append(first)
    by_id[second_need]["shifts"].append(second)
    plan = _solve(problem)
    assert (len(plan.loans), plan.status) == (loans, PlanStatus.PROVEN)


def test_unfilled_shift_counts_the_first_reason_of_every_volunteer() -> None:
    problem = hand_made.problem()
    problem["volunteers"] = [person for person in problem["volunteers"] if not person["id"].startswith("good")]
    (gap,) = [item for item in _solve(problem).unmet if isinstance(item, UnmetShift) and item.shift == "day"]
    refusals = {reason.code: reason.count for reason in gap.reasons}
    expected = dict.fromkeys(hand_made.REFUSALS_OF_DAY, 1)
    assert (gap.need, gap.missing, refusals) == ("reinforcement", 1, expected)


def test_volunteer_taken_elsewhere_is_counted_as_competition() -> None:
    problem = hand_made.problem()
    problem["volunteers"] = [hand_made.volunteer("only")]
    problem["needs"][0]["shifts"][0]["headcount"] = 3
    (gap,) = [item for item in _solve(problem).unmet if isinstance(item, UnmetShift) and item.shift == "evening"]
    assert gap.reasons == (ReasonCount(Contention.COMPETITION, 1),)
    (gap,) = [item for item in _solve(problem).unmet if isinstance(item, UnmetShift) and item.shift == "day"]
    assert (gap.missing, gap.reasons) == (2, ())


@pytest.mark.parametrize("deterministic_time", [1e-9, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.3, 20.0])
def test_any_limit_gives_a_lawful_plan_whose_bounds_hold(deterministic_time: float) -> None:
    problem = tiny_problem(102, 8)
    best = _solve(problem)
    assert best.status is PlanStatus.PROVEN
    plan = _solve(problem, Limits(deterministic_time=deterministic_time))
    assert check(problem, plan_to_json(plan)) == []
    assert plan.bounds <= best.levels <= plan.levels
    assert plan.status is PlanStatus.PROVEN or plan.levels >= best.levels
    assert not plan.solver.wall_cap_reached
    again = _solve(problem, Limits(deterministic_time=deterministic_time))
    assert again.digest == plan.digest


def test_every_status_is_reached_by_some_limit() -> None:
    problem = tiny_problem(102, 8)
    times = (1e-9, 0.15, 0.2, 0.25, 0.3, 20.0)
    assert {_solve(problem, Limits(deterministic_time=time)).status for time in times} == set(PlanStatus)


def test_plan_stopped_before_any_search_still_serves_the_most_urgent_first() -> None:
    problem = tiny_problem(102, 8)
    nothing = sum(
        {3: 4, 4: 8}.get(need["urgency"], 0) * ((shift["end"] - shift["start"]) // 60) * shift["headcount"]
        for need in problem["needs"]
        for shift in need["shifts"]
        if not need["coupled"]
    )
    plan = _solve(problem, Limits(deterministic_time=1e-9))
    assert plan.status is PlanStatus.FALLBACK
    assert plan.loans
    assert plan.placements
    assert plan.levels.critical < nothing


def test_wall_cap_that_fires_is_recorded() -> None:
    plan = _solve(tiny_problem(102, 8), Limits(wall_seconds=0.02))
    assert plan.solver.wall_cap_reached
    assert plan.status is not PlanStatus.PROVEN


def test_plan_that_fails_the_independent_check_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "digest_of", lambda loans, placements: "0" * 64)
    with pytest.raises(UnlawfulPlan, match="digest"):
        _solve(hand_made.problem())


def test_unlawful_model_is_withheld_by_the_independent_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOAN_RULES, LoanRefusal.CONSENT, LOAN_RULES[LoanRefusal.SAME_EMPLOYER])
    problem = hand_made.problem()
    problem["volunteers"] = [person for person in problem["volunteers"] if person["id"] == "no-consent"]
    with pytest.raises(UnlawfulPlan, match="no-consent"):
        _solve(problem)


@pytest.mark.parametrize(
    "values",
    [
        {"deterministic_time": 0},
        {"deterministic_time": float("nan")},
        {"wall_seconds": -1},
        {"workers": 0},
        {"seed": -1},
    ],
)
def test_limits_without_meaning_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"limite|fil|graine"):
        Limits(**values)  # type: ignore[arg-type]


def _repeatedly(problem: Problem, times: int) -> None:
    for _ in range(times):
        solve(problem)


def test_interruption_after_a_solve_reaches_python() -> None:
    _solve(tiny_problem(0))
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_interruption_during_a_solve_is_not_swallowed() -> None:
    """The solver runs to its end, then Python hears of the interruption; with its own handler it would not."""
    problem = problem_from_json(tiny_problem(103, 12))
    timer = threading.Timer(0.15, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            _repeatedly(problem, times=6)
    finally:
        timer.cancel()
        timer.join()
