"""Who only opens places is worth asking where somebody needs them; nobody is disturbed otherwise."""

import copy
from itertools import product
from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.explain import explain_need, explain_situation
from exchange.matching.explanation import Gap, Use
from exchange.matching.generate import generate_named
from exchange.matching.plan import PlanStatus
from exchange.matching.relaxation import ways_for_shift
from exchange.matching.standing import Standing, standing_of
from exchange.matching.usefulness import usefulness_of
from exchange.matching.ways import Change, Relaxation, Way
from tests.matching import hand_made
from tests.matching.hand_made import NIGHT_4, offer, situation, volunteer
from tests.matching.part_search import is_lawful
from tests.matching.plans_in_place import InPlace, in_place, tiny_in_place
from tests.matching.relaxed import relaxed

Json = dict[str, Any]
Placement = tuple[str, str, str]

SEEDS = (*range(30), 53, 58, 59, 62, 66, 79, 112, 126)
NOWHERE = [0] * 14
TWO_NIGHTS = [1 if segment in (NIGHT_4, NIGHT_4 + 2) else 0 for segment in range(14)]


def _somebody_may_work(shift: Json) -> bool:
    minutes = shift["end"] - shift["start"]
    return bool(minutes <= (720 if shift["start"] % 1440 >= 19 * 60 else 600))


def _hired(at: InPlace, names: set[str]) -> tuple[Json, frozenset[tuple[str, str]]]:
    """The problem with somebody from outside in every missing seat of these shifts."""
    changes = []
    for need in at.problem["needs"]:
        for shift in need["shifts"]:
            missing = at.standing.missing(at.standing.tables.shift_index[shift["id"]])
            if shift["id"] in names:
                code = Relaxation.PERSON
                held = tuple(need["qualifications_any"])
                derogation = shift["end"] - shift["start"] > 600
                changes += [
                    Change(code, 0, shift=shift["id"], qualifications=held, night12h_derogation=derogation)
                ] * missing
    problem, loans, _ = relaxed(at.problem, Way(0, tuple(changes), (), ()))
    return problem, at.loans | loans


def _coupled_and_short(at: InPlace) -> list[int]:
    tables = at.standing.tables
    every = range(len(tables.shifts))
    return [shift for shift in every if not tables.seat_weight[shift] and at.standing.missing(shift) > 0]


def _names(at: InPlace, block: int) -> tuple[str, str]:
    return at.standing.tables.owner(block).id, at.standing.tables.blocks[block].id


def _answers_to_the_unserved(at: InPlace) -> list[frozenset[Placement]]:
    """Every way to give offers to one block without a place, or to all the blocks bound to it."""
    tables, companions = at.standing.tables, at.standing.rules.companions
    units = {companions.get(one, (one,)) for one in range(len(tables.blocks)) if one not in at.standing.placements}
    offers = [one["id"] for one in at.problem["offers"]]
    return [
        frozenset(
            (tables.owner(block).id, tables.blocks[block].id, name) for block, name in zip(unit, named, strict=True)
        )
        for unit in sorted(units)
        for named in product(offers, repeat=len(unit))
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shift_is_said_to_open_what_only_it_opens_and_nothing_else(seed: int) -> None:
    at = tiny_in_place(seed)
    every = {shift["id"] for need in at.problem["needs"] for shift in need["shifts"] if _somebody_may_work(shift)}
    for shift in _coupled_and_short(at):
        told, name = usefulness_of(at.standing, shift), at.standing.tables.shifts[shift].id
        assert told is not None
        for opened in told.opened:
            added = {(line.situation, line.block, line.offer) for line in opened.placements}
            if not every.issuperset({name, *opened.besides}):
                continue
            problem, loans = _hired(at, {name, *opened.besides})
            assert is_lawful(problem, loans, at.placements | added)
            problem, loans = _hired(at, every - {name})
            assert not is_lawful(problem, loans, at.placements | added)
        if told.code is Use.OPENS_NOTHING:
            problem, loans = _hired(at, every)
            without, fewer = _hired(at, every - {name})
            for added in _answers_to_the_unserved(at):
                if is_lawful(problem, loans, at.placements | added):
                    assert is_lawful(without, fewer, at.placements | added)


def test_the_problems_meet_shifts_that_open_places_and_shifts_that_do_not() -> None:
    places = [tiny_in_place(seed) for seed in SEEDS]
    told = [usefulness_of(at.standing, shift) for at in places for shift in _coupled_and_short(at)]
    assert {one.code for one in told if one is not None} >= {Use.OPENS_PLACES, Use.OPENS_NOTHING}


def _gaps(standing: Standing) -> list[Gap]:
    needs = [explain_need(standing, need.id) for need in standing.tables.needs]
    situations = [explain_situation(standing, one.id) for one in standing.tables.situations]
    return [gap for told in (*needs, *situations) if told is not None for gap in told.gaps]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_way_of_a_proven_plan_asks_nothing_of_anybody(seed: int) -> None:
    at = tiny_in_place(seed)
    assert at.plan.status is PlanStatus.PROVEN
    assert all(way.changes for gap in _gaps(at.standing) for way in gap.ways)


@pytest.mark.parametrize(("seed", "shape"), [(5, "incompatible"), (1, "coupled")])
def test_no_way_of_a_generated_proven_plan_asks_nothing_of_anybody(seed: int, shape: str) -> None:
    problem = generate_named(seed, shape)
    plan = solve(problem)
    assert plan.status is PlanStatus.PROVEN
    standing = standing_of(problem, plan)
    tables = standing.tables
    coupled = [need for need in tables.needs if need.coupled]
    told = [explain_need(standing, need.id) for need in coupled]
    gaps = [gap for one in told if one is not None for gap in one.gaps]
    assert gaps
    assert all(way.changes for gap in gaps for way in gap.ways)
    assert all(gap.usefulness is not None for gap in gaps)
    assert all(gap.ways == () for gap in gaps if gap.usefulness and gap.usefulness.code is Use.OPENS_NOTHING)


def _night_team(*people: Json, nights: int = 1, **changes: object) -> InPlace:
    problem = hand_made.problem()
    shifts = [{"id": "night", "start": 4 * 1440 + 1260, "end": 5 * 1440 + 420, "headcount": 1}]
    shifts += [{"id": "next-night", "start": 5 * 1440 + 1260, "end": 6 * 1440 + 420, "headcount": 1}][: nights - 1]
    problem["needs"] = [{**problem["needs"][1], "shifts": shifts}]
    requires = {"9": [["night-team", "night"]]} | ({"11": [["night-team", "next-night"]]} if nights > 1 else {})
    extra = TWO_NIGHTS if nights > 1 else [1 if segment == NIGHT_4 else 0 for segment in range(14)]
    problem["offers"] = [offer("o", capacity=NOWHERE, extra_capacity=extra, requires=requires)]
    problem["volunteers"], problem["lend_caps"] = list(people), []
    asked = [NIGHT_4, NIGHT_4 + 2][:nights]
    problem["situations"] = [situation("him", {"stay": asked}, **changes)]
    return in_place(problem)


def test_nobody_is_disturbed_for_a_place_that_suits_no_one() -> None:
    at = _night_team(volunteer("free"), age=30)
    (gap,) = [gap for gap in _gaps(at.standing) if gap.owner == "night-team"]
    assert gap.usefulness is not None
    assert (gap.usefulness.code, gap.usefulness.opened, gap.ways) == (Use.OPENS_NOTHING, (), ())


def test_a_place_that_somebody_needs_is_named_with_the_way_to_open_it() -> None:
    at = _night_team(volunteer("busy", availability=[]))
    (gap,) = [gap for gap in _gaps(at.standing) if gap.owner == "night-team"]
    assert gap.usefulness is not None
    assert gap.usefulness.code is Use.OPENS_PLACES
    assert [(line.situation, line.offer) for one in gap.usefulness.opened for line in one.placements] == [("him", "o")]
    assert [change.code for change in gap.ways[0].changes] == [Relaxation.AVAILABILITY]
    assert gap.ways[0].placements == gap.usefulness.opened[0].placements


def test_a_place_that_awaits_two_shifts_is_told_with_both_and_its_ways_cover_both() -> None:
    only_first = volunteer("first", availability=[[4 * 1440 + 1260, 5 * 1440 + 420]])
    at = _night_team(only_first, nights=2)
    gap = next(gap for gap in _gaps(at.standing) if gap.part == "night")
    assert gap.usefulness is not None
    assert [one.besides for one in gap.usefulness.opened] == [("next-night",)]
    for way in gap.ways:
        assert way.changes
        problem, loans, placements = relaxed(at.problem, way)
        assert is_lawful(problem, at.loans | loans, at.placements | placements)
    asked = [change.volunteer for way in gap.ways for change in way.changes if change.volunteer]
    assert len(asked) == len(set(asked))


def test_a_shift_under_an_hour_is_said_not_to_count() -> None:
    problem = hand_made.problem()
    problem["needs"] = [
        {**problem["needs"][0], "shifts": [{"id": "brief", "start": 1440 + 480, "end": 1440 + 539, "headcount": 1}]}
    ]
    problem["offers"], problem["situations"] = [], []
    at = in_place(copy.deepcopy(problem))
    told = usefulness_of(at.standing, 0)
    assert told is not None
    assert (told.code, ways_for_shift(at.standing, 0)) == (Use.UNDER_AN_HOUR, ())
