"""A territory where everybody could do everything does not multiply the columns of the burden without end."""

import pytest

from exchange.matching import columns, solve
from exchange.matching.columns import pattern_columns
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.formulation import coverage_formulation
from exchange.matching.frozen import accepted_lines
from exchange.matching.plan import PlanStatus
from exchange.matching.tables import Tables, tabulate
from tests.matching import hand_made

SHIFTS, PEOPLE, PERSONS, OFFERS = 6, 10, 12, 5


def _crowded() -> Tables:
    problem = hand_made.problem()
    need = problem["needs"][0]
    days = [
        {**need["shifts"][0], "id": f"day-{day}", "start": day * 1440 + 540, "end": day * 1440 + 840, "headcount": 1}
        for day in range(SHIFTS)
    ]
    segments = [{"id": f"block-{block}", "segments": [block]} for block in range(2)]
    return tabulate(
        problem_from_json(
            {
                **problem,
                "volunteers": [hand_made.volunteer(f"person-{rank}") for rank in range(PEOPLE)],
                "needs": [{**need, "shifts": days}],
                "offers": [hand_made.offer(f"offer-{rank}") for rank in range(OFFERS)],
                "situations": [
                    {**problem["situations"][0], "id": f"situation-{rank}", "blocks": segments, "incompatible_with": []}
                    for rank in range(PERSONS)
                ],
                "lend_caps": [],
            }
        )
    )


def test_demand_beyond_any_territory_is_counted_without_overflow() -> None:
    """The joint weight of both levels passes 64 bits here."""
    problem = hand_made.problem()
    needs = [
        {
            **problem["needs"][0],
            "id": f"need-{urgency}",
            "urgency": urgency,
            "shifts": [
                {"id": f"shift-{urgency}-{rank}", "start": 0, "end": 10_080, "headcount": 10_000} for rank in range(500)
            ],
        }
        for urgency in (2, 4)
    ]
    plan = solve(problem_from_json({**problem, "needs": needs, "offers": [], "situations": []}))
    assert (plan.levels.critical, plan.levels.other) == (500 * 10_000 * 168 * 8, 500 * 10_000 * 168 * 2)
    assert plan.status is PlanStatus.PROVEN


def test_crowd_is_told_by_single_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = _crowded()
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    assert len(pattern_columns(tables, eligibility, fixed)) == PEOPLE * (2**SHIFTS - 1)
    monkeypatch.setattr(columns, "MOST_COLUMNS", 200)
    singles = pattern_columns(tables, eligibility, fixed)
    assert len(singles) == PEOPLE * SHIFTS
    assert not singles.is_pattern.any()


def _height_where_all_are_incompatible(persons: int) -> int:
    problem = hand_made.problem()
    names = [f"situation-{rank:02}" for rank in range(persons)]
    situations = [
        hand_made.situation(name, {"nights": [1, 3]}, incompatible_with=[other for other in names if other != name])
        for name in names
    ]
    offers = [hand_made.offer("large", capacity=[persons] * 14)]
    tables = tabulate(problem_from_json({**problem, "needs": [], "offers": offers, "situations": situations}))
    eligibility = examine(tables)
    return coverage_formulation(tables, eligibility, accepted_lines(tables, eligibility)).programme.height


def test_rows_that_keep_persons_apart_do_not_grow_with_the_square_of_their_number() -> None:
    few, more, most = (_height_where_all_are_incompatible(persons) for persons in (4, 8, 12))
    assert most - more == more - few
