"""Repeating seven days of a volunteer: the same hours on the wall, and each line says what becomes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.staffing.inputs import Period
from exchange.staffing.rules import TimeKind, overlaps
from exchange.staffing.weeks.repetition import Repeat, repeated

PARIS = ZoneInfo("Europe/Paris")
A, R, O = TimeKind.AVAILABLE, TimeKind.RELEASED, TimeKind.OWN_SHIFT  # noqa: E741
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def on_wall(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("night", "hours"),
    [
        ((2026, 3, 21), 9),  # repeated in the night when clocks go forward
        ((2026, 10, 17), 11),  # repeated in the night when clocks go back
        ((2026, 12, 24), 10),  # repeated on the last night of the year
        ((2028, 2, 22), 10),  # repeated on the 29th of February
    ],
)
def test_a_night_is_repeated_by_the_wall(night: tuple[int, int, int], hours: int) -> None:
    start = on_wall(*night, 21)
    stated = {A: [Period(start, start + 10 * HOUR)]}
    (line,) = repeated(stated, {}, frozenset(), 1, start + DAY, PARIS)
    assert line.outcome is Repeat.STATES
    assert line.starts_at.astimezone(PARIS).date() == date(*night) + 7 * DAY
    assert [each.astimezone(PARIS).hour for each in (line.starts_at, line.ends_at)] == [21, 7]
    assert line.ends_at - line.starts_at == hours * HOUR


START = on_wall(2026, 11, 18, 9)
SHIFT = Period(START, START + 8 * HOUR)
NEXT = Period(START + 7 * DAY, START + 7 * DAY + 8 * HOUR)
NOW = on_wall(2026, 11, 24, 12)


@pytest.mark.parametrize(
    ("kind", "known", "excepted", "now", "outcome"),
    [
        (A, {}, frozenset(), NOW, Repeat.STATES),
        (A, {A: [NEXT]}, frozenset(), NOW, Repeat.EXISTS),
        (A, {A: [Period(NEXT.starts_at - HOUR, NEXT.ends_at)]}, frozenset(), NOW, Repeat.EXISTS),
        (O, {O: [Period(NEXT.starts_at + HOUR, NEXT.ends_at)]}, frozenset(), NOW, Repeat.OVERLAPS),
        (A, {O: [Period(NEXT.ends_at - HOUR, NEXT.ends_at + HOUR)]}, frozenset(), NOW, Repeat.WORKS),
        (R, {O: [NEXT]}, frozenset(), NOW, Repeat.STATES),
        (A, {}, frozenset({(A, date(2026, 11, 25))}), NOW, Repeat.AWAY),
        (A, {}, frozenset({(O, date(2026, 11, 25))}), NOW, Repeat.STATES),
        (A, {}, frozenset(), NEXT.starts_at, Repeat.BEGUN),
    ],
)
def test_each_line_says_what_becomes_of_it(
    kind: TimeKind,
    known: dict[TimeKind, list[Period]],
    excepted: frozenset[tuple[TimeKind, date]],
    now: datetime,
    outcome: Repeat,
) -> None:
    (line,) = repeated({kind: [SHIFT]}, known, excepted, 1, now, PARIS)
    assert (line.kind, line.source, line.outcome) == (kind, SHIFT.starts_at, outcome)


def test_hours_that_the_change_of_clocks_skips_are_not_repeated() -> None:
    stated = {A: [Period(on_wall(2026, 3, 22, 2), on_wall(2026, 3, 22, 3))]}
    (line,) = repeated(stated, {}, frozenset(), 1, on_wall(2026, 3, 23, 8), PARIS)
    assert line.outcome is Repeat.BEGUN


def test_work_repeated_beside_an_availability_wins_over_it() -> None:
    stated = {A: [Period(START - HOUR, START + 2 * HOUR)], O: [SHIFT]}
    lines = repeated(stated, {}, frozenset(), 2, NOW, PARIS)
    assert [(line.kind, line.outcome) for line in lines] == [(A, Repeat.WORKS), (O, Repeat.STATES)] * 2


PERIODS = st.lists(st.tuples(st.sampled_from(TimeKind), st.integers(0, 160), st.integers(1, 14)), max_size=12)


@settings(deadline=None)
@given(PERIODS, st.lists(st.tuples(st.sampled_from(TimeKind), st.integers(170, 800), st.integers(1, 14)), max_size=12))
def test_what_is_stated_never_meets_what_is_there_nor_work(
    last: list[tuple[TimeKind, int, int]], coming: list[tuple[TimeKind, int, int]]
) -> None:
    monday = on_wall(2026, 10, 19, 0)  # clocks go back on the Sunday
    stated: dict[TimeKind, list[Period]] = {kind: [] for kind in TimeKind}
    known: dict[TimeKind, list[Period]] = {kind: [] for kind in TimeKind}
    for lines, there in ((last, stated), (coming, known)):
        for kind, hour, lasts in lines:
            period = Period(monday + hour * HOUR, monday + (hour + lasts) * HOUR)
            if not any(overlaps(period, other) for other in there[kind]):
                there[kind].append(period)
    found = repeated(stated, known, frozenset(), 3, on_wall(2026, 10, 26, 0), PARIS)
    assert len(found) == 3 * sum(map(len, stated.values()))
    for line in found:
        if line.outcome is Repeat.STATES:
            known[line.kind].append(Period(line.starts_at, line.ends_at))
    for kind, periods in known.items():
        ordered = sorted(periods, key=lambda each: each.starts_at)
        assert not any(overlaps(one, other) for one, other in pairwise(ordered)), kind
    stated_free = [
        Period(line.starts_at, line.ends_at) for line in found if (line.kind, line.outcome) == (A, Repeat.STATES)
    ]
    assert not any(overlaps(one, other) for one in stated_free for other in known[O])
