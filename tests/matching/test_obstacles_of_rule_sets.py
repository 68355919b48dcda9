"""Under rule sets, the loans said to be in the way are those without which the rule would be kept."""

import functools
from typing import Any

import pytest

from exchange.matching.explanation import Obstacle
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.obstacles import Obstacles
from exchange.matching.relaxation import ways_for_shift
from tests.matching import hand_made
from tests.matching.plans_in_place import InPlace, in_place
from tests.matching.tiny_problems import tiny_problem_with_rules

SEEDS = range(60)
RULES = {
    Obstacle.WEEKLY_REST: LoanSetRefusal.WEEKLY_REST,
    Obstacle.DAYS_IN_ROW: LoanSetRefusal.DAYS_IN_ROW,
    Obstacle.AVERAGE_WEEK: LoanSetRefusal.AVERAGE_WEEK,
}


@functools.cache
def _at(seed: int) -> InPlace:
    return in_place(tiny_problem_with_rules(seed))


def _met(seed: int) -> set[str]:
    standing = _at(seed).standing
    tables, obstacles, met = standing.tables, Obstacles(standing), set()
    for who in range(len(tables.volunteers)):
        for shift in range(len(tables.shifts)):
            if standing.eligibility.loans[who, shift] or (who, shift) in standing.loans:
                continue
            for reason in obstacles.of_loan(who, shift):
                met.add(reason.code)
                assert reason.code != Obstacle.SEVERAL_LINES
                if reason.code in RULES:
                    rule = LOAN_SET_RULES[RULES[Obstacle(reason.code)]]
                    named = {tables.shift_index[line.shift] for line in reason.loans}
                    assert {line.volunteer for line in reason.loans} == {tables.volunteers[who].id}
                    assert rule(tables, who, [*named, shift])
                    assert all(not rule(tables, who, [*(named - {one}), shift]) for one in named)
    return met


@pytest.mark.parametrize("seed", SEEDS)
def test_loans_in_the_way_break_the_rule_together_and_none_is_to_spare(seed: int) -> None:
    _met(seed)


def test_the_problems_meet_every_rule_of_sets() -> None:
    assert {code.value for code in RULES} <= set().union(*map(_met, SEEDS))


def _shift_of(minutes: int, start: int, **figures: int) -> InPlace:
    problem: dict[str, Any] = hand_made.problem()
    problem["rules"] = [{"id": "agreed", **figures}]
    problem["establishments"][0]["rules"] = "agreed"
    shift = {"id": "s", "start": 1440 + start, "end": 1440 + start + minutes, "headcount": 1}
    problem["needs"] = [{**problem["needs"][0], "shifts": [shift]}]
    problem["volunteers"], problem["offers"], problem["situations"], problem["lend_caps"] = [], [], [], []
    return in_place(problem)


@pytest.mark.parametrize(
    ("minutes", "start", "derogation"),
    [(480, 480, False), (481, 480, None), (481, 21 * 60, True), (600, 21 * 60, True), (601, 21 * 60, None)],
)
def test_somebody_from_outside_is_sought_within_the_figures_of_the_host(
    minutes: int, start: int, derogation: bool | None
) -> None:
    at = _shift_of(minutes, start, shift_minutes=480, night_shift_minutes=600, night_starts_at=20 * 60)
    found = [change.night12h_derogation for way in ways_for_shift(at.standing, 0) for change in way.changes]
    assert found == ([] if derogation is None else [derogation])
