"""The independent judge: it accepts lawful plans that tell the truth, and names the rule that any other breaks."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from exchange.matching.checker import Code, check
from tests.matching import hand_made
from tests.matching.hand_made import LOANS, PLACEMENTS

Json = dict[str, Any]
Pair = tuple[Json, Json]


def _codes(pair: Pair) -> set[Code]:
    return {violation.code for violation in check(*pair)}


def _lines(loans: list[tuple[str, str]], placements: Sequence[tuple[Any, ...]], **problem_changes: object) -> Pair:
    problem = {**hand_made.problem(), **problem_changes}
    return problem, hand_made.plan(problem, loans, placements)


def _told(**changes: object) -> Pair:
    return hand_made.problem(), {**hand_made.lawful_plan(), **changes}


def _day_taken_by(who: str) -> Pair:
    return _lines([(who, "day"), LOANS[1]], PLACEMENTS)


def _monday_of_ana_at(offer: str) -> Pair:
    return _lines(LOANS, [("ana", "monday", offer), *PLACEMENTS[1:]])


def _level_off_by_one(level: str) -> Pair:
    problem, plan = hand_made.problem(), hand_made.lawful_plan()
    plan["levels"][level] += 1
    return problem, plan


def _unmet_changed(change: Callable[[list[Json]], None]) -> Pair:
    problem, plan = hand_made.problem(), hand_made.lawful_plan()
    change(plan["unmet"])
    return problem, plan


def _first_unmet_told(**changes: object) -> Pair:
    return _unmet_changed(lambda unmet: unmet[0].update(changes))


def _couple(placements: list[tuple[str, str, str]], *accepted: tuple[str, str, str]) -> Pair:
    """Ana and Cleo, to be kept together, both want segment 1."""
    people = hand_made.problem()["situations"]
    for person in people:
        if person["id"] in ("ana", "cleo"):
            person["together"] = "couple"
    lines = [dict(zip(("situation", "block", "offer"), line, strict=True)) for line in accepted]
    return _lines(LOANS, placements, situations=people, frozen={"placements": lines})


def _monday_of_ana_in_parts(*parts: tuple[Any, ...], price: int = 60, **changes: object) -> Pair:
    """The offer and the segments of each part."""
    lines = [("ana", "monday", *part) for part in parts]
    return _lines(LOANS, [*lines, *PLACEMENTS[1:]], prices={"split": price}, **changes)


def _couple_of_ana() -> list[Json]:
    return [{**one, "together": "alone"} if one["id"] == "ana" else one for one in hand_made.problem()["situations"]]


def _people_changed(name: str, **changes: object) -> Pair:
    people = [{**one, **(changes if one["id"] == name else {})} for one in hand_made.problem()["situations"]]
    return _lines(LOANS, PLACEMENTS, situations=people)


def _fine_changed(**changes: object) -> list[Json]:
    return [{**one, **(changes if one["id"] == "fine" else {})} for one in hand_made.problem()["offers"]]


def _needs_short_of_staff() -> list[Json]:
    needs: list[Json] = hand_made.problem()["needs"]
    needs[0]["shifts"][0] |= {"permanent_staff": 1, "min_permanent_staff": 2}
    return needs


def _ruled(figures: Json, **changes: object) -> Pair:
    """The two usual loans, the first by somebody whose employer has these figures."""
    people = [{**person, **(changes if person["id"] == "good" else {})} for person in hand_made.problem()["volunteers"]]
    people[0]["rules"] = "agreed"
    return _lines(LOANS, PLACEMENTS, volunteers=people, rules=[{"id": "agreed", **figures}])


BARE: Json = {"reasons": [], "relaxations": []}
FROZEN = {"loans": [{"volunteer": "good", "shift": "day"}], "placements": []}

TAMPERED: dict[Code, list[Callable[[], Pair]]] = {
    Code.PLAN_MALFORMED: [
        lambda: _told(loans="aucun"),
        lambda: _told(placements=[{"situation": "ana"}]),
        lambda: _told(levels={"critical": 0}),
        lambda: _told(digest=None),
        lambda: _told(surprise=1),
        lambda: _told(loans=[{"volunteer": "good", "shift": "day", "surprise": 1}]),
        lambda: _told(unlocks=None),
        lambda: _told(unlocks=[{"need": "team", "shift": "day", "offer": "fine", "segments": ["1"]}]),
        lambda: _told(unlocks=[{"need": "team", "shift": "day", "offer": "fine"}]),
        lambda: _told(solver={}),
        lambda: _told(solver="cp-sat"),
        lambda: _told(solver={**hand_made.lawful_plan()["solver"], "seed": True}),
        lambda: _told(solver={**hand_made.lawful_plan()["solver"], "wall_seconds": float("nan")}),
        lambda: _told(solver={**hand_made.lawful_plan()["solver"], "wall_seconds": 10**400}),
        lambda: _first_unmet_told(reasons="aucune"),
        lambda: _first_unmet_told(reasons=[{"code": "age"}]),
        lambda: _first_unmet_told(reasons=[{"code": "age", "count": "2"}]),
        lambda: _first_unmet_told(relaxations=None),
        lambda: _first_unmet_told(relaxations=[{}]),
        lambda: _first_unmet_told(missing=1.0),
        lambda: _told(placements=[{"situation": "ana", "block": "monday", "offer": "fine", "segments": []}]),
        lambda: _told(placements=[{"situation": "ana", "block": "monday", "offer": "fine", "segments": "0"}]),
    ],
    Code.PLAN_FORMAT: [lambda: _told(format="entraide-plan/2")],
    Code.OTHER_PROBLEM: [lambda: _told(problem="another")],
    Code.STATUS: [lambda: _told(status="perfect")],
    Code.UNKNOWN_ID: [
        lambda: _lines([*LOANS, ("ghost", "day")], PLACEMENTS),
        lambda: _lines([*LOANS, ("good", "ghost")], PLACEMENTS),
        lambda: _lines(LOANS, [*PLACEMENTS, ("ghost", "monday", "fine")]),
        lambda: _lines(LOANS, [*PLACEMENTS, ("ana", "ghost", "fine")]),
        lambda: _lines(LOANS, [*PLACEMENTS, ("ana", "friday", "ghost")]),
    ],
    Code.DUPLICATE_LINE: [
        lambda: _lines([*LOANS, LOANS[0]], PLACEMENTS),
        lambda: _lines(LOANS, [*PLACEMENTS, PLACEMENTS[0]]),
    ],
    Code.FROZEN_LINE_ABSENT: [
        lambda: _lines(LOANS[1:], PLACEMENTS, frozen=FROZEN),
        lambda: _lines(
            LOANS,
            PLACEMENTS,
            frozen={"loans": [], "placements": [{"situation": "ana", "block": "monday", "offer": "fine-too"}]},
        ),
    ],
    Code.NO_CONSENT: [lambda: _day_taken_by("no-consent")],
    Code.FILE_NOT_READY: [lambda: _ruled({}, ready_from=1921)],
    Code.PERMANENT_STAFF: [lambda: _lines(LOANS, PLACEMENTS, needs=_needs_short_of_staff())],
    Code.SAME_EMPLOYER: [lambda: _day_taken_by("same-employer")],
    Code.QUALIFICATION: [lambda: _day_taken_by("qualification")],
    Code.HOST_BASSIN: [lambda: _day_taken_by("host-bassin")],
    Code.LOAN_TRAVEL: [lambda: _day_taken_by("loan-travel")],
    Code.AVAILABILITY: [lambda: _day_taken_by("availability")],
    Code.SHIFT_LENGTH: [lambda: _lines([*LOANS, ("good", "long")], PLACEMENTS)],
    Code.REST: [lambda: _day_taken_by("rest"), lambda: _lines([*LOANS, ("good", "evening")], PLACEMENTS)],
    Code.WEEK_MINUTES: [lambda: _day_taken_by("week-minutes")],
    Code.WEEKLY_REST: [lambda: _ruled({"weekly_rest_minutes": 7_681})],
    Code.DAYS_IN_ROW: [lambda: _ruled({"days_in_row": 1}, own_shifts=[[3_500, 3_800]])],
    Code.AVERAGE_WEEK: [lambda: _ruled({"average_week_minutes": 479, "average_weeks": 1})],
    Code.LOAN_MINUTES: [lambda: _day_taken_by("loan-minutes")],
    Code.LEND_CAP: [lambda: _day_taken_by("lend-cap")],
    Code.HEADCOUNT: [lambda: _lines([*LOANS, ("good-too", "day")], PLACEMENTS)],
    Code.BLOCK_PLACED_TWICE: [
        lambda: _lines(LOANS, [*PLACEMENTS, ("ana", "monday", "elsewhere")]),
        lambda: _monday_of_ana_in_parts(("fine",), ("elsewhere", 1)),
    ],
    Code.SPLIT: [
        lambda: _monday_of_ana_in_parts(("fine", 0), ("elsewhere", 1), price=0),
        lambda: _monday_of_ana_in_parts(("fine", 0), ("elsewhere", 1), situations=_couple_of_ana()),
        lambda: _monday_of_ana_in_parts(("fine", 0)),
        lambda: _monday_of_ana_in_parts(("fine", 0, 1)),
        lambda: _monday_of_ana_in_parts(("fine", 0, 5), ("elsewhere", 1)),
        lambda: _monday_of_ana_in_parts(("fine", 0), ("fine", 1)),
    ],
    Code.AGE: [lambda: _monday_of_ana_at("age")],
    Code.PROFILE: [lambda: _monday_of_ana_at("profile")],
    Code.PROVISION: [lambda: _people_changed("ana", needs_by_night=["porte"])],
    Code.CARE_MODE: [lambda: _lines(LOANS, PLACEMENTS, offers=_fine_changed(without_bed=True))],
    Code.ZONE: [
        lambda: _lines(
            LOANS, PLACEMENTS, zones=[{"id": "there", "communes": ["away"]}], offers=_fine_changed(zone="there")
        )
    ],
    Code.HOURS: [lambda: _lines(LOANS, PLACEMENTS, offers=_fine_changed(hours=[0, 1440]))],
    Code.EXCLUDED: [lambda: _monday_of_ana_at("excluded-establishment")],
    Code.PLACEMENT_TRAVEL: [lambda: _monday_of_ana_at("placement-travel")],
    Code.CAPACITY: [lambda: _lines(LOANS, [*PLACEMENTS, ("cleo", "monday", "fine")])],
    Code.CONDITIONAL_CAPACITY: [lambda: _lines(LOANS[:1], PLACEMENTS)],
    Code.INCOMPATIBLE: [lambda: _lines(LOANS, [*PLACEMENTS, ("dan", "monday", "fine-too")])],
    Code.KEPT_APART: [
        lambda: _couple(PLACEMENTS),
        lambda: _couple([*PLACEMENTS, ("cleo", "monday", "elsewhere")]),
        lambda: _couple([*PLACEMENTS, ("cleo", "monday", "elsewhere")], PLACEMENTS[0]),
        lambda: _couple([("cleo", "monday", "fine"), *PLACEMENTS[1:]]),
    ],
    Code.MAX_PLACES: [lambda: _lines(LOANS, [*PLACEMENTS, ("eve", "wednesday", "fine")])],
    Code.UNMET_ABSENT: [lambda: _unmet_changed(lambda unmet: unmet.pop(0) and None)],
    Code.UNMET_UNFOUNDED: [
        lambda: _unmet_changed(lambda unmet: unmet.append(unmet[0])),
        lambda: _unmet_changed(
            lambda unmet: unmet.append({"need": "reinforcement", "shift": "day", "missing": 1, **BARE})
        ),
        lambda: _unmet_changed(
            lambda unmet: unmet.append({"situation": "ana", "block": "monday", "missing": 2, **BARE})
        ),
    ],
    Code.UNMET_MISSING: [lambda: _unmet_changed(lambda unmet: unmet[0].update(missing=unmet[0]["missing"] + 1))],
    Code.CRITICAL: [lambda: _level_off_by_one("critical")],
    Code.OTHER: [lambda: _level_off_by_one("other")],
    Code.BURDEN: [lambda: _level_off_by_one("burden")],
    Code.BOUNDS: [
        lambda: _told(bounds={"critical": 10**6, "other": 0, "burden": 0}),
        lambda: _told(status="proven"),
    ],
    Code.DIGEST: [lambda: _told(digest="0" * 64)],
}


def test_every_code_of_the_checker_has_a_tampered_plan() -> None:
    assert set(TAMPERED) == set(Code)


def test_a_lawful_plan_that_tells_the_truth_is_accepted() -> None:
    assert check(hand_made.problem(), hand_made.lawful_plan()) == []


@pytest.mark.parametrize(
    ("code", "tamper"),
    [
        pytest.param(code, tamper, id=f"{code.value}-{rank}")
        for code, ways in TAMPERED.items()
        for rank, tamper in enumerate(ways)
    ],
)
def test_tampered_plan_is_rejected_with_the_code_of_its_rule_alone(code: Code, tamper: Callable[[], Pair]) -> None:
    assert _codes(tamper()) == {code}


def test_incompatibility_counts_whichever_person_declares_it() -> None:
    problem = hand_made.problem()
    problem["situations"][3]["incompatible_with"] = []
    problem["situations"][0]["incompatible_with"] = ["dan"]
    plan = hand_made.plan(problem, LOANS, [*PLACEMENTS, ("dan", "monday", "fine-too")])
    assert _codes((problem, plan)) == {Code.INCOMPATIBLE}


def test_incompatible_persons_may_stay_in_different_establishments() -> None:
    assert _codes(_lines(LOANS, [*PLACEMENTS, ("dan", "monday", "elsewhere")])) == set()


@pytest.mark.parametrize(
    "pair",
    [
        _couple([*PLACEMENTS, ("cleo", "monday", "fine-too")]),
        _couple(PLACEMENTS[1:]),
        _couple([*PLACEMENTS[1:], ("ana", "friday", "fine")]),
        _couple(PLACEMENTS, PLACEMENTS[0]),
    ],
    ids=["two offers of one house", "nobody", "a day that one alone asks for", "one of them accepted before"],
)
def test_persons_kept_together_share_a_house_or_nothing(pair: Pair) -> None:
    assert _codes(pair) == set()


FROZEN_PART = {"placements": [{"situation": "ana", "block": "monday", "offer": "fine", "segments": [0]}]}


@pytest.mark.parametrize(
    "pair",
    [
        _monday_of_ana_in_parts(("fine", 0), ("elsewhere", 1)),
        _monday_of_ana_in_parts(("fine", 0), frozen=FROZEN_PART),
        _monday_of_ana_in_parts(("fine", 0), ("fine", 1), frozen=FROZEN_PART),
    ],
    ids=["in two offers", "a part accepted before", "where a part was accepted before"],
)
def test_a_block_may_be_served_in_two_parts(pair: Pair) -> None:
    assert _codes(pair) == set()


def test_the_digest_tells_a_part_from_the_whole() -> None:
    problem, plan = _monday_of_ana_in_parts(("fine", 0), ("elsewhere", 1))
    whole = [{key: line[key] for key in ("situation", "block", "offer")} for line in plan["placements"]]
    plan["digest"] = hand_made.digest({**plan, "placements": whole})
    assert _codes((problem, plan)) == {Code.DIGEST}


def test_a_plan_that_is_not_an_object_is_malformed() -> None:
    assert {violation.code for violation in check(hand_made.problem(), [])} == {Code.PLAN_MALFORMED}  # type: ignore[arg-type]
