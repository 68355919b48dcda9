"""The copy on which a drill is solved: what closes, who waits, what stays, and who may follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, segment_of, starts_at
from exchange.matching.plan import Levels, Plan, PlanStatus, SolverInfo
from exchange.planning.drills.copy import Copy, closed_copy, closing_offers
from exchange.planning.drills.followers import following_ground, window_shifts
from exchange.planning.drills.terms import AskDrill, Headcount, check_drill, groups_in
from exchange.planning.ground import (
    Ground,
    ReserveTerms,
    SeenBlock,
    SeenFacility,
    SeenLoan,
    SeenNeed,
    SeenOffer,
    SeenPlacement,
    SeenSegment,
    SeenShift,
    SeenSituation,
    SeenVolunteer,
)
from tests.factories.ground import ZONE

DRILL = UUID(int=900)
HOUSE, SISTER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
UNIT, REST, ELSEWHERE = UUID(int=11), UUID(int=12), UUID(int=13)
TONIGHT = segment_of(date(2026, 3, 20), Half.NIGHT)
WINDOW = range(TONIGHT, TONIGHT + 5)
AT = datetime.combine(date(2026, 3, 20), time(12), UTC)
ADULT = Headcount("30-44", ("intellectual_disability",))


def a_situation(number: int, segments: tuple[int, ...], **over: object) -> SeenSituation:
    form = SeenSituation(
        id=UUID(int=100 + number), reference=f"S-{number:04}-AA", together_id=None, commune_code="43157",
        living_area_id=None, age_band="30-44", max_travel_minutes=20, max_places=3, excluded_facility_ids=frozenset(),
        care_mode="temporary_stay", urgency=2, created_at=AT, terms_version=7,
        need_codes=("intellectual_disability",), sex=None, incompatible_with=frozenset(),
        blocks=(SeenBlock(UUID(int=200 + number), segments),),
    )  # fmt: skip
    return replace(form, **over)  # type: ignore[arg-type]


def a_stay(person: SeenSituation, offer_id: UUID, *, is_promised: bool = True) -> SeenPlacement:
    (block,) = person.blocks
    return SeenPlacement(
        UUID(int=person.id.int + 300), person.id, offer_id, 1, is_promised, (block.id,), frozenset(block.segments)
    )


def an_offer(offer_id: UUID, facility_id: UUID, required: tuple[UUID, ...] = ()) -> SeenOffer:
    open_ = SeenSegment(room=3, used=0, provides=frozenset(), required=required)
    return SeenOffer(
        id=offer_id, facility_id=facility_id, kind="ordinary", care_mode="temporary_stay", populations=frozenset(),
        ages=(18, 99), max_stay_nights=None, zone_communes=None, is_proposable=True, terms_version=4,
        segments=dict.fromkeys(range(TONIGHT - 1, TONIGHT + 12), open_),
    )  # fmt: skip


def a_volunteer(number: int, facility_id: UUID, *own_shifts: tuple[datetime, datetime]) -> SeenVolunteer:
    return SeenVolunteer(
        id=UUID(int=500 + number), facility_id=facility_id, commune_code="43157",
        qualifications=frozenset({"care_support_worker"}), living_area_ids=(), max_travel_minutes=30,
        max_loan_minutes=900, night12h_derogation=False, agrees=True, is_ready=True, terms_version=1, free=(),
        own_shifts=own_shifts, released=(), past_week_minutes=(),
    )  # fmt: skip


def a_need(number: int, facility_id: UUID) -> SeenNeed:
    shift = SeenShift(UUID(int=700 + number), (AT, AT + timedelta(hours=8)), 1, False, None, None)
    return SeenNeed(UUID(int=600 + number), facility_id, frozenset({"care_support_worker"}), 4, False, AT, 1, (shift,))


def a_ground(*people: SeenSituation, placements: tuple[SeenPlacement, ...] = (), **over: object) -> Ground:
    def site(facility_id: UUID, operator: int) -> SeenFacility:
        return SeenFacility(facility_id, UUID(int=operator), False, "43157", None, 2, "law")

    form = Ground(
        community_id=UUID(int=800), zone=ZONE, at=AT, first_segment=TONIGHT - 1, living_area_ids=(), places=(),
        facilities={HOUSE: site(HOUSE, 50), SISTER: site(SISTER, 50), OTHER: site(OTHER, 51)},
        offers={
            UNIT: an_offer(UNIT, HOUSE), REST: an_offer(REST, HOUSE), ELSEWHERE: an_offer(ELSEWHERE, OTHER),
        },
        situations={one.id: one for one in people}, placements=placements, volunteers={}, needs={}, loans=(),
        refused_pairs=frozenset(), declined_pairs=frozenset(), covered_started_shifts=frozenset(), ledger_minutes={},
        rule_figures={"law": {}}, recent=(), reserve=ReserveTerms(28, 300), paperwork_minutes=240, split_minutes=600,
        rebalance_percent=0,
    )  # fmt: skip
    return replace(form, **over)  # type: ignore[arg-type]


def asked(*headcount: Headcount, **over: object) -> AskDrill:
    return replace(AskDrill(HOUSE, WINDOW[0], WINDOW[-1], headcount=headcount), **over)  # type: ignore[arg-type]


def copied(ground: Ground, ask: AskDrill) -> Copy:
    return closed_copy(ground, ask, DRILL, {})


stays = st.lists(
    st.tuples(
        st.sampled_from((UNIT, REST, ELSEWHERE)),
        st.booleans(),
        st.sets(st.integers(TONIGHT - 1, TONIGHT + 9), min_size=1),
    ),
    max_size=7,
)


@given(stays, st.booleans())
def test_whatever_is_promised_outside_the_closed_places_and_dates_stays_and_nothing_else_is_promised(
    drawn: list[tuple[UUID, bool, set[int]]], is_unit: bool
) -> None:
    people = [a_situation(number, tuple(sorted(each[2]))) for number, each in enumerate(drawn)]
    placements = tuple(
        a_stay(person, offer, is_promised=promised) for person, (offer, promised, _) in zip(people, drawn, strict=True)
    )
    ground = a_ground(*people, placements=placements)
    ask = asked(offer_ids=(UNIT,) if is_unit else ())
    closing = closing_offers(ground, ask)
    assert closing == ({UNIT} if is_unit else {UNIT, REST})
    copy = copied(ground, ask)
    expected = {
        (each.situation_id, each.offer_id, segment)
        for each in placements
        if each.is_promised
        for segment in each.segments
        if each.offer_id not in closing or segment not in WINDOW
    }
    kept = {(each.situation_id, each.offer_id, at) for each in copy.ground.placements for at in each.segments}
    assert kept == expected
    waiting = {
        (one.source, segment) for one in copy.residents for block in one.situation.blocks for segment in block.segments
    }
    assert waiting == {
        (each.situation_id, segment)
        for each in placements
        if each.is_promised and each.offer_id in closing
        for segment in each.segments
        if segment in WINDOW
    }
    assert {one.id for one in copy.ground.offers.values() if not one.is_proposable} == closing
    asked_for = {
        (one.id, at) for one in copy.ground.situations.values() for block in one.blocks for at in block.segments
    }
    ids = {one.source: one.situation.id for one in copy.residents}
    assert asked_for == {(who, at) for who, _, at in expected} | {(ids[who], at) for who, at in waiting}


def test_a_resident_waits_from_the_house_tonight_with_their_own_limits_and_neither_goes_back_to_it() -> None:
    person = a_situation(1, (TONIGHT, TONIGHT + 1, TONIGHT + 2), max_travel_minutes=20)
    far = a_situation(2, (TONIGHT,), max_travel_minutes=90)
    ground = a_ground(person, far, placements=(a_stay(person, UNIT), a_stay(far, UNIT)))
    first, second = copied(ground, asked()).residents
    assert (first.source, first.source_terms_version, first.situation.urgency) == (person.id, 7, 4)
    assert [block.segments for block in first.situation.blocks] == [(TONIGHT, TONIGHT + 1), (TONIGHT + 2,)]
    assert (first.situation.max_travel_minutes, second.situation.max_travel_minutes) == (60, 90)
    assert first.situation.excluded_facility_ids == {HOUSE}
    unit = copied(ground, asked(offer_ids=(UNIT,))).residents[0]
    assert unit.situation.excluded_facility_ids == frozenset(), "the other places of the house may serve"


def test_persons_who_must_never_meet_still_must_not_and_a_pair_stays_a_pair() -> None:
    together = UUID(int=77)
    one = a_situation(1, (TONIGHT,), together_id=together)
    two = a_situation(2, (TONIGHT,), together_id=together)
    enemy = a_situation(3, (TONIGHT,), incompatible_with=frozenset({one.id}))
    ground = a_ground(one, two, enemy, placements=(a_stay(one, UNIT), a_stay(two, UNIT), a_stay(enemy, ELSEWHERE)))
    copy = copied(ground, asked(ADULT, replace(ADULT, group="A"), replace(ADULT, group="A"), replace(ADULT, group="B")))
    moved = {each.source: each.situation.id for each in copy.residents if each.source}
    assert moved[one.id] in copy.ground.situations[enemy.id].incompatible_with
    bound = [each.situation.together_id for each in copy.residents]
    assert bound[0] == bound[1] is not None
    assert bound[2] is None
    assert bound[3] == bound[4] not in (None, bound[0])
    assert bound[5] is None, "a group of one is nobody's"
    assert [each.key for each in copy.residents] == [1, 2, 3, 4, 5, 6]


def test_the_house_s_staff_is_freed_of_the_shifts_of_the_window_alone_and_the_floor_of_an_empty_house_is_gone() -> None:
    since = starts_at(TONIGHT, ZONE)
    inside, before = (since, since + timedelta(hours=8)), (since - timedelta(hours=9), since - timedelta(hours=1))
    after = (since + timedelta(days=4), since + timedelta(days=4, hours=8))
    own, foreign = a_volunteer(1, HOUSE, before, inside, after), a_volunteer(2, OTHER, inside)
    ground = a_ground(volunteers={own.id: own, foreign.id: foreign})
    copy = copied(ground, asked()).ground
    assert copy.volunteers[own.id].released == (inside,)
    assert copy.volunteers[foreign.id].released == ()
    assert window_shifts(own, copy, asked()) == [inside]
    assert copy.facilities[HOUSE].lends_at_most_per_day is None
    assert copied(ground, asked(offer_ids=(UNIT,))).ground.facilities[HOUSE].lends_at_most_per_day == 2


def test_only_needs_on_which_a_place_or_a_promise_rests_are_looked_at_and_none_weighs_by_itself() -> None:
    opening, promised, own, idle = (a_need(number, OTHER if number != 3 else HOUSE) for number in (1, 2, 3, 4))
    loan = SeenLoan(UUID(int=1_000), UUID(int=501), promised.id, True, False, (promised.shifts[0].id,))
    proposal = replace(loan, id=UUID(int=1_001), need_id=idle.id, is_promised=False)
    ground = a_ground(
        needs={need.id: need for need in (opening, promised, own, idle)},
        offers={
            UNIT: an_offer(UNIT, HOUSE, required=(own.shifts[0].id,)),
            ELSEWHERE: an_offer(ELSEWHERE, OTHER, required=(opening.shifts[0].id,)),
        },
        loans=(loan, proposal),
    )
    copy = copied(ground, asked()).ground
    assert copy.needs.keys() == {opening.id, promised.id}
    assert all(need.is_coupled for need in copy.needs.values())
    assert copy.loans == (loan,)


def test_each_host_asks_for_the_house_s_shifts_in_proportion_to_its_guests() -> None:
    since = starts_at(TONIGHT, ZONE)
    slot = (since, since + timedelta(hours=8))
    people = [a_volunteer(number, HOUSE, slot) for number in range(6)]
    ground = a_ground(volunteers={one.id: one for one in people})
    info = SolverInfo("none", "0", 0, 1, 0.0, 0.0, 0.0, 0.0, False)
    empty = Plan("p", PlanStatus.PROVEN, (), (), Levels(0, 0, 0), Levels(0, 0, 0), (), (), info, "")
    copy = copied(ground, asked()).ground
    staff = following_ground(copy, asked(), DRILL, empty, {OTHER: 4, SISTER: 2}, frozenset())
    seats = {need.facility_id: [shift.headcount for shift in need.shifts] for need in staff.needs.values()}
    assert seats == {OTHER: [4], SISTER: [2]}
    assert (staff.situations, staff.offers) == ({}, {})


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"first_segment": TONIGHT - 2}, "first_segment"),
        ({"last_segment": TONIGHT - 1}, "last_segment"),
        ({"last_segment": TONIGHT + 62}, "last_segment"),
        ({"first_segment": TONIGHT + 100, "last_segment": TONIGHT + 101}, "last_segment"),
        ({"headcount": (replace(ADULT, group=""),)}, "group"),
    ],
)
def test_a_drill_looks_from_tonight_on_within_a_month(over: dict[str, object], field: str) -> None:
    now = starts_at(TONIGHT, ZONE)
    check_drill(asked(ADULT), now, ZONE)
    with pytest.raises(InvalidValue) as refused:
        check_drill(asked(**over), now, ZONE)
    assert refused.value.field == field


def test_a_group_counts_two_persons_at_least() -> None:
    assert groups_in((replace(ADULT, group="A"), replace(ADULT, group="A"), replace(ADULT, group="B"), ADULT)) == {"A"}
