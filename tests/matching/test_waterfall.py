"""Why an item is unmet: each rule in its order, shortage told from competition, and who nearly could."""

from typing import Any

import pytest

from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explanation import Gap, Shortage
from exchange.matching.families import LOAN_EXCLUSIONS, PLACEMENT_EXCLUSIONS, Exclusion, Family
from exchange.matching.gaps import gap_of_block, gap_of_shift
from exchange.matching.obstacles import Obstacles
from exchange.matching.plan import ReasonCount, UnmetBlock
from exchange.matching.problem import LoanLine, PlacementLine
from exchange.matching.ways import Relaxation
from tests.matching import hand_made
from tests.matching.hand_made import NIGHT_4, offer, situation, volunteer
from tests.matching.plans_in_place import InPlace, in_place, tiny_in_place

Json = dict[str, Any]
SEEDS = range(40)
NEVER = {
    LoanRefusal.SAME_EMPLOYER,
    LoanRefusal.QUALIFICATION,
    LoanRefusal.SHIFT_LENGTH,
    LoanRefusal.REST_OWN_SHIFTS,
    LoanRefusal.WEEK_MINUTES,
    LoanRefusal.CONSENT,
    LoanRefusal.LEND_CAP,
    PlacementRefusal.EXCLUDED,
    PlacementRefusal.AGE,
    PlacementRefusal.PROFILE,
}


def _gap(at: InPlace, part: str) -> Gap:
    tables, obstacles = at.standing.tables, Obstacles(at.standing)
    if part in tables.shift_index:
        return gap_of_shift(at.standing, obstacles, tables.shift_index[part])
    (block,) = [index for index, one in enumerate(tables.blocks) if one.id == part]
    return gap_of_block(at.standing, obstacles, block)


def test_every_refusal_has_its_family() -> None:
    assert LOAN_EXCLUSIONS.keys() == set(LoanRefusal)
    assert PLACEMENT_EXCLUSIONS.keys() == set(PlacementRefusal)


def test_nobody_is_asked_to_relax_law_consent_qualification_or_protection() -> None:
    exclusions: list[tuple[object, Exclusion]] = [*LOAN_EXCLUSIONS.items(), *PLACEMENT_EXCLUSIONS.items()]
    assert all(exclusion.lifted_by is None for refusal, exclusion in exclusions if refusal in NEVER)
    assert all(exclusion.lifted_by is None for _, exclusion in exclusions if exclusion.family is Family.LAW)


@pytest.mark.parametrize("refusals", [LoanRefusal, PlacementRefusal])
def test_law_and_contract_are_told_before_wishes(refusals: type[LoanRefusal] | type[PlacementRefusal]) -> None:
    exclusions: dict[Any, Exclusion] = {**LOAN_EXCLUSIONS, **PLACEMENT_EXCLUSIONS}
    families = [exclusions[refusal].family for refusal in refusals]
    first_wish = families.index(Family.WISH)
    assert Family.LAW not in families[first_wish:]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_waterfall_counts_every_candidate_once_and_as_the_plan_does(seed: int) -> None:
    at = tiny_in_place(seed)
    for item in at.plan.unmet:
        part = item.block if isinstance(item, UnmetBlock) else item.shift
        if isinstance(item, UnmetBlock):
            index = at.standing.tables.block_index[item.situation, part]
            gap = gap_of_block(at.standing, Obstacles(at.standing), index)
            everybody, there = len(at.problem["offers"]), 0
        else:
            gap = _gap(at, part)
            everybody, there = len(at.problem["volunteers"]), sum(1 for _, shift in at.loans if shift == part)
        refused = [(step.code, step.count) for step in gap.steps]
        told = [(reason.code, reason.count) for reason in item.reasons if reason.code not in tuple(Shortage)]
        assert refused == told
        assert sum(count for _, count in refused) + gap.candidates + there == everybody
        assert gap.missing == item.missing
        assert (gap.shortage is Shortage.STRUCTURAL) == (gap.candidates == 0)


def _day(*people: Json, **changes: object) -> InPlace:
    problem = hand_made.problem()
    shift = {"id": "day", "start": 1440 + 480, "end": 1440 + 960, "headcount": 1}
    evening = {"id": "evening", "start": 1440 + 1080, "end": 1440 + 1440, "headcount": 1}
    asked = {**problem["needs"][0], "shifts": [{**shift, **changes}]}
    dearer = {**asked, "id": "urgent", "urgency": 4, "shifts": [evening]}
    problem["needs"] = [asked, dearer]
    problem["offers"], problem["situations"], problem["volunteers"] = [], [], list(people)
    return in_place(problem)


def test_nobody_able_is_a_shortage_that_each_rule_explains() -> None:
    gap = _gap(_day(volunteer("a", consent=False), volunteer("b", qualifications=[], consent=False)), "day")
    assert (gap.shortage, gap.candidates, gap.held_by) == (Shortage.STRUCTURAL, 0, ())
    told = [(step.family, step.code, step.count) for step in gap.steps]
    assert told == [(Family.LAW, "qualification", 1), (Family.WISH, "no-consent", 1)]


def test_somebody_able_but_taken_is_competition_and_the_line_is_named() -> None:
    gap = _gap(_day(volunteer("only")), "day")
    assert (gap.shortage, gap.candidates, gap.steps) == (Shortage.COMPETITION, 1, ())
    assert gap.held_by == (LoanLine("only", "evening"),)


def test_a_volunteer_already_on_the_shift_is_no_competition_for_its_other_seat() -> None:
    gap = _gap(_day(volunteer("one"), volunteer("two"), headcount=3), "day")
    assert (gap.missing, gap.shortage, gap.candidates) == (2, Shortage.COMPETITION, 1)


@pytest.mark.parametrize(
    ("person", "by", "figures"),
    [
        (volunteer("v", commune="away"), Relaxation.TRAVEL, (31, 30)),
        (volunteer("v", bassins=[1]), Relaxation.BASSIN, (None, None)),
        (volunteer("v", availability=[[1440 + 1080, 1440 + 1440]]), Relaxation.AVAILABILITY, (None, None)),
        (volunteer("v", consent=False), None, None),
        (volunteer("v", qualifications=[]), None, None),
        (volunteer("v", max_loan_minutes=1), None, None),
        (volunteer("v", commune="away", bassins=[1]), None, None),
    ],
)
def test_a_near_miss_fails_one_negotiable_rule_and_no_other(
    person: Json, by: Relaxation | None, figures: tuple[int | None, int | None] | None
) -> None:
    gap = _gap(_day(person), "day")
    found = [(near.candidate, near.association, near.by, (near.found, near.limit)) for near in gap.near_misses]
    assert found == ([] if by is None else [("v", "lender", by, figures)])
    assert gap.near_misses_count == (() if by is None else (ReasonCount(by.value, 1),))


def test_a_near_miss_says_which_line_holds_the_person_meanwhile() -> None:
    (near,) = _gap(_day(volunteer("v", availability=[[1440 + 1080, 1440 + 1440]])), "day").near_misses
    assert near.held_by == (LoanLine("v", "evening"),)


def _nights(*offers: Json, people: list[Json] | None = None, **changes: object) -> InPlace:
    problem = hand_made.problem()
    problem["offers"], problem["volunteers"], problem["lend_caps"] = list(offers), people or [], []
    problem["situations"] = [
        situation("urgent", {"first": [NIGHT_4]}, urgency=4),
        situation("him", {"stay": [NIGHT_4]}, **{"urgency": 1, **changes}),
    ]
    return in_place(problem)


def test_a_place_taken_by_somebody_else_is_competition_and_the_line_is_named() -> None:
    gap = _gap(_nights(offer("o")), "stay")
    assert (gap.shortage, gap.candidates) == (Shortage.COMPETITION, 1)
    assert gap.held_by == (PlacementLine("urgent", "first", "o"),)


def test_a_place_without_its_staff_is_neither_shortage_of_places_nor_competition() -> None:
    staffed = offer(
        "o",
        capacity=[0] * 14,
        extra_capacity=[1 if segment == NIGHT_4 else 0 for segment in range(14)],
        requires={"9": [["night-team", "night"]]},
    )
    assert _gap(_nights(staffed), "stay").shortage is Shortage.AWAITS_STAFF


@pytest.mark.parametrize(
    ("changes", "by"),
    [
        ({"establishment": "far-house"}, Relaxation.TRAVEL),
        ({"capacity": [0] * 14}, Relaxation.PLACE),
        ({"ages": [0, 3]}, None),
        ({"profiles": []}, None),
        ({"establishment": "far-house", "capacity": [0] * 14}, None),
    ],
)
def test_an_offer_nearly_serves_where_distance_or_room_alone_refuses_it(changes: Json, by: Relaxation | None) -> None:
    gap = _gap(_nights(offer("o", **changes)), "stay")
    assert gap.shortage is Shortage.STRUCTURAL
    assert [(near.candidate, near.association, near.by) for near in gap.near_misses] == (
        [] if by is None else [("o", "host", by)]
    )
