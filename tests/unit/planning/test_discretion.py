"""Facts about people are named to their employer alone; everybody else reads counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.explain import explain_need, explain_situation
from exchange.matching.explanation import NeedExplained, SituationExplained
from exchange.matching.files import problem_from_json
from exchange.matching.json_values import plain
from exchange.matching.plan import ReasonCount
from exchange.matching.problem import Problem
from exchange.matching.standing import Standing, standing_of
from exchange.planning.discretion import disclosed_need, disclosed_situation
from tests.matching import hand_made
from tests.matching.hand_made import volunteer
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]


def _of(document: Json) -> tuple[Problem, Standing]:
    problem = problem_from_json(document)
    return problem, standing_of(problem, solve(problem))


def _need(standing: Standing, need: str) -> NeedExplained:
    told = explain_need(standing, need)
    assert told is not None
    return told


def _situation(standing: Standing, name: str) -> SituationExplained:
    told = explain_situation(standing, name)
    assert told is not None
    return told


def _text(value: object) -> str:
    return json.dumps(plain(value))


@pytest.mark.parametrize("seed", [1, 3, 7, 14, 53])
@pytest.mark.parametrize("associations", [frozenset(), frozenset({"a0"}), frozenset({"a1", "a2"})])
def test_no_id_of_somebody_else_is_left(seed: int, associations: frozenset[str]) -> None:
    problem, standing = _of(tiny_problem(seed, scale=2))
    hidden = [person.id for person in problem.volunteers if person.association not in associations]
    told = [_text(disclosed_need(problem, _need(standing, need.id), associations)) for need in problem.needs]
    told += [
        _text(disclosed_situation(problem, _situation(standing, one.id), associations)) for one in problem.situations
    ]
    assert all(f'"{person}"' not in text for text in told for person in hidden)


@pytest.mark.parametrize("seed", [1, 3, 7, 14, 53])
def test_a_situation_tells_nothing_of_another_one(seed: int) -> None:
    problem, standing = _of(tiny_problem(seed, scale=2))
    for person in problem.situations:
        told = _text(disclosed_situation(problem, _situation(standing, person.id), frozenset({"a0", "a1", "a2"})))
        assert all(f'"{other.id}"' not in told for other in problem.situations if other.id != person.id)


def _day() -> Json:
    problem = hand_made.problem()
    problem["needs"] = [{**problem["needs"][0], "shifts": [problem["needs"][0]["shifts"][0]]}]
    problem["associations"].append({"id": "third", "ledger_hours": 0})
    problem["offers"], problem["situations"] = [], []
    problem["volunteers"] = [
        volunteer("ours", availability=[]),
        volunteer("ours-far", commune="away"),
        volunteer("theirs", association="third", availability=[]),
        volunteer("theirs-far", association="third", commune="away"),
        volunteer("theirs-too-far", association="third", commune="away", qualifications=[]),
    ]
    return problem


def test_an_employer_reads_its_own_near_misses_and_counts_of_the_others() -> None:
    problem, standing = _of(_day())
    told = disclosed_need(problem, _need(standing, "reinforcement"), frozenset({"lender"}))
    (gap,) = told.explained.gaps
    assert [near.candidate for near in gap.near_misses] == ["ours", "ours-far"]
    assert gap.near_misses_count == (ReasonCount("longer-travel", 2), ReasonCount("more-availability", 2))
    assert {one.volunteer for one in told.explained.others} == {"ours", "ours-far"}
    assert told.others == (
        ReasonCount("availability", 1),
        ReasonCount("qualification", 1),
        ReasonCount("travel", 1),
    )


def test_what_somebody_else_could_accept_keeps_its_code_alone() -> None:
    problem, standing = _of(_day())
    explained = _need(standing, "reinforcement")
    first, second, *_ = explained.gaps[0].ways
    assert [way.changes[0].volunteer for way in (first, second)] == ["ours-far", "theirs-far"]
    (gap,) = disclosed_need(problem, explained, frozenset({"lender"})).explained.gaps
    assert gap.ways[0] == first
    (change,) = gap.ways[1].changes
    assert (change.code, change.volunteer, change.association, change.minutes) == ("longer-travel", None, None, None)
    assert (gap.ways[1].cost, gap.ways[1].loans) == (20, ())


def test_a_loan_that_opens_places_tells_its_employer_nothing_of_who_is_there() -> None:
    document = hand_made.problem()
    document["offers"] = [offer for offer in document["offers"] if offer["id"] == "conditional"]
    problem, standing = _of(document)
    explained = _need(standing, "night-team")
    opened = [chosen.opening for chosen in explained.chosen if chosen.opening is not None]
    assert any(opening.closed for opening in opened), "somebody rests on this loan"
    told = disclosed_need(problem, explained, frozenset(one.id for one in problem.associations))
    kept = [chosen.opening for chosen in told.explained.chosen if chosen.opening is not None]
    assert [opening.segments for opening in kept] == [opening.segments for opening in opened]
    named = _text(told)
    assert all(f'"{one.id}"' not in named for one in problem.situations)


@pytest.mark.parametrize("seed", [1, 3, 7, 14, 53])
def test_a_need_tells_nothing_of_any_situation(seed: int) -> None:
    problem, standing = _of(tiny_problem(seed, scale=2))
    everybody = frozenset({"a0", "a1", "a2"})
    for need in problem.needs:
        told = _text(disclosed_need(problem, _need(standing, need.id), everybody))
        assert all(f'"{one.id}"' not in told for one in problem.situations)


def test_a_way_that_moves_a_companion_too_is_not_told_to_an_employer() -> None:
    document = hand_made.problem()
    one, *_ = document["situations"]
    document["situations"] = [{**one, "id": name, "together": "pair"} for name in ("one", "two")]
    for offer in document["offers"]:
        offer["capacity"] = [0] * len(offer["capacity"])
        offer["extra_capacity"], offer["requires"] = [0] * len(offer["capacity"]), {}
    document["frozen"] = document["previous"] = {"loans": [], "placements": []}
    problem, standing = _of(document)
    explained = _situation(standing, "one")
    assert any('"two"' in _text(way) for gap in explained.gaps for way in gap.ways), "they are served together"
    assert '"two"' not in _text(disclosed_situation(problem, explained, frozenset({"lender"})))


def test_whoever_speaks_for_nobody_reads_counts_only() -> None:
    problem, standing = _of(hand_made.problem())
    told = disclosed_need(problem, _need(standing, "reinforcement"), frozenset())
    assert (told.explained.chosen, told.explained.others) == ((), ())
    assert told.chosen_elsewhere > 0
    assert sum(one.count for one in told.others) + told.free == len(problem.volunteers)
