"""Wall minutes, horizons and slots, over ordinary days and the two days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.periods import Half, segment_of
from exchange.planning.calendar import LONGEST_HORIZON_DAYS, Horizon, OwnTime, horizon_for, minus, own_time, union
from exchange.planning.ground import Slot

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 23)


def local(day: date, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


@pytest.mark.parametrize("offset", range(7))
def test_the_horizon_starts_on_the_monday_of_the_week(offset: int) -> None:
    today = segment_of(MONDAY + timedelta(days=offset), Half.DAY)
    horizon = horizon_for(PARIS, today, (), ())
    assert (horizon.monday, horizon.days) == (MONDAY, 7)


@pytest.mark.parametrize(
    ("days_ahead", "days"), [(0, 7), (6, 7), (7, 14), (20, 21), (58, LONGEST_HORIZON_DAYS), (400, LONGEST_HORIZON_DAYS)]
)
def test_the_horizon_covers_what_is_wanted_in_whole_weeks_up_to_its_limit(days_ahead: int, days: int) -> None:
    wanted = segment_of(MONDAY + timedelta(days=days_ahead), Half.NIGHT)
    assert horizon_for(PARIS, segment_of(MONDAY, Half.DAY), (wanted,), ()).days == days


def test_segments_are_counted_from_the_horizon_and_none_is_outside() -> None:
    horizon = Horizon(PARIS, MONDAY, 7)
    assert horizon.segment(segment_of(MONDAY, Half.DAY)) == 0
    assert horizon.segment(segment_of(MONDAY + timedelta(days=6), Half.NIGHT)) == 13
    assert horizon.segment(segment_of(MONDAY - timedelta(days=1), Half.NIGHT)) is None
    assert horizon.segment(segment_of(MONDAY + timedelta(days=7), Half.DAY)) is None


@pytest.mark.parametrize(
    ("monday", "changes_on"),
    [(date(2026, 3, 23), date(2026, 3, 29)), (date(2026, 10, 19), date(2026, 10, 25))],
    ids=["spring", "autumn"],
)
def test_every_day_has_as_many_wall_minutes_whatever_the_clocks_do(monday: date, changes_on: date) -> None:
    horizon = Horizon(PARIS, monday, 14)
    after = changes_on + timedelta(days=1)
    assert horizon.minute(local(after, 8)) - horizon.minute(local(changes_on - timedelta(days=1), 8)) == 2 * 1440


def test_a_shift_inside_the_repeated_hour_keeps_its_length() -> None:
    horizon = Horizon(PARIS, date(2026, 10, 19), 7)
    slot = (local(date(2026, 10, 25), 2, 40), local(date(2026, 10, 25), 2, 10, fold=1))
    start, end = horizon.period(slot)
    assert end - start == 30


def a_slot(start: int, length: int) -> tuple[datetime, datetime]:
    at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=start)
    return at, at + timedelta(minutes=length)


slots = st.lists(st.builds(a_slot, st.integers(0, 300), st.integers(1, 60)), max_size=6)


def minutes_of(pieces: tuple[tuple[datetime, datetime], ...]) -> set[datetime]:
    return {
        start + timedelta(minutes=step)
        for start, end in pieces
        for step in range(int((end - start).total_seconds()) // 60)
    }


@given(slots)
def test_a_union_is_the_same_time_in_disjoint_pieces(pieces: list[tuple[datetime, datetime]]) -> None:
    joined = union(pieces)
    assert minutes_of(joined) == minutes_of(tuple(pieces))
    assert all(first[1] < second[0] for first, second in pairwise(joined))


@given(slots, slots)
def test_what_is_left_is_what_was_there_and_not_taken_away(
    pieces: list[tuple[datetime, datetime]], removed: list[tuple[datetime, datetime]]
) -> None:
    left = minus(pieces, removed)
    assert minutes_of(left) == minutes_of(tuple(pieces)) - minutes_of(tuple(removed))
    assert all(start < end for start, end in left)


def hours(start: int, end: int) -> tuple[datetime, datetime]:
    return local(MONDAY, 0) + timedelta(hours=start), local(MONDAY, 0) + timedelta(hours=end)


@pytest.mark.parametrize(
    ("own", "released", "busy", "found"),
    [
        ([hours(8, 16)], [], [], OwnTime((hours(8, 16),), (), ())),
        ([hours(8, 16)], [hours(7, 17)], [], OwnTime((hours(7, 17),), (hours(7, 17),), ())),
        ([hours(8, 16)], [hours(12, 16)], [], OwnTime((hours(8, 12), hours(12, 16)), (hours(12, 16),), ())),
        ([hours(8, 16)], [hours(20, 30)], [], OwnTime((hours(8, 16),), (), (hours(20, 30),))),
        (
            [hours(8, 16)],
            [hours(8, 16)],
            [hours(8, 12)],
            OwnTime((hours(12, 16), hours(8, 12)), (hours(12, 16),), ()),
        ),
        ([], [hours(8, 16)], [], OwnTime((), (), (hours(8, 16),))),
    ],
    ids=["none freed", "a wider window", "a part", "besides any shift", "already lent", "no shift told"],
)
def test_own_time_keeps_the_shifts_that_the_employer_frees_apart(
    own: list[Slot], released: list[Slot], busy: list[Slot], found: OwnTime
) -> None:
    told = own_time(own, released, busy)
    assert told == found
    assert set(told.released) <= set(told.shifts)
