"""The ways of a plan file: nothing lost in the round trip, each change with the keys that its code calls for alone."""

import json
from dataclasses import replace
from typing import Any

import pytest

from exchange.matching import ProblemInvalid
from exchange.matching.checker import Code, check
from exchange.matching.plan import UnmetBlock, UnmetShift
from exchange.matching.plan_files import plan_from_json, plan_to_json
from exchange.matching.plan_ways import with_ways
from exchange.matching.relaxation import ways_for_block, ways_for_shift
from exchange.matching.way_files import KEYS
from exchange.matching.ways import Relaxation, Way
from tests.matching.plans_in_place import tiny_in_place

Json = dict[str, Any]
SEEDS = range(60)


def _ways(seed: int) -> list[Way]:
    standing = tiny_in_place(seed).standing
    shifts, blocks = range(len(standing.tables.shifts)), range(len(standing.tables.blocks))
    of_shifts = [way for one in shifts if standing.missing(one) > 0 for way in ways_for_shift(standing, one)]
    return of_shifts + [
        way for one in blocks if one not in standing.placements for way in ways_for_block(standing, one)
    ]


def _file_with(way: Way) -> Json:
    plan = tiny_in_place(0).plan
    unmet = (replace(plan.unmet[0], relaxations=(way,)), *plan.unmet[1:])
    document: Json = json.loads(json.dumps(plan_to_json(replace(plan, unmet=unmet))))
    return document


def _one_of_each() -> dict[Relaxation, Way]:
    found = {change.code: way for seed in SEEDS for way in _ways(seed) for change in way.changes}
    assert found.keys() == set(Relaxation)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_ways_survive_the_round_trip(seed: int) -> None:
    for way in _ways(seed):
        assert plan_from_json(_file_with(way)).unmet[0].relaxations == (way,)


def test_a_change_has_exactly_the_keys_of_its_code() -> None:
    for way in _one_of_each().values():
        (told,) = _file_with(way)["unmet"][0]["relaxations"]
        assert set(told) == {"cost", "changes", "loans", "placements"}
        for change in told["changes"]:
            sets = [{"code", "cost", *keys} for keys in KEYS[Relaxation(change["code"])]]
            assert set(change) in sets


def test_the_independent_checker_knows_every_form_and_refuses_a_damaged_one() -> None:
    problem = tiny_in_place(0).problem
    for way in _one_of_each().values():
        document = _file_with(way)
        assert check(problem, document) == []
        for change in document["unmet"][0]["relaxations"][0]["changes"]:
            kept = dict(change)
            for damage in ({"surprise": 1}, {"cost": "dear"}, {"code": "consent"}):
                change |= damage
                assert [breach.code for breach in check(problem, document)] == [Code.PLAN_MALFORMED]
                change.clear()
                change |= kept


@pytest.mark.parametrize("code", Relaxation)
def test_a_damaged_change_is_refused_by_its_key(code: Relaxation) -> None:
    way = _one_of_each()[code]
    document = _file_with(way)
    changes = document["unmet"][0]["relaxations"][0]["changes"]
    index = next(rank for rank, change in enumerate(changes) if change["code"] == code.value)
    path = rf"unmet\[0\]\.relaxations\[0\]\.changes\[{index}\]"
    for damage in ({"surprise": 1}, {"cost": "dear"}, {"code": "consent"}):
        kept = dict(changes[index])
        changes[index] = kept | damage
        with pytest.raises(ProblemInvalid, match=rf"^{path}\.{next(iter(damage))} :"):
            plan_from_json(document)
        changes[index] = kept


def test_the_heaviest_items_have_their_ways_and_the_budget_is_kept() -> None:
    at = max((tiny_in_place(seed) for seed in SEEDS), key=lambda at: len(at.plan.unmet))
    everything = with_ways(at.plan, at.standing, 1000)
    assert sum(1 for item in everything.unmet if item.relaxations) > 2
    (only,) = [item for item in with_ways(at.plan, at.standing, 1).unmet if item.relaxations]
    assert _weight(at.problem, only) == max(_weight(at.problem, item) for item in at.plan.unmet)
    assert replace(everything, unmet=at.plan.unmet) == at.plan


def test_items_that_come_too_late_are_left_without_ways_and_the_plan_stands() -> None:
    at = max((tiny_in_place(seed) for seed in SEEDS), key=lambda at: len(at.plan.unmet))
    answers = iter([False, False, True])
    told = with_ways(at.plan, at.standing, 1000, is_late=lambda: next(answers))
    assert sum(1 for item in told.unmet if item.relaxations) == 2
    assert replace(told, unmet=at.plan.unmet) == at.plan


def _weight(problem: Json, item: UnmetBlock | UnmetShift) -> int:
    by_urgency = {1: 1, 2: 2, 3: 4, 4: 8}
    if isinstance(item, UnmetBlock):
        (person,) = [one for one in problem["situations"] if one["id"] == item.situation]
        return by_urgency[person["urgency"]] * (4 * item.missing + 16)
    (need,) = [one for one in problem["needs"] if one["id"] == item.need]
    (shift,) = [one for one in need["shifts"] if one["id"] == item.shift]
    hours = (shift["end"] - shift["start"]) // 60
    return 0 if need["coupled"] else by_urgency[need["urgency"]] * hours * item.missing
