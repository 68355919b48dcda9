"""The rows on loans admit exactly the sets of loans that the rules allow: no more, and no fewer.

Asked of the programme itself: a plan made before any search may hide a model that forbids too much.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
import pytest

from exchange.matching import columns
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.formulation import Formulation, burden_formulation, coverage_formulation
from exchange.matching.frozen import accepted_lines
from exchange.matching.limits import Limits, Spending
from exchange.matching.loan_sets import LoanSetRefusal
from exchange.matching.loans import week_minutes
from exchange.matching.objective import Costs
from exchange.matching.search import search
from exchange.matching.stages import NOTHING_OPEN
from exchange.matching.tables import Tables, tabulate
from tests.matching.hand_made import volunteer
from tests.matching.oracle import Oracle
from tests.matching.rule_cases import (
    OF_LOANS_OF_TWO_NEEDS,
    WEEK,
    Side,
    two_loans_after_own_work,
    two_loans_at_two_hosts,
    two_loans_with_rest,
)
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_additions, tiny_problem_with_rules

Json = dict[str, Any]

STAGES = ("coverage", "patterns", "single shifts")
MOST_SETS = 24


def _formulation(tables: Tables, stage: str, patch: pytest.MonkeyPatch) -> Formulation:
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    if stage == "coverage":
        return coverage_formulation(tables, eligibility, fixed)
    patch.setattr(columns, "MOST_PATTERNS_PER_PAIR", 10_000 if stage == "patterns" else 0)
    return burden_formulation(tables, eligibility, fixed, NOTHING_OPEN)


def _admits(tables: Tables, formulation: Formulation, loans: list[tuple[str, str]]) -> bool:
    """Whether some point of the programme has these loans and no other."""
    programme, held = formulation.programme, formulation.loans.columns
    wanted = {(tables.volunteer_index[who], tables.shift_index[shift]) for who, shift in loans}
    who, shift = held.who[held.column].tolist(), held.shift.tolist()
    others = [pair not in wanted for pair in zip(who, shift, strict=True)]
    upper = programme.upper.copy()
    upper[formulation.loans.entries[np.array(others, dtype=bool)]] = 0
    lent = np.bincount(formulation.loans.entries, minlength=programme.width)
    most = search(programme.within(programme.lower, upper), Costs(-lent, 0), Spending(Limits()))
    return most.point is not None and set(formulation.lines(most.point)[0]) == wanted


def _drawn_sets(oracle: Oracle, rng: Random) -> list[list[tuple[str, str]]]:
    """Sets of lawful pairs, of one person or two: those that rules on several loans may forbid."""
    pairs = [
        (person["id"], shift["id"])
        for need, shift in oracle.shifts.values()
        for person in oracle.people.values()
        if oracle.loan_pair_allowed(person, need, shift)
    ]
    sets = [list(some) for size in (1, 2, 3) for some in combinations(pairs, size)]
    alike = [some for some in sets if len({who for who, _ in some}) == 1]
    return rng.sample(alike, min(len(alike), MOST_SETS)) + rng.sample(sets, min(len(sets), MOST_SETS // 4))


def _allowed(oracle: Oracle, loans: list[tuple[str, str]]) -> bool:
    seats = [shift for _, shift in loans]
    full = any(seats.count(shift) > oracle.shifts[shift][1]["headcount"] for shift in seats)
    return not full and all(oracle.loan_set_allowed(loans[: count + 1]) for count in range(len(loans)))


PROBLEMS: dict[str, Json] = {
    **{f"rules-{seed}": tiny_problem_with_rules(seed) for seed in (2026, 2032, 2064, 2074, 2087, 2094, 2107, 2131)},
    **{f"plain-{seed}": tiny_problem(seed) for seed in (1, 10)},
    "additions": tiny_problem_with_additions(3004),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_programme_admits_the_loans_that_exhaustive_search_allows(
    name: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = PROBLEMS[name]
    oracle, tables = Oracle(problem), tabulate(problem_from_json(problem))
    formulation = _formulation(tables, stage, monkeypatch)
    for loans in _drawn_sets(oracle, Random(name)):
        assert _admits(tables, formulation, loans) == _allowed(oracle, loans)


def test_the_problems_have_sets_of_both_kinds() -> None:
    verdicts = [
        _allowed(Oracle(one), some) for one in PROBLEMS.values() for some in _drawn_sets(Oracle(one), Random(1))
    ]
    assert min(verdicts.count(True), verdicts.count(False)) > 60


def _verdicts(sides: Iterable[Side], stage: str, patch: pytest.MonkeyPatch) -> list[bool]:
    """Of the programme of each side, whether it admits the loans of that side."""
    every = [(tabulate(problem_from_json(side.problem)), side.loans) for side in sides]
    return [_admits(tables, _formulation(tables, stage, patch), loans) for tables, loans in every]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("refusal", OF_LOANS_OF_TWO_NEEDS)
def test_the_programme_draws_the_limit_of_two_loans_to_the_minute(
    refusal: LoanSetRefusal, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _verdicts(OF_LOANS_OF_TWO_NEEDS[refusal], stage, monkeypatch) == [True, False]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("refusal", OF_LOANS_OF_TWO_NEEDS)
def test_the_limit_of_two_loans_holds_for_who_comes_after_somebody_without_limits(
    refusal: LoanSetRefusal, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = [
        replace(side, problem={**side.problem, "volunteers": [volunteer("free"), *side.problem["volunteers"]]})
        for side in OF_LOANS_OF_TWO_NEEDS[refusal]
    ]
    assert _verdicts(sides, stage, monkeypatch) == [True, False]


# Own work of the week, and the longest period that it and the two loans leave: at each end of each kind.
FREE_PERIODS = {
    "from the start of the week": ([[9_000, 9_500]], 3_360),
    "to the end of the week": ([[1_000, 1_400]], 3_360),
    "until own work": ([[0, 400], [9_900, 10_200]], 3_180),
    "after own work": ([[0, 300], [9_000, 9_400]], 3_060),
    "between the two loans": ([[600, 1_000], [8_000, 8_400]], 2_400),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("week", [0, 1])
@pytest.mark.parametrize("where", FREE_PERIODS)
def test_a_free_period_counts_to_the_minute_wherever_it_lies(
    where: str, week: int, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, longest = FREE_PERIODS[where]
    sides = [two_loans_with_rest(due, own, week) for due in (longest, longest + 1)]
    assert _verdicts(sides, stage, monkeypatch) == [True, False]


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_of_days_counts_from_before_the_first_date(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = [two_loans_after_own_work(most) for most in (3, 2)]
    assert _verdicts(sides, stage, monkeypatch) == [True, False]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("who", "done"), [(0, [1_921, 100]), (1, [100, 1_921])])
def test_minutes_of_a_week_are_told_for_whom_its_loans_could_take_beyond(
    who: int, done: list[int], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two persons could take two loans of eight hours; one of them has 959 minutes left in that week."""
    problem = two_loans_with_rest(0, [], week=done.index(1_921)).problem
    people = [volunteer(name, availability=[[0, 2 * WEEK]], week_minutes_done=[100, 100]) for name in ("v", "w")]
    people[who]["week_minutes_done"] = done
    tables = tabulate(problem_from_json({**problem, "volunteers": people}))
    loans = _formulation(tables, stage, monkeypatch).loans
    told = week_minutes(tables, loans)
    assert (told.limit.tolist(), told.values.tolist()) == ([959], [480, 480])
    assert told.columns.tolist() == loans.chosen[loans.columns.who == who].tolist()


@pytest.mark.parametrize("stage", STAGES)
def test_an_accepted_loan_is_taken_and_leaves_its_person_and_its_need_the_others(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two persons could take two shifts; one loan is accepted."""
    side = OF_LOANS_OF_TWO_NEEDS[LoanSetRefusal.REST][0]
    accepted, second, other = ("v", "first"), ("v", "second"), ("w", "second")
    frozen = {"loans": [{"volunteer": accepted[0], "shift": accepted[1]}], "placements": []}
    people = [*side.problem["volunteers"], volunteer("w")]
    tables = tabulate(problem_from_json({**side.problem, "volunteers": people, "frozen": frozen}))
    formulation = _formulation(tables, stage, monkeypatch)
    for loans in ([accepted], [accepted, second], [accepted, other]):
        assert _admits(tables, formulation, loans)
    for loans in ([], [second], [other], [("w", "first"), second]):
        assert not _admits(tables, formulation, loans)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("figure", ["week_minutes", "average_week_minutes"])
def test_the_stricter_of_two_hosts_limits_the_week_of_a_person_who_serves_both(
    figure: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = [two_loans_at_two_hosts(figure, most) for most in (960, 959)]
    assert _verdicts(sides, stage, monkeypatch) == [True, False]
