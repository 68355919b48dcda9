"""Repeating seven days of places: the same weekday and half, and what is already there stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.availability.weeks.repetition import Repeat, last_segments, repeated
from exchange.kernel.periods import Half, date_of, half_of, segment_of

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 25), date(2027, 1, 1), date(2028, 3, 1), date(2026, 3, 30), date(2026, 10, 26)]
)
def test_the_last_seven_days_end_before_today(today: date) -> None:
    for half in Half:
        last = last_segments(segment_of(today, half))
        assert (date_of(last[0]), date_of(last[-1]), len(last)) == (today - 7 * DAY, today - DAY, 14)


@given(
    st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    st.sampled_from(Half),
    st.dictionaries(st.integers(0, 13), st.integers(0, 3), max_size=14),
    st.sets(st.integers(0, 60), max_size=20),
    st.integers(1, 4),
)
def test_each_line_falls_on_the_same_weekday_and_half_and_nothing_is_opened_twice(
    today: date, running: Half, entered: dict[int, int], there: set[int], weeks: int
) -> None:
    current = segment_of(today, running)
    first = last_segments(current)[0]
    counters = {first + place: capacity for place, capacity in entered.items()}
    known = {segment_of(today, Half.DAY) + place for place in there}
    lines = repeated(counters, known, weeks, current, None)
    assert len(lines) == weeks * sum(capacity > 0 for capacity in counters.values())
    for line in lines:
        assert (date_of(line.segment) - date_of(line.source)).days in range(7, 7 * weeks + 1, 7)
        assert half_of(line.segment) is half_of(line.source)
        assert line.capacity == counters[line.source]
        assert (line.outcome is Repeat.OVER) == (line.segment < current)
        assert (line.outcome is Repeat.OPENS) == (line.segment >= current and line.segment not in known)
    opens = [line.segment for line in lines if line.outcome is Repeat.OPENS]
    assert len(opens) == len(set(opens))


@pytest.mark.parametrize("hindrance", [Repeat.FOLLOWS_WEEK, Repeat.RESTS_ON_SHIFTS])
def test_a_hindrance_is_told_on_each_line(hindrance: Repeat) -> None:
    current = segment_of(date(2026, 11, 25), Half.DAY)
    lines = repeated({current - 4: 2, current - 2: 1}, (), 2, current, hindrance)
    assert [line.outcome for line in lines] == [hindrance] * 4
