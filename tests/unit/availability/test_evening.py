"""Which places may be proposed at an instant: the evening's question, colours, closures, departures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from exchange.availability.evening import (
    Colour,
    WhyNot,
    Word,
    check_status,
    closed_until,
    evening_at,
    is_asked,
    is_said_for,
    question_at,
    status_until,
    why_not_proposed,
    why_out,
)
from exchange.availability.rules import Lifetimes, OfferKind, fresh_until
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, segment_of
from exchange.reference.answers import StatusReason

PARIS = ZoneInfo("Europe/Paris")
CLOCKS = Lifetimes(asked_at=time(17), valid_until=time(10), ordinary_hours=72)
THURSDAY = date(2026, 3, 5)
TONIGHT = segment_of(THURSDAY, Half.NIGHT)
TODAY = segment_of(THURSDAY, Half.DAY)


def at(hour: int, minute: int = 0, *, on: date = THURSDAY) -> datetime:
    """A wall time in Paris."""
    return datetime.combine(on, time(hour, minute), PARIS).astimezone(UTC)


AT_22 = at(22)
YESTERDAY = THURSDAY - timedelta(days=1)
SAID = {
    "yesterday evening": at(18, on=YESTERDAY),
    "this morning": at(9),
    "at 15:59": at(15, 59),
    "at 16:00": at(16),
    "at 17:12": at(17, 12),
    "at 21:59": at(21, 59),
}
ANSWERS = {"at 16:00", "at 17:12", "at 21:59"}


def test_at_22_only_what_answers_the_question_counts_for_tonight() -> None:
    counted = {name for name, said in SAID.items() if is_said_for(TONIGHT, said, AT_22, CLOCKS, PARIS)}
    assert counted == ANSWERS


def test_until_the_question_is_asked_any_word_counts_for_tonight() -> None:
    earlier = {name: said for name, said in SAID.items() if said <= at(16, 59)}
    assert {name for name, said in earlier.items() if is_said_for(TONIGHT, said, at(16, 59), CLOCKS, PARIS)} == set(
        earlier
    )
    asked = {name for name, said in earlier.items() if is_said_for(TONIGHT, said, at(17), CLOCKS, PARIS)}
    assert asked == ANSWERS & set(earlier)


def test_the_question_of_tonight_says_nothing_of_days_nor_of_the_nights_to_come() -> None:
    for segment in (TODAY, TODAY + 2, TONIGHT + 2, TONIGHT + 20):
        assert all(is_said_for(segment, said, AT_22, CLOCKS, PARIS) for said in SAID.values())


def test_after_midnight_tonight_is_still_the_night_that_runs() -> None:
    small_hours = at(3, on=THURSDAY + timedelta(days=1))
    assert evening_at(small_hours, PARIS) == THURSDAY
    counted = {name for name, said in SAID.items() if is_said_for(TONIGHT, said, small_hours, CLOCKS, PARIS)}
    assert counted == ANSWERS


@pytest.mark.parametrize(
    ("now", "asked"),
    [(at(16, 59), False), (at(17), True), (at(23, 59), True), (at(4, 59, on=THURSDAY + timedelta(days=1)), True),
     (at(5, on=THURSDAY + timedelta(days=1)), False)],
)  # fmt: skip
def test_the_question_is_open_from_17_until_5(now: datetime, asked: bool) -> None:
    assert is_asked(now, CLOCKS, PARIS) is asked


@pytest.mark.parametrize(
    ("on", "utc_hour"),
    [(date(2026, 3, 28), 16), (date(2026, 3, 29), 15), (date(2026, 10, 24), 15), (date(2026, 10, 25), 16)],
)
def test_the_question_is_asked_at_17_on_the_wall_on_both_sides_of_each_clock_change(on: date, utc_hour: int) -> None:
    assert question_at(on, CLOCKS, PARIS) == datetime.combine(on, time(utc_hour), UTC)


def test_what_a_24_24_place_says_agrees_with_its_own_lifetime() -> None:
    """Where an emergency bed is still fresh past the question, it has answered it: one rule, not two."""
    for minutes in range(0, 30 * 60, 10):
        said = at(0) + timedelta(minutes=minutes)
        for later in range(0, 30 * 60, 30):
            now = said + timedelta(minutes=later)
            if fresh_until(OfferKind.EMERGENCY_BED, said, CLOCKS, PARIS) > now:
                running = segment_of(evening_at(now, PARIS), Half.NIGHT)
                assert is_said_for(running, said, now, CLOCKS, PARIS), (said, now)


FRESH = Word(attested_at=at(17, 12), fresh_until=at(10, on=THURSDAY + timedelta(days=1)))


def a_word(*, waits: bool, stale: bool, red: bool, closed: bool, silent: bool) -> Word:
    return Word(
        attested_at=at(9) if silent else at(17, 12),
        fresh_until=AT_22 if stale else AT_22 + timedelta(hours=12),
        red_until=AT_22 + timedelta(minutes=1) if red else AT_22,
        closed_until=at(8, on=THURSDAY + timedelta(days=2)) if closed else at(8, on=YESTERDAY),
        awaits_departure=waits,
    )


def test_a_place_is_proposed_only_when_nothing_at_all_stands_against_it() -> None:
    for waits, stale, red, closed, silent in product((False, True), repeat=5):
        word = a_word(waits=waits, stale=stale, red=red, closed=closed, silent=silent)
        order = (
            (waits, WhyNot.AWAITS_DEPARTURE), (stale, WhyNot.STALE), (red, WhyNot.HOUSE_RED),
            (closed, WhyNot.CLOSED), (silent, WhyNot.NOT_SAID_TONIGHT),
        )  # fmt: skip
        expected = next((why for applies, why in order if applies), None)
        assert why_not_proposed(word, TONIGHT, AT_22, CLOCKS, PARIS) is expected
        assert why_out(word, AT_22) is next((why for applies, why in order[:3] if applies), None)


def test_a_red_house_proposes_nothing_whatever_the_date_and_a_closed_place_only_its_later_dates() -> None:
    red = a_word(waits=False, stale=False, red=True, closed=False, silent=False)
    closed = a_word(waits=False, stale=False, red=False, closed=True, silent=False)
    dates = {
        segment: why_not_proposed(closed, segment, AT_22, CLOCKS, PARIS) for segment in range(TONIGHT, TONIGHT + 6)
    }
    assert set(dates.values()) == {WhyNot.CLOSED, None}
    assert {segment for segment, why in dates.items() if why} == {TONIGHT, TONIGHT + 1, TONIGHT + 2}
    assert all(why_not_proposed(red, segment, AT_22, CLOCKS, PARIS) is WhyNot.HOUSE_RED for segment in dates)


def test_red_ends_by_itself() -> None:
    word = a_word(waits=False, stale=False, red=True, closed=False, silent=False)
    assert why_not_proposed(word, TONIGHT, AT_22 + timedelta(minutes=1), CLOCKS, PARIS) is None


@pytest.mark.parametrize(
    ("said_at", "holds_until"),
    [(at(9), at(17)), (at(15, 59), at(17)), (at(16), at(10, on=THURSDAY + timedelta(days=1))),
     (at(22), at(10, on=THURSDAY + timedelta(days=1)))],
)  # fmt: skip
def test_a_colour_said_in_one_tap_holds_as_long_as_an_evening_s_answer(
    said_at: datetime, holds_until: datetime
) -> None:
    assert status_until(None, said_at, CLOCKS, PARIS) == holds_until


def test_closed_until_a_date_ends_with_the_morning_after_it() -> None:
    assert closed_until(THURSDAY, AT_22, PARIS) == at(8, on=THURSDAY + timedelta(days=1))
    assert status_until(date(2026, 3, 28), AT_22, CLOCKS, PARIS) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    for wrong, rule in ((YESTERDAY, "in-the-past"), (THURSDAY + timedelta(days=401), "too-far")):
        with pytest.raises(InvalidValue) as refused:
            closed_until(wrong, AT_22, PARIS)
        assert refused.value.facts["rule"] == rule


def test_what_a_house_may_say_of_itself() -> None:
    allowed = set()
    for colour, reason, dated, never_full in product(Colour, (None, *StatusReason), (False, True), (False, True)):
        try:
            check_status(colour, reason, is_dated=dated, never_full=never_full)
        except InvalidValue:
            continue
        allowed.add((colour, reason, dated, never_full))
    every = set(product(Colour, (None, *StatusReason), (False, True), (False, True)))
    forbidden = {
        (colour, reason, dated, never_full)
        for colour, reason, dated, never_full in every
        if (colour is Colour.GREEN and reason is not None)
        or (colour is Colour.RED and dated and reason is None)
        or (colour is Colour.RED and reason is StatusReason.FULL and never_full)
    }
    assert allowed == every - forbidden
