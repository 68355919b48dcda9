"""The hours at which what a board tells changes by itself: midnight, 05:00, 08:00 and 20:00 on the spot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.board.rules import is_turn_between
from exchange.kernel.periods import current_segment, tonight_at

PARIS, CAYENNE = ZoneInfo("Europe/Paris"), ZoneInfo("America/Cayenne")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "zone", "expected"),
    [
        ("2026-11-25 06:59:59", "2026-11-25 07:00:00", PARIS, True),  # 08:00 itself belongs to the day
        ("2026-11-25 07:00:00", "2026-11-25 18:59:59", PARIS, False),
        ("2026-11-25 18:59:58", "2026-11-25 19:00:03", PARIS, True),  # 20:00
        ("2026-11-25 19:00:00", "2026-11-25 22:59:59", PARIS, False),
        ("2026-11-25 22:59:59", "2026-11-25 23:00:00", PARIS, True),  # midnight
        ("2026-11-25 23:00:00", "2026-11-26 03:59:59", PARIS, False),
        ("2026-11-26 03:59:59", "2026-11-26 04:00:00", PARIS, True),  # 05:00
        ("2026-11-26 04:00:00", "2026-11-26 06:59:59", PARIS, False),
        ("2026-11-25 12:00:00", "2026-11-26 12:00:00", PARIS, True),  # the same hour of another day
        ("2026-11-25 12:00:00", "2026-11-25 12:00:00", PARIS, False),
        ("2026-11-25 07:00:05", "2026-11-25 06:59:55", PARIS, False),  # nothing lies in a span that runs backwards
        # The night of 29 March 2026 has 11 hours in Paris: its 05:00 and 08:00 come an hour earlier in UTC.
        ("2026-03-28 23:00:00", "2026-03-29 02:59:59", PARIS, False),
        ("2026-03-29 02:59:59", "2026-03-29 03:00:00", PARIS, True),
        ("2026-03-29 03:00:00", "2026-03-29 05:59:59", PARIS, False),
        ("2026-03-29 05:59:59", "2026-03-29 06:00:00", PARIS, True),
        # The night of 25 October 2026 has 13: 02:30 comes twice, and nothing turns between the two.
        ("2026-10-25 00:30:00", "2026-10-25 01:30:00", PARIS, False),
        ("2026-10-24 22:00:00", "2026-10-25 03:59:59", PARIS, False),
        ("2026-10-25 03:59:59", "2026-10-25 04:00:00", PARIS, True),
        ("2026-10-25 06:59:59", "2026-10-25 07:00:00", PARIS, True),
        # In Cayenne it is 3 hours earlier than in UTC, all year.
        ("2026-11-25 06:59:59", "2026-11-25 07:00:00", CAYENNE, False),
        ("2026-11-25 10:59:59", "2026-11-25 11:00:00", CAYENNE, True),
        ("2026-11-25 22:59:59", "2026-11-25 23:00:00", CAYENNE, True),
        ("2026-11-26 02:59:59", "2026-11-26 03:00:00", CAYENNE, True),
        ("2026-11-26 07:59:59", "2026-11-26 08:00:00", CAYENNE, True),
    ],
)
def test_the_board_tells_something_else_from_each_turn_of_the_territory_s_day(
    since: str, until: str, zone: ZoneInfo, expected: bool
) -> None:
    assert is_turn_between(at(since), at(until), zone) is expected


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.sampled_from([PARIS, CAYENNE, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Miquelon")]),
)
def test_without_a_turn_today_tonight_and_the_running_night_are_the_same(
    minutes: int, later: timedelta, zone: ZoneInfo
) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    told = [
        (each.astimezone(zone).date(), tonight_at(each, zone), current_segment(each, zone))
        for each in (since, since + later)
    ]
    assert is_turn_between(since, since + later, zone) or told[0] == told[1]


@pytest.mark.parametrize("day", ["2026-03-28 23:00:00", "2026-10-24 22:00:00", "2026-11-24 23:00:00"])
def test_a_day_has_four_turns_whatever_its_length(day: str) -> None:
    midnight = at(day)
    minutes = [midnight + timedelta(minutes=count) for count in range(-1, 22 * 60)]
    assert sum(is_turn_between(one, next_, PARIS) for one, next_ in pairwise(minutes)) == 4
