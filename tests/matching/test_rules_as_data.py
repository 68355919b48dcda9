"""Working time by rule sets: by exhaustive search, at the limit of each figure, through the eyes of the checker."""

import functools
from typing import Any

import pytest

from exchange.matching import ProblemInvalid, solve
from exchange.matching.checker import Code, check
from exchange.matching.eligibility import LOAN_RULES, LoanRefusal
from exchange.matching.explain import why_not_loan
from exchange.matching.files import problem_from_json, problem_to_json
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.tables import tabulate
from tests.matching import hand_made
from tests.matching.agreement import judge_loans_alike
from tests.matching.oracle import best_levels
from tests.matching.oracle_hours import HOUR_RULES
from tests.matching.tiny_problems import tiny_problem_with_rules

Json = dict[str, Any]

SEEDS = range(2060, 2120)


@functools.cache
def least_levels(seed: int) -> tuple[int, int, int]:
    levels = best_levels(tiny_problem_with_rules(seed))
    assert levels is not None
    return levels


@pytest.mark.parametrize("rule", HOUR_RULES)
def test_some_problem_would_have_other_levels_without_the_rule(rule: str) -> None:
    """Otherwise the comparison above would not notice that the model forgot it."""
    assert any(best_levels(tiny_problem_with_rules(seed), without=rule) != least_levels(seed) for seed in SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_taken_one_by_one_and_the_checker_agree_with_the_exhaustive_search(seed: int) -> None:
    judge_loans_alike(tiny_problem_with_rules(seed), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_single_loan_is_judged_by_the_prefilter_as_by_the_rules_on_several(seed: int) -> None:
    tables = tabulate(problem_from_json(tiny_problem_with_rules(seed)))
    for alone, together in ALONE_AND_TOGETHER.items():
        expected = [
            [LOAN_SET_RULES[together](tables, who, [shift]) for shift in range(len(tables.shifts))]
            for who in range(len(tables.volunteers))
        ]
        assert LOAN_RULES[alone](tables).tolist() == expected


ALONE_AND_TOGETHER = {
    LoanRefusal.WEEK_MINUTES: LoanSetRefusal.WEEK_MINUTES,
    LoanRefusal.WEEKLY_REST: LoanSetRefusal.WEEKLY_REST,
    LoanRefusal.DAYS_IN_ROW: LoanSetRefusal.DAYS_IN_ROW,
    LoanRefusal.AVERAGE_WEEK: LoanSetRefusal.AVERAGE_WEEK,
    LoanRefusal.LOAN_MINUTES: LoanSetRefusal.LOAN_MINUTES,
}

WEEK = 10080
SHIFT = (1440 + 480, 1440 + 960)
NIGHT_AT_8 = (1440 + 1200, 1440 + 1200 + 660)
SIX_DAYS = [[day * 1440 + 480, day * 1440 + 960] for day in (0, 2, 3, 4, 5)]

# Figures of one employer or the other, the person, the hours of the shift, and what is refused.
LIMITS: list[tuple[Json, Json, tuple[int, int], LoanRefusal | None]] = [
    ({"shift_minutes": 480}, {}, SHIFT, None),
    ({"shift_minutes": 479}, {}, SHIFT, LoanRefusal.SHIFT_LENGTH),
    ({"shift_minutes": 720}, {}, (0, 660), LoanRefusal.SHIFT_LENGTH),
    ({"night_shift_minutes": 660}, {"night12h_derogation": True}, NIGHT_AT_8, None),
    ({"night_shift_minutes": 659}, {"night12h_derogation": True}, NIGHT_AT_8, LoanRefusal.SHIFT_LENGTH),
    ({"night_starts_at": 1200}, {"night12h_derogation": True}, NIGHT_AT_8, None),
    ({"night_starts_at": 1201}, {"night12h_derogation": True}, NIGHT_AT_8, LoanRefusal.SHIFT_LENGTH),
    ({"rest_minutes": 720}, {"own_shifts": [[0, SHIFT[0] - 720]]}, SHIFT, None),
    ({"rest_minutes": 720}, {"own_shifts": [[0, SHIFT[0] - 719]]}, SHIFT, LoanRefusal.REST_OWN_SHIFTS),
    ({"rest_minutes": 540}, {"own_shifts": [[0, SHIFT[0] - 659]]}, SHIFT, LoanRefusal.REST_OWN_SHIFTS),
    ({"week_minutes": 2640}, {"week_minutes_done": [2160]}, SHIFT, None),
    ({"week_minutes": 2640}, {"week_minutes_done": [2161]}, SHIFT, LoanRefusal.WEEK_MINUTES),
    ({"weekly_rest_minutes": WEEK - SHIFT[1]}, {}, SHIFT, None),
    ({"weekly_rest_minutes": WEEK - SHIFT[1] + 1}, {}, SHIFT, LoanRefusal.WEEKLY_REST),
    ({"weekly_rest_minutes": 1920}, {"own_shifts": SIX_DAYS}, SHIFT, None),
    ({"weekly_rest_minutes": 1920}, {"own_shifts": [*SIX_DAYS, [8400, 8880]]}, SHIFT, LoanRefusal.WEEKLY_REST),
    # A free period that begins before Monday counts from Monday.
    ({"weekly_rest_minutes": SHIFT[0] + 1}, {"own_shifts": [[3500, WEEK]]}, SHIFT, LoanRefusal.WEEKLY_REST),
    ({"weekly_rest_minutes": SHIFT[0]}, {"own_shifts": [[3500, WEEK]]}, SHIFT, None),
    ({"days_in_row": 6}, {"own_shifts": SIX_DAYS}, SHIFT, None),
    ({"days_in_row": 6}, {"own_shifts": [*SIX_DAYS, [-900, -700]]}, SHIFT, LoanRefusal.DAYS_IN_ROW),
    ({"days_in_row": 5}, {"own_shifts": SIX_DAYS}, SHIFT, LoanRefusal.DAYS_IN_ROW),
    # The night of Sunday belongs to Sunday, whatever it does to Monday.
    ({"days_in_row": 1}, {"own_shifts": [[-240, 300]]}, (1440 + 961, 1440 + 1261), None),
    ({"average_week_minutes": 2640, "average_weeks": 1}, {"week_minutes_done": [2160]}, SHIFT, None),
    ({"average_week_minutes": 2640, "average_weeks": 2}, {"past_week_minutes": [9999, 4800]}, SHIFT, None),
    (
        {"average_week_minutes": 2640, "average_weeks": 2},
        {"past_week_minutes": [0, 4801]},
        SHIFT,
        LoanRefusal.AVERAGE_WEEK,
    ),
    ({"average_week_minutes": 480, "average_weeks": 12}, {"past_week_minutes": [480] * 11}, SHIFT, None),
    (
        {"average_week_minutes": 480, "average_weeks": 12},
        {"past_week_minutes": [481, *[480] * 10]},
        SHIFT,
        LoanRefusal.AVERAGE_WEEK,
    ),
]

CODES = {LoanRefusal.REST_OWN_SHIFTS: Code.REST}


def _bound(figures: Json, person: Json, hours: tuple[int, int], by: str) -> Json:
    problem = hand_made.problem()
    problem |= {"rules": [{"id": "agreed", **figures}], "volunteers": [hand_made.volunteer("v", **person)]}
    problem["needs"][0]["shifts"][0] |= {"start": hours[0], "end": hours[1]}
    houses = {house["id"]: house for house in problem["establishments"]}
    (houses[by] if by in houses else problem["volunteers"][0])["rules"] = "agreed"
    return problem


@pytest.mark.parametrize("by", ["host-house", "lender-house", "v"])
@pytest.mark.parametrize(("figures", "person", "hours", "refusal"), LIMITS)
def test_a_figure_binds_whoever_states_it_to_the_minute(
    figures: Json, person: Json, hours: tuple[int, int], refusal: LoanRefusal | None, by: str
) -> None:
    problem = _bound(figures, person, hours, by)
    assert why_not_loan(problem_from_json(problem), "day")["v"] == (() if refusal is None else (refusal,))
    plan = hand_made.plan(problem, [("v", "day")], [])
    expected = set() if refusal is None else {CODES.get(refusal) or Code(refusal.value)}
    assert {violation.code for violation in check(problem, plan)} == expected


LAX = {
    "week_minutes": 10_080,
    "night_starts_at": 0,
    "weekly_rest_minutes": 60,
    "days_in_row": 30,
    "average_week_minutes": 10_080,
}
BINDING = [(figures, person, hours, refusal) for figures, person, hours, refusal in LIMITS if refusal is not None]


@pytest.mark.parametrize(("strict", "lax"), [("host-house", "lender-house"), ("lender-house", "host-house")])
@pytest.mark.parametrize(("figures", "person", "hours", "refusal"), BINDING)
def test_a_laxer_set_of_the_other_employer_frees_nobody(
    figures: Json, person: Json, hours: tuple[int, int], refusal: LoanRefusal, strict: str, lax: str
) -> None:
    problem = _bound(figures, person, hours, strict)
    problem["rules"].append({"id": "lax", **LAX, "average_weeks": figures.get("average_weeks", 1)})
    next(house for house in problem["establishments"] if house["id"] == lax)["rules"] = "lax"
    assert why_not_loan(problem_from_json(problem), "day")["v"] == (refusal,)
    plan = hand_made.plan(problem, [("v", "day")], [])
    assert [violation.code for violation in check(problem, plan)] == [CODES.get(refusal) or Code(refusal.value)]


def test_an_average_over_other_weeks_at_the_host_is_one_more_rule() -> None:
    person = {"past_week_minutes": [2400, 2400, 2400]}
    problem = _bound({"average_week_minutes": 2640, "average_weeks": 1}, person, SHIFT, "v")
    problem["rules"].append({"id": "longer", "average_week_minutes": 1000, "average_weeks": 4})
    assert why_not_loan(problem_from_json(problem), "day")["v"] == ()
    problem["establishments"][0]["rules"] = "longer"
    assert why_not_loan(problem_from_json(problem), "day")["v"] == (LoanRefusal.AVERAGE_WEEK,)


def test_an_average_binds_over_its_own_weeks_alone() -> None:
    problem = _bound({"average_week_minutes": 960, "average_weeks": 4}, {"week_minutes_done": [1200]}, SHIFT, "v")
    problem["rules"].append({"id": "other", "average_week_minutes": 2640, "average_weeks": 1})
    problem["establishments"][0]["rules"] = "other"
    assert why_not_loan(problem_from_json(problem), "day")["v"] == ()


def test_the_set_of_the_person_stands_in_place_of_that_of_the_establishment() -> None:
    problem = _bound({"shift_minutes": 479}, {}, SHIFT, "lender-house")
    problem["rules"].append({"id": "own", "shift_minutes": 480})
    problem["volunteers"][0]["rules"] = "own"
    assert why_not_loan(problem_from_json(problem), "day")["v"] == ()


TOGETHER: list[tuple[Json, str]] = [
    ({"rest_minutes": 1801}, "repos"),
    ({"week_minutes": 1019}, "semaine"),
    ({"weekly_rest_minutes": 5341}, "repos hebdomadaire"),
    ({"days_in_row": 1}, "jours de suite"),
    ({"average_week_minutes": 1019, "average_weeks": 1}, "moyenne"),
]


@pytest.mark.parametrize(("figures", "message"), TOGETHER)
def test_accepted_loans_that_break_a_figure_together_are_named(figures: Json, message: str) -> None:
    problem = _bound(figures, {}, SHIFT, "host-house")
    problem["needs"][0]["shifts"][1] |= {"start": SHIFT[1] + 1800, "end": SHIFT[1] + 2340}
    first, second = {"volunteer": "v", "shift": "day"}, {"volunteer": "v", "shift": "evening"}
    problem["frozen"] = {"loans": [first, second]}
    with pytest.raises(ProblemInvalid, match=message) as refusal:
        solve(problem_from_json(problem))
    assert refusal.value.key == "frozen.loans[1]"


def test_rule_sets_survive_the_round_trip() -> None:
    document = tiny_problem_with_rules(2060)
    assert problem_to_json(problem_from_json(document)) == document
