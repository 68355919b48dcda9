"""What the board computes and never stores, and the counts that it hides."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.availability.rules import Lifetimes
from exchange.board.forecast import Clockwork
from exchange.board.policies import ViewClass, view_class_of
from exchange.board.queries import seen_by
from exchange.board.rules import (
    counts_of,
    counts_of_all,
    is_red,
    is_to_confirm,
    order_of,
    told_to_observers,
)
from exchange.board.views import (
    AreaCounts,
    HorizonCount,
    LoanCard,
    NeedCard,
    OfferCard,
    PlacementCard,
    ShiftSeats,
    SituationCard,
)
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.errors import ActForbidden
from exchange.kernel.ids import new_id
from exchange.kernel.periods import Half, segment_of, tonight_at
from exchange.kernel.small_cells import SMALLEST_TOLD_COUNT, suppressed

NOW = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
HIDDEN_FROM_MEMBERS = {
    "reference", "level", "state", "together", "deadline_at", "next_check_at", "created_at", "is_red", "version",
    "alert_since",
}  # fmt: skip


def a_situation(**over: object) -> SituationCard:
    told: dict[str, object] = {
        "subject_id": new_id(), "area_id": None, "age_band": "30-44", "families": ("population",), "urgency": 4,
        "care_mode": "temporary_stay", "blocks": ((1,),), "reference": "S-AAAA-AA", "level": 1, "state": "searching",
        "together": False, "deadline_at": NOW, "next_check_at": NOW, "created_at": NOW, "is_red": True,
    }  # fmt: skip
    return SituationCard(**{**told, **over})  # type: ignore[arg-type]


def an_offer(area_id: UUID | None, *, fresh: bool = True, segments: tuple[tuple[int, int, int], ...]) -> OfferCard:
    """A place attested half an hour ago, after the evening's question; or yesterday, and past its lifetime."""
    said = NOW - (timedelta(minutes=30) if fresh else timedelta(days=1))
    return OfferCard(
        new_id(), area_id, new_id(), "Foyer", new_id(), None, "ordinary", "temporary_stay", (18, 60), (), (),
        segments, said, NOW + timedelta(hours=12) if fresh else NOW, "published", False,
        to_confirm=not fresh,
    )  # fmt: skip


def a_need(area_id: UUID | None, *, asked: int, agreed: int, state: str = "open") -> NeedCard:
    shift = ShiftSeats(new_id(), NOW, NOW, asked, agreed)
    return NeedCard(new_id(), area_id, new_id(), "Foyer", ("nurse",), 3, False, "", "", (shift,), state)


def a_placement() -> PlacementCard:
    return PlacementCard(
        new_id(), None, new_id(), "S-AAAA-AA", new_id(), new_id(), "Foyer", 1, "held", (1,), False, False, False
    )


def a_loan() -> LoanCard:
    return LoanCard(
        new_id(), None, new_id(), new_id(), "Hôte", new_id(), "Prêteur", (), (), "proposed", False, False, False, 10
    )


@pytest.mark.parametrize(
    ("state", "fresh_for", "expected"),
    [
        ("published", timedelta(seconds=1), False),
        ("published", timedelta(0), True),
        ("published", -timedelta(hours=1), True),
        ("withdrawn", -timedelta(hours=1), False),
        ("ended", -timedelta(hours=1), False),
    ],
)
def test_a_place_is_to_confirm_from_the_end_of_its_lifetime(state: str, fresh_for: timedelta, expected: bool) -> None:
    assert is_to_confirm(state, NOW + fresh_for, NOW) is expected


def test_a_situation_is_red_only_when_tonight_s_and_untouched_for_the_whole_delay() -> None:
    states = ("received", "searching", "held", "confirmed", "effective", "closed")
    red = {
        (urgency, state, waited)
        for urgency in (1, 2, 3, 4)
        for state in states
        for waited in (119, 120, 500)
        if is_red(urgency, state, NOW - timedelta(minutes=waited), NOW, 120)
    }
    assert red == {(4, state, waited) for state in ("received", "searching") for waited in (120, 500)}


@given(st.integers(min_value=0, max_value=10_000))
def test_a_count_is_told_when_nobody_can_be_pointed_at(count: int) -> None:
    assert suppressed(count) == (None if count in {1, 2, 3, 4} else count)
    assert SMALLEST_TOLD_COUNT == 5


def test_every_counter_is_hidden_from_observers_when_small() -> None:
    horizon = HorizonCount("now", 101, 3)
    told = told_to_observers(AreaCounts(None, 4, 3, 2, 1, 4, False, 1, 3, 2, True, (horizon,)))
    kept = {"area_id", "places_unknown", "evening_asked", "horizons", "is_whole"}
    names = [each.name for each in fields(AreaCounts) if each.name not in kept]
    assert [getattr(told, name) for name in names] == [None] * len(names)
    assert [each.places for each in told.horizons] == [None]
    assert told_to_observers(AreaCounts(None, 5, 0, 9, 12, 0)) == AreaCounts(None, 5, 0, 9, 12, 0)


@pytest.mark.parametrize(
    ("local_hour", "evening"),
    [(4, date(2026, 3, 3)), (5, date(2026, 3, 4)), (12, date(2026, 3, 4)), (23, date(2026, 3, 4))],
)
def test_tonight_is_the_night_that_people_mean(local_hour: int, evening: date) -> None:
    at = datetime(2026, 3, 4, local_hour, 30, tzinfo=PARIS)
    assert tonight_at(at, PARIS) == segment_of(evening, Half.NIGHT)


def test_an_area_counts_its_own_free_fresh_places_and_open_needs() -> None:
    area, other = new_id(), new_id()
    tonight = tonight_at(NOW, PARIS)
    clockwork = Clockwork(NOW, tonight, 120, Lifetimes(time(17), time(10), 72), PARIS)
    cards = (
        an_offer(area, segments=((tonight, 3, 1), (tonight + 1, 9, 0))),
        an_offer(area, segments=((tonight, 5, 0),), fresh=False),
        an_offer(other, segments=((tonight, 7, 0),)),
        a_need(area, asked=4, agreed=1),
        a_need(area, asked=4, agreed=4, state="covered"),
        a_situation(area_id=area),
        a_situation(area_id=area, is_red=False),
        a_situation(area_id=area, state="effective", is_red=False),
    )
    counts = counts_of(area, cards, clockwork)
    told = counts.situations, counts.red, counts.places_free, counts.to_confirm, counts.seats_missing
    assert told == (2, 1, 2, 1, 3)
    assert (counts.sites_reporting, counts.sites_expected, counts.evening_asked) == (1, 2, True)
    whole = counts_of_all(cards, clockwork)
    assert (whole.is_whole, whole.places_free, whole.sites_expected) == (True, 9, 3)


def test_members_see_nothing_of_a_situation_but_what_is_needed_to_offer_help() -> None:
    seen = seen_by(a_situation(), ViewClass.MEMBER)
    assert isinstance(seen, SituationCard)
    blank = {field.name: field.default for field in fields(SituationCard) if field.name in HIDDEN_FROM_MEMBERS}
    assert {name: getattr(seen, name) for name in blank} == blank
    kept = {field.name for field in fields(SituationCard)} - HIDDEN_FROM_MEMBERS
    assert kept == {"subject_id", "area_id", "age_band", "families", "urgency", "care_mode", "blocks"}


def test_only_coordination_is_sent_the_promises_of_others() -> None:
    for card in (a_placement(), a_loan()):
        assert seen_by(card, ViewClass.COORDINATION) is card
        assert seen_by(card, ViewClass.MEMBER) is None
        assert seen_by(card, ViewClass.COUNTS) is None
    assert seen_by(a_situation(state="effective"), ViewClass.MEMBER) is None


@pytest.mark.parametrize("role", Role)
def test_each_role_has_one_view_class_and_a_lent_professional_none(role: Role) -> None:
    expected = {
        Role.COORDINATOR: ViewClass.COORDINATION,
        Role.PATHWAY_ADVISER: ViewClass.COORDINATION,
        Role.SYSTEM: ViewClass.COORDINATION,
        Role.FACILITY_MANAGER: ViewClass.MEMBER,
        Role.ON_CALL_MANAGER: ViewClass.MEMBER,
        Role.OBSERVER: ViewClass.COUNTS,
    }
    actor = Actor(community_id=new_id(), role=role, via=Via.WEB)
    if role in expected:
        assert view_class_of(actor) is expected[role]
    else:
        with pytest.raises(ActForbidden):
            view_class_of(actor)


def test_cards_are_ordered_by_kind_then_by_what_presses_most() -> None:
    urgent, calm = a_situation(urgency=4), a_situation(urgency=1)
    offer = an_offer(None, segments=())
    assert sorted([offer, calm, urgent], key=order_of) == [urgent, calm, offer]
