"""A way really covers its item, leaves every other line in place, and asks nobody what may not be asked."""

from typing import Any

import pytest

from exchange.matching import solve
from exchange.matching.files import problem_from_json
from exchange.matching.relaxation import ways_for_block, ways_for_shift
from exchange.matching.ways import Relaxation, Way
from tests.matching import hand_made
from tests.matching.hand_made import NIGHT_4, offer, situation, volunteer
from tests.matching.part_search import is_lawful, levels_of_lines
from tests.matching.plans_in_place import InPlace, in_place, tiny_in_place
from tests.matching.relaxed import relaxed

Json = dict[str, Any]

SEEDS = range(60)
DAY = {"id": "day", "start": 1440 + 480, "end": 1440 + 960, "headcount": 1}


def _ways_of_shifts(at: InPlace) -> list[tuple[str, Way]]:
    shifts = at.standing.tables.shifts
    short = [index for index in range(len(shifts)) if at.standing.missing(index) > 0]
    return [(shifts[index].id, way) for index in short for way in ways_for_shift(at.standing, index)]


def _ways_of_blocks(at: InPlace) -> list[tuple[tuple[str, str], Way]]:
    tables = at.standing.tables
    unmet = [index for index in range(len(tables.blocks)) if index not in at.standing.placements]
    named = [((tables.owner(index).id, tables.blocks[index].id), index) for index in unmet]
    return [(name, way) for name, index in named for way in ways_for_block(at.standing, index)]


def _applied(at: InPlace, way: Way) -> tuple[Json, frozenset[tuple[str, str]], frozenset[tuple[str, str, str]]]:
    problem, loans, placements = relaxed(at.problem, way)
    return problem, at.loans | loans, at.placements | placements


@pytest.mark.parametrize("seed", SEEDS)
def test_a_way_fills_its_shift_lawfully_and_nothing_else_moves(seed: int) -> None:
    at = tiny_in_place(seed)
    for shift, way in _ways_of_shifts(at):
        problem, loans, placements = _applied(at, way)
        assert is_lawful(problem, loans, placements)
        asked = next(s["headcount"] for need in problem["needs"] for s in need["shifts"] if s["id"] == shift)
        assert sum(1 for _, taken in loans if taken == shift) == asked
        assert way.cost == sum(change.cost for change in way.changes)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_way_serves_its_block_lawfully_and_nothing_else_moves(seed: int) -> None:
    at = tiny_in_place(seed)
    for block, way in _ways_of_blocks(at):
        problem, loans, placements = _applied(at, way)
        assert is_lawful(problem, loans, placements)
        assert block in {line[:2] for line in placements}
        before, after = at.levels, levels_of_lines(problem, loans, placements)
        assert after[:2] < before[:2]


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_the_relaxed_problem_solved_anew_covers_at_least_as_much(seed: int) -> None:
    at = tiny_in_place(seed)
    for _, way in [*_ways_of_shifts(at), *_ways_of_blocks(at)]:
        problem, loans, placements = _applied(at, way)
        again = solve(problem_from_json(problem)).levels
        assert (again.critical, again.other) <= levels_of_lines(problem, loans, placements)[:2]


def test_the_problems_meet_every_relaxation() -> None:
    """Otherwise the tests above would not notice one that is never asked, or never lawful."""
    places = [tiny_in_place(seed) for seed in SEEDS]
    ways = [way for at in places for _, way in [*_ways_of_shifts(at), *_ways_of_blocks(at)]]
    assert {change.code for way in ways for change in way.changes} == set(Relaxation)
    opened = [way for at in places for _, way in _ways_of_blocks(at) if way.loans]
    grouped = [way for at in places for _, way in _ways_of_blocks(at) if len(way.placements) > 1]
    assert opened, "some block is served by covering the shift that its place awaits"
    assert grouped, "some group is served whole"


def _day_only(*people: Json, **changes: object) -> InPlace:
    problem = hand_made.problem()
    problem["needs"] = [{**problem["needs"][0], "shifts": [{**DAY, **changes}]}]
    problem["offers"], problem["situations"], problem["volunteers"] = [], [], list(people)
    return in_place(problem)


FULL_WEEK = volunteer("never", week_minutes_done=[2880])
ASKED = [
    (volunteer("far", commune="away"), Relaxation.TRAVEL, 20 + 1),
    (volunteer("abroad", bassins=[1]), Relaxation.BASSIN, 30),
    (volunteer("busy", availability=[]), Relaxation.AVAILABILITY, 60),
]
NEVER_ASKED = [
    volunteer("no-consent", consent=False),
    volunteer("unqualified", qualifications=[]),
    volunteer("colleague", association="host"),
    volunteer("tired", own_shifts=[[1440, 1440 + 480]]),
    volunteer("full-week", week_minutes_done=[2880]),
    volunteer("own-ceiling", max_loan_minutes=60),
    volunteer("kept", establishment="floor-house"),
    volunteer("far-and-busy", commune="away", availability=[]),
]


@pytest.mark.parametrize(("person", "code", "cost"), ASKED)
def test_whoever_one_negotiable_rule_refuses_is_asked_that_and_no_more(
    person: Json, code: Relaxation, cost: int
) -> None:
    way, last = ways_for_shift(_day_only(person).standing, 0)
    (change,) = way.changes
    assert (change.code, change.volunteer, change.association, way.cost) == (code, person["id"], "lender", cost)
    assert [line.volunteer for line in way.loans] == [person["id"]]
    assert [change.code for change in last.changes] == [Relaxation.PERSON]


@pytest.mark.parametrize("person", NEVER_ASKED, ids=lambda person: str(person["id"]))
def test_law_contract_consent_and_floors_are_never_asked(person: Json) -> None:
    (way,) = ways_for_shift(_day_only(person).standing, 0)
    (change,) = way.changes
    assert (change.code, change.volunteer, way.loans) == (Relaxation.PERSON, None, ())
    assert change.qualifications == ("AES", "ES")


def test_the_cheapest_change_comes_first_and_each_way_asks_other_people() -> None:
    people = [person for person, _, _ in reversed(ASKED)]
    ways = ways_for_shift(_day_only(*people).standing, 0)
    assert [way.loans[0].volunteer for way in ways] == ["far", "abroad", "busy"]


def test_every_missing_seat_is_filled_within_the_floor_of_the_lender() -> None:
    people = [volunteer(f"busy-{n}", establishment="floor-house", availability=[]) for n in range(3)]
    problem = hand_made.problem()
    problem["lend_caps"] = [{"establishment": "floor-house", "day": 1, "max_out": 1}]
    problem["needs"] = [{**problem["needs"][0], "shifts": [{**DAY, "headcount": 2}]}]
    problem["offers"], problem["situations"], problem["volunteers"] = [], [], people
    first, *_ = ways_for_shift(in_place(problem).standing, 0)
    assert [change.code for change in first.changes] == [Relaxation.AVAILABILITY, Relaxation.PERSON]


@pytest.mark.parametrize(
    ("start", "minutes", "derogation"), [(480, 600, False), (480, 601, None), (1260, 720, True), (1260, 721, None)]
)
def test_nobody_is_sought_for_a_shift_that_no_one_may_work(start: int, minutes: int, derogation: bool | None) -> None:
    ways = ways_for_shift(_day_only(start=1440 + start, end=1440 + start + minutes).standing, 0)
    found = [change.night12h_derogation for way in ways for change in way.changes]
    assert found == ([] if derogation is None else [derogation])


def _one_person(*offers: Json, **changes: object) -> InPlace:
    problem = hand_made.problem()
    problem["offers"], problem["volunteers"], problem["lend_caps"] = list(offers), [], []
    problem["situations"] = [situation("him", {"night": [NIGHT_4]}, **changes)]
    return in_place(problem)


NOWHERE = [0] * 14
ONE_NIGHT = [1 if segment == NIGHT_4 else 0 for segment in range(14)]


def test_a_longer_trip_is_asked_of_the_situation_by_its_minutes() -> None:
    (way,) = ways_for_block(_one_person(offer("o", establishment="far-house")).standing, 0)
    (change,) = way.changes
    assert (change.code, change.situation, change.minutes, way.cost) == (Relaxation.TRAVEL, "him", 60, 80)


def test_one_more_place_is_asked_on_the_full_segments_alone() -> None:
    problem = hand_made.problem()
    problem["offers"], problem["volunteers"], problem["lend_caps"] = [offer("o")], [], []
    problem["situations"] = [
        situation("here", {"night": [NIGHT_4]}, urgency=4),
        situation("him", {"stay": [NIGHT_4, NIGHT_4 + 1]}, urgency=1),
    ]
    at = in_place(problem)
    (way,) = ways_for_block(at.standing, 1)
    (change,) = way.changes
    assert (change.code, change.offer, change.segments) == (Relaxation.PLACE, "o", (NIGHT_4,))


def test_a_place_that_awaits_staff_opens_by_the_cheapest_of_people_and_places() -> None:
    extra = {"capacity": NOWHERE, "extra_capacity": ONE_NIGHT, "requires": {"9": [["night-team", "night"]]}}
    (way,) = ways_for_block(_one_person(offer("o", **extra)).standing, 0)
    assert [change.code for change in way.changes] == [Relaxation.PLACE]
    problem = _one_person(offer("o", **extra)).problem
    problem["volunteers"] = [volunteer("busy", availability=[])]
    (way,) = ways_for_block(in_place(problem).standing, 0)
    assert [(change.code, change.volunteer) for change in way.changes] == [(Relaxation.AVAILABILITY, "busy")]
    assert [line.shift for line in way.loans] == ["night"]


@pytest.mark.parametrize(
    "changes",
    [{"age": 30}, {"profile": "moteur"}, {"excluded_establishments": ["host-house"]}, {"max_places": 0}],
    ids=lambda changes: next(iter(changes)),
)
def test_age_profile_exclusion_and_number_of_places_are_never_asked(changes: Json) -> None:
    assert ways_for_block(_one_person(offer("o"), **changes).standing, 0) == ()


def test_persons_to_be_kept_together_are_served_together_or_not_at_all() -> None:
    problem = hand_made.problem()
    problem["offers"], problem["volunteers"], problem["lend_caps"] = [offer("o", capacity=NOWHERE)], [], []
    problem["situations"] = [situation(name, {"night": [NIGHT_4]}, together="pair") for name in ("ana", "bob")]
    at = in_place(problem)
    (way,) = ways_for_block(at.standing, 0)
    assert [change.segments for change in way.changes] == [(NIGHT_4,), (NIGHT_4,)]
    assert [line.situation for line in way.placements] == ["ana", "bob"]
    assert is_lawful(*_applied(at, way))


def test_whoever_joins_an_accepted_companion_is_offered_that_roof_alone() -> None:
    problem = hand_made.problem()
    elsewhere = offer("elsewhere", establishment="other-house", capacity=[0] * 14)
    problem["offers"], problem["volunteers"], problem["lend_caps"] = [offer("o"), elsewhere], [], []
    problem["situations"] = [situation(name, {"night": [NIGHT_4]}, together="pair") for name in ("ana", "bob")]
    problem["frozen"] = {"placements": [{"situation": "ana", "block": "night", "offer": "o"}]}
    at = in_place(problem)
    (way,) = ways_for_block(at.standing, 1)
    assert [(change.code, change.offer) for change in way.changes] == [(Relaxation.PLACE, "o")]
    assert is_lawful(*_applied(at, way))
