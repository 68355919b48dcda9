"""Pair by pair: one person or place at the very limit of each rule is a candidate, one step beyond is refused."""

from typing import Any

import pytest

from exchange.matching.checker import Code, check
from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explain import why_not_loan, why_not_placement
from exchange.matching.files import problem_from_json
from tests.matching import hand_made
from tests.matching.hand_made import offer, situation, volunteer

Json = dict[str, Any]

SEVEN_PM = 4 * 1440 + 19 * 60


def _loan(person: Json, start: int, end: int, **problem_changes: object) -> tuple[LoanRefusal, ...]:
    problem = {**hand_made.problem(), **problem_changes}
    problem["volunteers"] = [person]
    problem["needs"][0]["shifts"][0] |= {"start": start, "end": end}
    return why_not_loan(problem_from_json(problem), "day")[person["id"]]


def _placement(place: Json, person: Json) -> tuple[PlacementRefusal, ...]:
    problem = {**hand_made.problem(), "zones": ZONES}
    problem["offers"], problem["situations"] = [place], [person]
    return why_not_placement(problem_from_json(problem), person["id"], person["blocks"][0]["id"])[place["id"]]


DAY = (1440 + 480, 1440 + 960)


def _freed(start: int, end: int, *other: int, **changes: object) -> Json:
    """Somebody whose lender frees one own shift, and who may have another."""
    own = [[start, end], *([list(other)] if other else [])]
    return volunteer("v", own_shifts=own, released=[[start, end]], **changes)


FLOOR = [{"establishment": "lender-house", "day": 1, "max_out": 0}]

LOANS: list[tuple[LoanRefusal | None, Json, tuple[int, int], Json]] = [
    (None, volunteer("v"), DAY, {}),
    (LoanRefusal.SAME_EMPLOYER, volunteer("v", association="host"), DAY, {}),
    (None, volunteer("v", qualifications=["ES", "IDE"]), DAY, {}),
    (LoanRefusal.QUALIFICATION, volunteer("v", qualifications=["IDE"]), DAY, {}),
    (LoanRefusal.QUALIFICATION, volunteer("v", qualifications=[]), DAY, {}),
    (None, volunteer("v"), (1440, 1440 + 600), {}),
    (LoanRefusal.SHIFT_LENGTH, volunteer("v"), (1440, 1440 + 601), {}),
    (LoanRefusal.SHIFT_LENGTH, volunteer("v"), (SEVEN_PM, SEVEN_PM + 720), {}),
    (None, volunteer("v", night12h_derogation=True), (SEVEN_PM, SEVEN_PM + 720), {}),
    (LoanRefusal.SHIFT_LENGTH, volunteer("v", night12h_derogation=True), (SEVEN_PM, SEVEN_PM + 721), {}),
    (LoanRefusal.SHIFT_LENGTH, volunteer("v", night12h_derogation=True), (SEVEN_PM - 1, SEVEN_PM + 600), {}),
    (None, volunteer("v", own_shifts=[[-300, 1440 + 480 - 660]]), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, volunteer("v", own_shifts=[[-300, 1440 + 480 - 659]]), DAY, {}),
    (None, volunteer("v", own_shifts=[[1440 + 960 + 660, 4000]]), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, volunteer("v", own_shifts=[[1440 + 960 + 659, 4000]]), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, volunteer("v", own_shifts=[[1440 + 500, 1440 + 510]]), DAY, {}),
    (None, volunteer("v", week_minutes_done=[2400]), DAY, {}),
    (LoanRefusal.WEEK_MINUTES, volunteer("v", week_minutes_done=[2401]), DAY, {}),
    (None, volunteer("v", ready_from=DAY[0]), DAY, {}),
    (LoanRefusal.FILE_NOT_READY, volunteer("v", ready_from=DAY[0] + 1), DAY, {}),
    (LoanRefusal.CONSENT, volunteer("v", consent=False), DAY, {}),
    (None, volunteer("v", bassins=[1, 0]), DAY, {}),
    (LoanRefusal.BASSIN, volunteer("v", bassins=[1]), DAY, {}),
    (LoanRefusal.BASSIN, volunteer("v", bassins=[]), DAY, {}),
    (None, volunteer("v", commune="away", max_travel_min=31), DAY, {}),
    (LoanRefusal.TRAVEL, volunteer("v", commune="away", max_travel_min=30), DAY, {}),
    (None, volunteer("v", availability=[list(DAY)]), DAY, {}),
    (LoanRefusal.AVAILABILITY, volunteer("v", availability=[[DAY[0] + 1, DAY[1]]]), DAY, {}),
    (LoanRefusal.AVAILABILITY, volunteer("v", availability=[[DAY[0], DAY[1] - 1]]), DAY, {}),
    (LoanRefusal.AVAILABILITY, volunteer("v", availability=[[DAY[0], 2000], [2000, DAY[1]]]), DAY, {}),
    (LoanRefusal.AVAILABILITY, volunteer("v", availability=[]), DAY, {}),
    (None, _freed(DAY[0], DAY[1], availability=[]), DAY, {}),
    (None, _freed(DAY[0], DAY[1], week_minutes_done=[2880]), DAY, {}),
    (LoanRefusal.LOAN_MINUTES, _freed(DAY[0], DAY[1], max_loan_minutes=479), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, _freed(DAY[0] + 1, DAY[1]), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, _freed(DAY[0], DAY[1] - 1), DAY, {}),
    (LoanRefusal.REST_OWN_SHIFTS, _freed(DAY[0], DAY[1], DAY[0] - 959, DAY[0] - 659), DAY, {}),
    (None, _freed(DAY[0], DAY[1], DAY[0] - 960, DAY[0] - 660), DAY, {}),
    # Own time freed on another day opens nothing here.
    (LoanRefusal.AVAILABILITY, _freed(5760, 6000, availability=[]), DAY, {}),
    (None, volunteer("v", max_loan_minutes=480), DAY, {}),
    (LoanRefusal.LOAN_MINUTES, volunteer("v", max_loan_minutes=479), DAY, {}),
    (None, volunteer("v"), DAY, {"lend_caps": [{**FLOOR[0], "max_out": 1}]}),
    (None, volunteer("v"), DAY, {"lend_caps": [{**FLOOR[0], "day": 2}]}),
    (LoanRefusal.LEND_CAP, volunteer("v"), DAY, {"lend_caps": FLOOR}),
]

ONE_PLACE_EVERY_SEGMENT_BUT_THE_SECOND = [1, 0, *[1] * 12]
STAFFED = {
    "capacity": ONE_PLACE_EVERY_SEGMENT_BUT_THE_SECOND,
    "extra_capacity": [0, 1, *[0] * 12],
    "requires": {"1": [["night-team", "night"]]},
}
TWO_SEGMENTS = {"b": [0, 1]}
DAY_0, NIGHT_0 = "0", "1"
ZONES = [{"id": "here", "communes": ["town"]}, {"id": "there", "communes": ["away"]}, {"id": "none", "communes": []}]


def _visits(**wanted: object) -> Json:
    person = situation("s", TWO_SEGMENTS)
    person["blocks"][0] |= wanted
    return person


PLACEMENTS: list[tuple[PlacementRefusal | None, Json, Json]] = [
    (None, offer("o"), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.EXCLUDED, offer("o"), situation("s", TWO_SEGMENTS, excluded_establishments=["host-house"])),
    (None, offer("o"), situation("s", TWO_SEGMENTS, excluded_establishments=["other-house"])),
    (None, offer("o"), situation("s", TWO_SEGMENTS, age=6)),
    (None, offer("o"), situation("s", TWO_SEGMENTS, age=20)),
    (PlacementRefusal.AGE, offer("o"), situation("s", TWO_SEGMENTS, age=5)),
    (PlacementRefusal.AGE, offer("o"), situation("s", TWO_SEGMENTS, age=21)),
    (PlacementRefusal.PROFILE, offer("o", profiles=["dit"]), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.PROFILE, offer("o", profiles=[]), situation("s", TWO_SEGMENTS)),
    (None, offer("o", provides=["gavage", "porte"]), situation("s", TWO_SEGMENTS, needs=["porte"])),
    (PlacementRefusal.PROVISION, offer("o", provides=["porte"]), situation("s", TWO_SEGMENTS, needs=["porte", "x"])),
    (PlacementRefusal.PROVISION, offer("o"), situation("s", TWO_SEGMENTS, needs_by_night=["x"])),
    (None, offer("o"), situation("s", {"b": [0]}, needs_by_night=["x"])),
    (None, offer("o"), situation("s", {"b": [2]}, needs_by_night=["x"])),
    (PlacementRefusal.PROVISION, offer("o"), situation("s", {"b": [3]}, needs_by_night=["x"])),
    (PlacementRefusal.PROVISION, offer("o"), situation("s", TWO_SEGMENTS, needs_by_day=["x"])),
    (None, offer("o"), situation("s", {"b": [1]}, needs_by_day=["x"])),
    (None, offer("o", provides_at={NIGHT_0: ["x"]}), situation("s", TWO_SEGMENTS, needs_by_night=["x"])),
    (PlacementRefusal.PROVISION, offer("o", provides_at={NIGHT_0: ["x"]}), situation("s", TWO_SEGMENTS, needs=["x"])),
    (
        PlacementRefusal.PROVISION,
        offer("o", provides=["x"], provides_at={DAY_0: []}),
        situation("s", TWO_SEGMENTS, needs=["x"]),
    ),
    (None, offer("o", provides=["x"], provides_at={"2": []}), situation("s", TWO_SEGMENTS, needs=["x"])),
    (PlacementRefusal.CARE_MODE, offer("o", without_bed=True), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.CARE_MODE, offer("o"), _visits(without_bed=True)),
    (None, offer("o", without_bed=True), _visits(without_bed=True)),
    (None, offer("o", zone="here"), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.ZONE, offer("o", zone="there"), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.ZONE, offer("o", zone="none"), situation("s", TWO_SEGMENTS)),
    (None, offer("o", zone="here", without_bed=True, establishment="far-house"), _visits(without_bed=True)),
    (PlacementRefusal.TRAVEL, offer("o", zone="here", establishment="far-house"), _visits()),
    (PlacementRefusal.TRAVEL, offer("o", without_bed=True, establishment="far-house"), _visits(without_bed=True)),
    (None, offer("o"), _visits(hours=[540, 1020])),
    (None, offer("o", hours=[540, 1020]), _visits(hours=[540, 1020])),
    (PlacementRefusal.HOURS, offer("o", hours=[540, 1020]), _visits(hours=[539, 1020])),
    (PlacementRefusal.HOURS, offer("o", hours=[540, 1020]), _visits(hours=[540, 1021])),
    (PlacementRefusal.HOURS, offer("o", hours=[0, 1440]), _visits()),
    (None, offer("o", hours=[1260, 1860]), _visits(hours=[1320, 1800])),
    (None, offer("o", establishment="far-house"), situation("s", TWO_SEGMENTS, max_travel_min=90)),
    (PlacementRefusal.TRAVEL, offer("o", establishment="far-house"), situation("s", TWO_SEGMENTS, max_travel_min=89)),
    (PlacementRefusal.CAPACITY, offer("o", capacity=STAFFED["capacity"]), situation("s", TWO_SEGMENTS)),
    (None, offer("o", **STAFFED), situation("s", TWO_SEGMENTS)),
    (PlacementRefusal.MAX_PLACES, offer("o"), situation("s", TWO_SEGMENTS, max_places=0)),
]


# These hold only where a rule set asks for them: `test_rules_as_data` has their cases.
OF_RULE_SETS = {LoanRefusal.WEEKLY_REST, LoanRefusal.DAYS_IN_ROW, LoanRefusal.AVERAGE_WEEK}
# A shift, not a person, breaks this one: `test_additions` has its case.
OF_SHIFTS = {LoanRefusal.PERMANENT_STAFF}

LOAN_CODES = {
    LoanRefusal.SAME_EMPLOYER: Code.SAME_EMPLOYER,
    LoanRefusal.QUALIFICATION: Code.QUALIFICATION,
    LoanRefusal.SHIFT_LENGTH: Code.SHIFT_LENGTH,
    LoanRefusal.REST_OWN_SHIFTS: Code.REST,
    LoanRefusal.WEEK_MINUTES: Code.WEEK_MINUTES,
    LoanRefusal.FILE_NOT_READY: Code.FILE_NOT_READY,
    LoanRefusal.CONSENT: Code.NO_CONSENT,
    LoanRefusal.BASSIN: Code.HOST_BASSIN,
    LoanRefusal.TRAVEL: Code.LOAN_TRAVEL,
    LoanRefusal.AVAILABILITY: Code.AVAILABILITY,
    LoanRefusal.LOAN_MINUTES: Code.LOAN_MINUTES,
    LoanRefusal.LEND_CAP: Code.LEND_CAP,
}
PLACEMENT_CODES = {
    PlacementRefusal.EXCLUDED: Code.EXCLUDED,
    PlacementRefusal.AGE: Code.AGE,
    PlacementRefusal.PROFILE: Code.PROFILE,
    PlacementRefusal.PROVISION: Code.PROVISION,
    PlacementRefusal.CARE_MODE: Code.CARE_MODE,
    PlacementRefusal.ZONE: Code.ZONE,
    PlacementRefusal.HOURS: Code.HOURS,
    PlacementRefusal.TRAVEL: Code.PLACEMENT_TRAVEL,
    PlacementRefusal.CAPACITY: Code.CAPACITY,
    PlacementRefusal.MAX_PLACES: Code.MAX_PLACES,
}


@pytest.mark.parametrize(("refusal", "person", "hours", "changes"), LOANS)
def test_volunteer_is_refused_by_the_rule_alone(
    refusal: LoanRefusal | None, person: Json, hours: tuple[int, int], changes: Json
) -> None:
    assert _loan(person, *hours, **changes) == (() if refusal is None else (refusal,))


@pytest.mark.parametrize(("refusal", "place", "person"), PLACEMENTS)
def test_offer_is_refused_by_the_rule_alone(refusal: PlacementRefusal | None, place: Json, person: Json) -> None:
    assert _placement(place, person) == (() if refusal is None else (refusal,))


@pytest.mark.parametrize(("refusal", "person", "hours", "changes"), LOANS)
def test_independent_checker_draws_the_limit_of_loans_at_the_same_place(
    refusal: LoanRefusal | None, person: Json, hours: tuple[int, int], changes: Json
) -> None:
    problem = {**hand_made.problem(), **changes, "volunteers": [person]}
    problem["needs"][0]["shifts"][0] |= {"start": hours[0], "end": hours[1]}
    plan = hand_made.plan(problem, [(person["id"], "day")], [])
    assert {violation.code for violation in check(problem, plan)} == ({LOAN_CODES[refusal]} if refusal else set())


@pytest.mark.parametrize(("refusal", "place", "person"), PLACEMENTS)
def test_independent_checker_draws_the_limit_of_placements_at_the_same_place(
    refusal: PlacementRefusal | None, place: Json, person: Json
) -> None:
    problem = {**hand_made.problem(), "zones": ZONES, "offers": [place], "situations": [person]}
    plan = hand_made.plan(problem, [("good", "night")], [(person["id"], "b", place["id"])])
    assert {violation.code for violation in check(problem, plan)} == ({PLACEMENT_CODES[refusal]} if refusal else set())


def test_every_refusal_has_its_case() -> None:
    assert {refusal for refusal, *_ in LOANS} - {None} == set(LoanRefusal) - OF_RULE_SETS - OF_SHIFTS
    # A group takes two persons: `test_together` has its cases.
    assert {refusal for refusal, *_ in PLACEMENTS} - {None} == set(PlacementRefusal) - {PlacementRefusal.GROUP}
