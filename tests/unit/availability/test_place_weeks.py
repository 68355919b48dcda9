"""What a week of places opens, against a calendar that knows nothing of segments."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.availability.weeks.inputs import ExceptDays, SetWeek, SpanOfDays
from exchange.availability.weeks.rules import (
    Excepted,
    Week,
    capacity_of,
    check_exception,
    check_span,
    check_week,
    coming_segments,
    excepted_now,
    opened,
    runs_of,
    still_excepted,
)
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import Half, date_of, half_of, segment_of
from exchange.reference.answers import StatusReason

PARIS = ZoneInfo("Europe/Paris")
OFFER = UUID(int=1)
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=PARIS)
BOTH = frozenset(Half)
DAY = timedelta(days=1)
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = tuple(2 if place >= 9 else 0 for place in range(14))
"""Friday night to Sunday night, as people say it."""

COUNTS = st.lists(st.integers(0, 3), min_size=14, max_size=14).filter(any).map(tuple)
REASONS = st.sampled_from([None, *StatusReason])


def told_by_calendar(capacities: tuple[int, ...], on: date, half: Half) -> int:
    """The count of a date's half, by the calendar module's own weekday and the order of the form."""
    weekday = calendar.weekday(on.year, on.month, on.day)
    days_then_nights = dict(zip(((name, half) for name in NAMES for half in ("day", "night")), capacities, strict=True))
    return days_then_nights[NAMES[weekday], half.value]


@pytest.mark.parametrize(
    ("on", "half", "expected"),
    [
        (date(2028, 2, 29), Half.DAY, 0),  # a Tuesday
        (date(2026, 12, 31), Half.NIGHT, 0),  # a Thursday, in week 53
        (date(2027, 1, 1), Half.DAY, 0),  # a Friday of the same week 53 of the year before
        (date(2027, 1, 1), Half.NIGHT, 2),
        (date(2027, 1, 3), Half.NIGHT, 2),  # the Sunday that ends week 53
        (date(2027, 1, 4), Half.DAY, 0),
        (date(2026, 3, 28), Half.NIGHT, 2),  # clocks go forward in this night
        (date(2026, 10, 25), Half.DAY, 2),  # clocks went back this morning
    ],
)
def test_a_week_end_is_a_week_end_in_every_year(on: date, half: Half, expected: int) -> None:
    assert capacity_of(Week(WEEKEND, date(2026, 1, 1), None), {}, segment_of(on, half)) == expected


@given(COUNTS, st.dates(date(2024, 1, 1), date(2034, 12, 31)), st.sampled_from(Half))
def test_a_week_says_of_each_date_what_the_calendar_says(counts: tuple[int, ...], on: date, half: Half) -> None:
    week = Week(counts, date(2020, 1, 1), None)
    assert capacity_of(week, {}, segment_of(on, half)) == told_by_calendar(counts, on, half)


@given(
    counts=COUNTS,
    first=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    lasts=st.integers(0, 80) | st.none(),
    since=st.integers(-70, 20),
    hour=st.integers(0, 23),
    exceptions=st.dictionaries(st.integers(0, 130), st.tuples(st.integers(0, 3), REASONS), max_size=12),
)
def test_unrolling_equals_asking_each_date_in_turn(
    counts: tuple[int, ...],
    first: date,
    lasts: int | None,
    since: int,
    hour: int,
    exceptions: dict[int, tuple[int, StatusReason | None]],
) -> None:
    now = datetime.combine(first - since * DAY, time(hour), PARIS)
    week = Week(counts, first, None if lasts is None else first + lasts * DAY)
    ahead = coming_segments(now, PARIS)
    excepted = {ahead[0] + place: Excepted(*each) for place, each in exceptions.items() if place < len(ahead)}
    expected = {}
    # A naive walk: local hours decide where it begins, then eight weeks of dates.
    start = now.date() if hour >= 8 else now.date() - DAY
    for offset in range(56):
        on = start + offset * DAY
        for half in (Half.DAY, Half.NIGHT):
            is_over = offset == 0 and half is Half.DAY and (hour < 8 or hour >= 20)
            in_range = first <= on and (lasts is None or on <= first + lasts * DAY)
            other = excepted.get(segment_of(on, half))
            capacity = other.capacity if other else (told_by_calendar(counts, on, half) if in_range else 0)
            if capacity and not is_over:
                expected[on, half] = capacity
    found = opened(week, excepted, ahead)
    assert {(date_of(segment), half_of(segment)): capacity for segment, capacity in found.items()} == expected
    assert excepted_now(week, excepted, found).items() <= excepted.items()


@given(COUNTS, st.dictionaries(st.integers(20_000, 20_111), st.integers(0, 3), max_size=20))
def test_counters_that_differ_from_their_week_are_what_its_exceptions_then_say(
    counts: tuple[int, ...], changed: dict[int, int]
) -> None:
    week, ahead = Week(counts, date(2020, 1, 1), None), range(20_000, 20_112)
    counters = {**opened(week, {}, ahead), **changed}
    excepted = excepted_now(week, {}, counters)
    assert {segment: each.capacity for segment, each in excepted.items()} == {
        segment: capacity for segment, capacity in changed.items() if capacity != capacity_of(week, {}, segment)
    }
    again = {**counters, **opened(week, excepted, ahead)}
    assert again == counters


def test_a_change_by_hand_that_the_week_now_says_itself_is_no_exception_any_more() -> None:
    night = segment_of(date(2026, 12, 4), Half.NIGHT)
    kept = {
        night: Excepted(2, None),
        night + 1: Excepted(2, StatusReason.WORKS),
        night + 2: Excepted(1, None),
    }
    assert still_excepted(Week(WEEKEND, date(2026, 1, 1), None), kept).keys() == {night + 1, night + 2}


def test_exceptions_are_told_as_runs_of_dates_that_are_alike() -> None:
    holidays, works = Excepted(0, StatusReason.PLANNED_CLOSURE), Excepted(1, StatusReason.WORKS)
    first = date(2026, 12, 28)
    excepted = {segment_of(first + offset * DAY, half): holidays for offset in range(7) for half in Half}
    assert [(run.first, run.last, run.halves, run.capacity) for run in runs_of(excepted)] == [
        (first, first + 6 * DAY, tuple(Half), 0)
    ]
    excepted[segment_of(first + 3 * DAY, Half.NIGHT)] = works
    assert [(run.first, run.last, run.halves, run.capacity) for run in runs_of(excepted)] == [
        (first, first + 2 * DAY, (Half.NIGHT,), 0),
        (first, first + 6 * DAY, (Half.DAY,), 0),
        (first + 3 * DAY, first + 3 * DAY, (Half.NIGHT,), 1),
        (first + 4 * DAY, first + 6 * DAY, (Half.NIGHT,), 0),
    ]
    assert runs_of({}) == ()


@given(st.dictionaries(st.integers(19_000, 19_040), st.tuples(st.integers(0, 1), REASONS)))
def test_runs_tell_every_exception_once_and_nothing_else(
    exceptions: dict[int, tuple[int, StatusReason | None]],
) -> None:
    excepted = {segment: Excepted(*each) for segment, each in exceptions.items()}
    told = [
        (segment_of(run.first + offset * DAY, half), Excepted(run.capacity, run.reason))
        for run in runs_of(excepted)
        for half in run.halves
        for offset in range((run.last - run.first).days + 1)
    ]
    assert sorted(told, key=lambda each: each[0]) == sorted(excepted.items())


def a_form(**over: object) -> SetWeek:
    values: dict[str, object] = {"capacities": WEEKEND, "first": NOW.date(), "last": None, **over}
    return SetWeek(offer_id=OFFER, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("over", "field", "rule"),
    [
        ({"capacities": WEEKEND[:13]}, "capacities", "fourteen"),
        ({"capacities": (0,) * 14}, "capacities", "some-capacity"),
        ({"capacities": (-1, *WEEKEND[1:])}, "capacities", "out-of-range"),
        ({"capacities": (100, *WEEKEND[1:])}, "capacities", "out-of-range"),
        ({"last": NOW.date() - DAY}, "last", "ends-before-start"),
        ({"first": NOW.date() - 9 * DAY, "last": NOW.date() - DAY}, "last", "in-the-past"),
        ({"first": NOW.date() + 401 * DAY}, "first", "too-far"),
    ],
)
def test_a_week_that_means_nothing_is_refused_by_its_field(over: dict[str, object], field: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_week(a_form(**over), NOW, PARIS)
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


@pytest.mark.parametrize(
    ("over", "capacity", "reason", "field", "rule"),
    [
        ({"halves": frozenset()}, 0, "works", "halves", "some-half"),
        ({"last": date(2026, 11, 24)}, 0, "works", "last", "ends-before-start"),
        ({"first": date(2026, 11, 1), "last": date(2026, 11, 24)}, 0, "works", "last", "in-the-past"),
        ({"last": date(2028, 1, 1)}, 0, "works", "last", "too-far"),
        ({}, 100, "works", "capacity", "out-of-range"),
        ({}, 0, "illness", "reason", "unknown-code"),
    ],
)
def test_an_exception_that_means_nothing_is_refused_by_its_field(
    over: dict[str, object], capacity: int, reason: str, field: str, rule: str
) -> None:
    values: dict[str, object] = {"first": NOW.date(), "last": NOW.date() + 3 * DAY, "halves": BOTH, **over}
    with pytest.raises(InvalidValue) as refused:
        check_exception(ExceptDays(OFFER, SpanOfDays(**values), capacity, reason), NOW, PARIS)  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.facts["rule"]) == (field, rule)


def test_a_span_begun_yesterday_counts_from_what_still_runs() -> None:
    span = SpanOfDays(NOW.date() - 5 * DAY, NOW.date(), BOTH)
    assert check_span(span, NOW.astimezone(UTC), PARIS) == {segment_of(NOW.date(), half) for half in Half}
