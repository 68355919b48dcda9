"""Segments: one integer for a date and its half."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.periods import (
    EXTENDED_AT,
    SEGMENT_ORIGIN,
    Half,
    current_segment,
    date_of,
    ends_at,
    half_of,
    next_extension,
    segment_of,
    segments_between,
    starts_at,
)

PARIS = ZoneInfo("Europe/Paris")
DATES = st.dates(date(2001, 1, 1), date(2060, 12, 31))


def test_the_origin_is_a_monday_so_that_a_week_is_fourteen_segments() -> None:
    assert SEGMENT_ORIGIN.weekday() == 0
    assert segment_of(SEGMENT_ORIGIN, Half.DAY) == 0
    assert segment_of(SEGMENT_ORIGIN + timedelta(days=7), Half.DAY) == 14


@given(DATES, st.sampled_from(Half))
def test_a_segment_gives_back_its_date_and_half(on: date, half: Half) -> None:
    segment = segment_of(on, half)
    assert (date_of(segment), half_of(segment)) == (on, half)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        (date(2026, 3, 28), 11),  # clocks go forward on the 29th
        (date(2026, 10, 24), 13),  # clocks go back on the 25th
        (date(2026, 12, 31), 12),
        (date(2028, 2, 29), 12),
    ],
)
def test_a_night_lasts_what_the_clocks_say(evening: date, hours: int) -> None:
    night = segment_of(evening, Half.NIGHT)
    assert ends_at(night, PARIS) - starts_at(night, PARIS) == timedelta(hours=hours)


@given(DATES, st.sampled_from(Half))
def test_segments_follow_each_other_without_gap_or_overlap(on: date, half: Half) -> None:
    segment = segment_of(on, half)
    assert ends_at(segment, PARIS) == starts_at(segment + 1, PARIS)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2026, 11, 22, 7, 59, tzinfo=PARIS), segment_of(date(2026, 11, 21), Half.NIGHT)),
        (datetime(2026, 11, 22, 8, 0, tzinfo=PARIS), segment_of(date(2026, 11, 22), Half.DAY)),
        (datetime(2026, 11, 22, 19, 59, tzinfo=PARIS), segment_of(date(2026, 11, 22), Half.DAY)),
        (datetime(2026, 11, 22, 20, 0, tzinfo=PARIS), segment_of(date(2026, 11, 22), Half.NIGHT)),
        (datetime(2027, 1, 1, 3, 0, tzinfo=PARIS), segment_of(date(2026, 12, 31), Half.NIGHT)),
    ],
)
def test_the_running_segment_is_read_on_the_wall_of_the_territory(local: datetime, expected: int) -> None:
    assert current_segment(local.astimezone(UTC), PARIS) == expected


def test_a_span_of_nights_holds_one_segment_a_date() -> None:
    nights = list(segments_between(date(2026, 12, 30), date(2027, 1, 2), frozenset({Half.NIGHT})))
    assert [date_of(night).isoformat() for night in nights] == ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 25, 3, 59, tzinfo=PARIS), datetime(2026, 11, 25, 4, 0, tzinfo=PARIS)),
        (datetime(2026, 11, 25, 4, 0, tzinfo=PARIS), datetime(2026, 11, 26, 4, 0, tzinfo=PARIS)),
        (datetime(2026, 3, 28, 12, 0, tzinfo=PARIS), datetime(2026, 3, 29, 4, 0, tzinfo=PARIS)),
        (datetime(2026, 10, 24, 12, 0, tzinfo=PARIS), datetime(2026, 10, 25, 4, 0, tzinfo=PARIS)),
        (datetime(2028, 2, 28, 23, 0, tzinfo=PARIS), datetime(2028, 2, 29, 4, 0, tzinfo=PARIS)),
        (datetime(2026, 12, 31, 5, 0, tzinfo=PARIS), datetime(2027, 1, 1, 4, 0, tzinfo=PARIS)),
    ],
)
def test_weeks_are_extended_once_a_date_on_the_wall_of_the_territory(now: datetime, expected: datetime) -> None:
    found = next_extension(now.astimezone(UTC), PARIS)
    assert found == expected.astimezone(UTC)
    assert found.astimezone(PARIS).time() == EXTENDED_AT
