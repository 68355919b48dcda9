"""What the board knows to be free, tonight and later, and who has answered: unknown is never zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from exchange.availability.rules import Lifetimes
from exchange.board.forecast import (
    HORIZONS,
    Clockwork,
    as_of,
    forecast,
    has_firm_beds,
    horizon_segments,
    known_free,
    known_over,
    reporting_of,
)
from exchange.board.views import Closing, HouseColour, OfferCard
from exchange.kernel.ids import new_id
from exchange.kernel.periods import Half, date_of, half_of, tonight_at

PARIS = ZoneInfo("Europe/Paris")
CLOCKS = Lifetimes(asked_at=time(17), valid_until=time(10), ordinary_hours=72)
AT_22 = datetime(2026, 3, 5, 22, 0, tzinfo=PARIS).astimezone(UTC)
AT_17_12 = AT_22 - timedelta(hours=4, minutes=48)
THIS_MORNING = AT_22 - timedelta(hours=13)
TONIGHT = tonight_at(AT_22, PARIS)


def clockwork(at: datetime = AT_22) -> Clockwork:
    return Clockwork(at, tonight_at(at, PARIS), 120, CLOCKS, PARIS)


def an_offer(*, said: datetime = AT_17_12, facility_id: UUID | None = None, **over: object) -> OfferCard:
    """Three places, one used, for a month from tonight on."""
    card = OfferCard(
        subject_id=new_id(), area_id=None, facility_id=facility_id or new_id(), facility="Foyer", operator_id=new_id(),
        commune=None, offer_kind="ordinary", care_mode="temporary_stay", ages=(18, 60), populations=(), provides=(),
        segments=tuple((TONIGHT + step, 3, 1) for step in range(60)), attested_at=said,
        fresh_until=said + timedelta(hours=72), state="published", is_conditional=False,
    )  # fmt: skip
    return replace(card, **over)  # type: ignore[arg-type]


def free(cards: list[OfferCard], segment: int = TONIGHT) -> int | None:
    return known_free(cards, {segment}, clockwork())[segment]


def colour(name: str, *, said: datetime = AT_17_12, until: datetime = AT_22 + timedelta(hours=9)) -> HouseColour:
    return HouseColour(name, None, said, "on_call_manager", until)


def test_at_22_only_places_said_since_the_question_are_known_for_tonight() -> None:
    answered, silent = an_offer(), an_offer(said=THIS_MORNING)
    assert free([answered, silent]) == 2
    assert free([answered, silent], TONIGHT + 2) == 4
    assert as_of(answered, clockwork()).not_tonight is None
    assert as_of(silent, clockwork()).not_tonight == "not_said_tonight"
    assert as_of(silent, clockwork()).awaits_word


def test_unknown_is_not_zero() -> None:
    silent, stale = an_offer(said=THIS_MORNING), an_offer(said=AT_22 - timedelta(days=4))
    assert free([silent, stale]) is None
    assert free([]) == 0
    assert free([silent, an_offer(house=colour("red"))]) == 0, "a red house has spoken"
    assert free([silent, an_offer(segments=((TONIGHT, 1, 1),))]) == 0, "so has a full one"


def test_red_closed_waiting_and_conditional_places_are_not_counted_free() -> None:
    closing = Closing(AT_22 + timedelta(days=1), "works")
    for card in (
        an_offer(house=colour("red")), an_offer(closing=closing), an_offer(awaits_departure=True),
        an_offer(is_conditional=True, offer_kind="conditional"), an_offer(offer_kind="caseload"),
        an_offer(care_mode="home_support"),
    ):  # fmt: skip
        assert free([card]) == 0
    for name in ("orange", "green"):
        assert free([an_offer(house=colour(name))]) == 2
    assert not has_firm_beds(an_offer(is_conditional=True))


def test_what_has_ended_is_shown_no_more() -> None:
    card = an_offer(house=colour("red", until=AT_22), closing=Closing(AT_22, "works"))
    shown = as_of(card, clockwork())
    assert (shown.house, shown.closing, shown.not_tonight) == (None, None, None)
    before = as_of(card, clockwork(AT_22 - timedelta(seconds=1)))
    assert (before.house, before.not_tonight) == (card.house, "house_red")


def test_a_place_beyond_capacity_is_told_apart() -> None:
    card = an_offer(segments=((TONIGHT, 3, 1),), over=((TONIGHT, 1),))
    assert (free([card]), known_over([card], TONIGHT, clockwork())) == (2, 1)
    full = an_offer(segments=((TONIGHT, 3, 3),), over=((TONIGHT, 1),))
    assert known_over([full], TONIGHT, clockwork()) == 0


def test_a_house_answers_once_by_any_of_its_places_or_by_its_colour() -> None:
    house = new_id()
    cards = [
        an_offer(facility_id=house), an_offer(facility_id=house, said=THIS_MORNING),
        an_offer(said=THIS_MORNING),
        an_offer(said=THIS_MORNING, house=colour("orange")),
        an_offer(said=THIS_MORNING, house=colour("green", said=THIS_MORNING)),
        an_offer(said=THIS_MORNING, house=colour("red", said=AT_22 - timedelta(days=2))),
        an_offer(segments=((TONIGHT + 1, 1, 0),)), an_offer(offer_kind="caseload"),
    ]  # fmt: skip
    told = reporting_of(cards, clockwork())
    assert (told.expected, told.reporting, told.asked) == (5, 3, True)


def test_before_the_question_whoever_has_a_word_that_holds_reports() -> None:
    at = AT_22 - timedelta(hours=6)
    told = reporting_of([an_offer(said=THIS_MORNING), an_offer(said=AT_22 - timedelta(days=4))], clockwork(at))
    assert (told.expected, told.reporting, told.asked) == (2, 1, False)


def moments(at: datetime) -> list[tuple[str, str]]:
    return [(name, f"{date_of(segment)} {half_of(segment).value}") for name, segment in horizon_segments(at, PARIS)]


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-05T19:30", ["03-05 day", "03-05 night", "03-06 day", "03-07 day", "03-12 day"]),
        ("2026-03-05T22:00", ["03-05 night", "03-05 night", "03-06 night", "03-07 night", "03-12 night"]),
        ("2026-03-06T07:30", ["03-05 night", "03-06 day", "03-06 night", "03-07 night", "03-12 night"]),
        # Clocks go forward on 29 March and back on 25 October: the same hour of the wall, a day later.
        ("2026-03-28T20:30", ["03-28 night", "03-28 night", "03-29 night", "03-30 night", "04-04 night"]),
        ("2026-10-24T20:30", ["10-24 night", "10-24 night", "10-25 night", "10-26 night", "10-31 night"]),
    ],
)
def test_horizons_are_the_halves_of_days_that_run_then(local: str, expected: list[str]) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    assert moments(at) == [(name, f"2026-{told}") for (name, _), told in zip(HORIZONS, expected, strict=True)]


def test_each_horizon_counts_its_own_half() -> None:
    night_only = an_offer(segments=tuple((TONIGHT + 2 * step, 2, 0) for step in range(10)))
    told = forecast([night_only, an_offer(said=THIS_MORNING, segments=((TONIGHT, 9, 0),))], clockwork())
    counted = told.horizons
    assert told.tonight == 2
    assert [(each.horizon, each.places) for each in counted] == [
        ("now", 2), ("1h", 2), ("24h", 2), ("48h", 2), ("7d", 2)
    ]  # fmt: skip
    assert {half_of(each.segment) for each in counted} == {Half.NIGHT}
