"""The patterns offered for one person and one need are exactly the sets of its shifts that the rules allow.

Asked of the list of patterns itself: the rows of the programme would refuse what it offers too much.
"""

import copy
from itertools import combinations
from typing import Any

import pytest

from exchange.matching import columns
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.frozen import accepted_lines
from exchange.matching.loan_sets import LOAN_SET_RULES, LoanSetRefusal
from exchange.matching.tables import Tables, tabulate
from tests.matching.rule_cases import OF_LOANS_OF_ONE_NEED, WEEK
from tests.matching.tiny_problems import tiny_problem, tiny_problem_with_rules

Json = dict[str, Any]
Pattern = tuple[int, int, tuple[int, ...]]


def _with_one_need(problem: Json) -> Json:
    shifts = [shift for need in problem["needs"] for shift in need["shifts"]]
    alone: Json = {"needs": [{**problem["needs"][0], "shifts": shifts}], "offers": [], "situations": []}
    return {**problem, **alone, "previous": {"loans": [], "placements": []}}


def _in_the_second_week_to_the_minute() -> Json:
    """One shift in each of two weeks, of which own work leaves the second no minute more than the shift."""
    problem = copy.deepcopy(OF_LOANS_OF_ONE_NEED[LoanSetRefusal.WEEK_MINUTES][0].problem)
    problem["needs"][0]["shifts"][1] |= {"start": WEEK + 480, "end": WEEK + 960}
    problem["volunteers"][0] |= {"week_minutes_done": [0, 2400], "availability": [[0, 2 * WEEK]]}
    return {**problem, "days": 14}


PROBLEMS: dict[str, Json] = {
    "second-week": _in_the_second_week_to_the_minute(),
    **{f"rules-{seed}": _with_one_need(tiny_problem_with_rules(seed)) for seed in range(2026, 2046)},
    **{f"plain-{seed}": _with_one_need(tiny_problem(seed)) for seed in range(10)},
    **{
        f"{refusal.value}-{word}": side.problem
        for refusal, sides in OF_LOANS_OF_ONE_NEED.items()
        for word, side in zip(("allows", "forbids"), sides, strict=True)
    },
}


def _offered(tables: Tables) -> columns.LoanColumns:
    eligibility = examine(tables)
    return columns.pattern_columns(tables, eligibility, accepted_lines(tables, eligibility))


def _patterns(tables: Tables) -> list[Pattern]:
    held = _offered(tables)
    return sorted(
        (int(held.who[column]), int(held.need[column]), tuple(held.shift[held.column == column].tolist()))
        for column in range(len(held))
    )


def _lawful(tables: Tables) -> list[Pattern]:
    alone = examine(tables).loans == 0
    sets = [
        (who, need, some)
        for who in range(len(tables.volunteers))
        for need in range(len(tables.needs))
        for size in range(1, len(tables.shifts) + 1)
        for some in combinations([int(s) for s in (tables.shift_need == need).nonzero()[0] if alone[who, s]], size)
    ]
    return sorted(one for one in sets if not any(rule(tables, one[0], one[2]) for rule in LOAN_SET_RULES.values()))


@pytest.mark.parametrize("name", PROBLEMS)
def test_patterns_are_the_sets_of_shifts_that_no_rule_on_several_loans_refuses(name: str) -> None:
    tables = tabulate(problem_from_json(PROBLEMS[name]))
    assert _patterns(tables) == _lawful(tables)


@pytest.mark.parametrize(("limit", "most"), [("MOST_PATTERNS_PER_PAIR", 3), ("MOST_COLUMNS", 3)])
def test_patterns_are_told_up_to_the_limit_itself(limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shifts that go together make three patterns."""
    tables = tabulate(problem_from_json(PROBLEMS["loan-minutes-allows"]))
    monkeypatch.setattr(columns, limit, most)
    assert _offered(tables).is_pattern.tolist() == [True] * 3
    monkeypatch.setattr(columns, limit, most - 1)
    assert _offered(tables).is_pattern.tolist() == [False] * 2


def test_a_person_with_fewer_patterns_keeps_them_where_another_has_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three patterns of one person and seven of another are one too many: half as many for each are not."""
    problem = copy.deepcopy(PROBLEMS["loan-minutes-allows"])
    third = {"id": "third", "start": 6 * 1440, "end": 6 * 1440 + 300, "headcount": 1}
    problem["needs"][0]["shifts"].append(third)
    problem["volunteers"].append({**problem["volunteers"][0], "id": "w", "max_loan_minutes": 3000})
    problem["volunteers"][0]["availability"] = [[0, third["start"]]]
    tables = tabulate(problem_from_json(problem))
    monkeypatch.setattr(columns, "MOST_PATTERNS_PER_PAIR", 8)
    monkeypatch.setattr(columns, "MOST_COLUMNS", 9)
    assert _offered(tables).is_pattern.tolist() == [True] * 3 + [False] * 3
