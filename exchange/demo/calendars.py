"""Calendars of the fictional volunteers: own shifts, time that employers release, time that people offer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from exchange.demo.days import SATURDAY, Days, Weekdays, dates_of, slot
from exchange.demo.staff import Pattern

WEEKS: Final = 4
"""Calendars run from the Monday of the week of J0."""

CLOSED_FACILITY: Final = "F01"
CLOSED_DAYS: Final = Days(1, 7, Weekdays.WORKING)
"""F01 closes five working days: its staff is released, and known by the young people of S15."""


class TimeKind(StrEnum):
    AVAILABLE = "available"
    RELEASED = "released"
    OWN_SHIFT = "own_shift"


@dataclass(frozen=True, slots=True)
class DemoTime:
    """A period in UTC; periods of one kind never overlap, and nobody is available during an own shift."""

    kind: TimeKind
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Hours:
    start: str
    end: str

    def on(self, day: date, kind: TimeKind, zone: ZoneInfo) -> DemoTime:
        return DemoTime(kind, *slot(day, time.fromisoformat(self.start), time.fromisoformat(self.end), zone))


_OFFICE, _MORNING, _AFTERNOON, _NIGHT = (
    _Hours("09:00", "16:30"),
    _Hours("07:00", "14:30"),
    _Hours("14:00", "21:30"),
    _Hours("21:00", "07:00"),
)
_FREE_DAY, _FREE_EVENING, _FREE_NIGHT = _Hours("06:00", "20:30"), _Hours("13:00", "23:30"), _Hours("20:30", "08:30")


def calendar(number: int, facility: str, pattern: Pattern, day0: date, seed: int, zone: ZoneInfo) -> Iterator[DemoTime]:
    """Own shifts, released and offered time of the real weeks, ascending; nothing overlaps."""
    closed = set(dates_of(CLOSED_DAYS, day0)) if facility == CLOSED_FACILITY else set()
    monday = day0 - timedelta(days=day0.weekday())
    planned: list[tuple[date, TimeKind, _Hours]] = []
    for week in range(WEEKS):
        first = monday + timedelta(days=7 * week)
        draw = Random(f"{seed}/{number}/{first.isoformat()}")  # noqa: S311 - invented calendars, not a secret
        worked = _worked_days(draw, pattern)
        for weekday in range(7):
            on = first + timedelta(days=weekday)
            planned.extend(_day(draw, on, pattern, weekday in worked, on in closed))
    last_end: datetime | None = None
    # An own shift is certain: an offer that would touch it gives way.
    own = [hours.on(on, kind, zone) for on, kind, hours in planned if kind is TimeKind.OWN_SHIFT]
    for on, kind, hours in planned:
        period = hours.on(on, kind, zone)
        if last_end is not None and period.starts_at < last_end:
            continue
        if kind is not TimeKind.OWN_SHIFT and any(
            period.starts_at < shift.ends_at and shift.starts_at < period.ends_at for shift in own
        ):
            continue
        last_end = period.ends_at
        yield period


def _worked_days(draw: Random, pattern: Pattern) -> frozenset[int]:
    """Weekdays worked in one week: whole or part time, rotating staff on weekends too."""
    match pattern:
        case Pattern.OFFICE_HOURS:
            return frozenset(draw.sample(range(SATURDAY), draw.choice((4, 4, 5))))
        case Pattern.ROTATING:
            return frozenset(draw.sample(range(7), draw.choice((3, 4, 4))))
        case Pattern.NIGHTS:
            first = draw.randrange(5)
            return frozenset({first, first + 1, first + 2})
        case _:
            assert_never(pattern)


def _day(
    draw: Random, on: date, pattern: Pattern, works: bool, is_closed: bool
) -> Iterator[tuple[date, TimeKind, _Hours]]:
    chance, choice = draw.random(), draw.random()
    if works and not is_closed:
        if chance < 0.15:
            yield on, TimeKind.RELEASED, _released_hours(pattern, choice)
        else:
            yield on, TimeKind.OWN_SHIFT, _own_hours(pattern, choice)
    elif is_closed and on.weekday() < SATURDAY:
        yield on, TimeKind.RELEASED, _released_hours(pattern, 0.0)
    elif chance < 0.6:
        yield on, TimeKind.AVAILABLE, _free_hours(pattern, choice)


def _own_hours(pattern: Pattern, choice: float) -> _Hours:
    match pattern:
        case Pattern.OFFICE_HOURS:
            return _OFFICE
        case Pattern.ROTATING:
            return _MORNING if choice < 0.5 else _AFTERNOON
        case Pattern.NIGHTS:
            return _NIGHT
        case _:
            assert_never(pattern)


def _released_hours(pattern: Pattern, choice: float) -> _Hours:
    if pattern is Pattern.NIGHTS:
        return _FREE_NIGHT
    return _FREE_DAY if choice < 0.6 else _FREE_EVENING


def _free_hours(pattern: Pattern, choice: float) -> _Hours:
    if pattern is Pattern.NIGHTS:
        return _FREE_NIGHT
    return _FREE_DAY if choice < 0.45 else _FREE_EVENING if choice < 0.7 else _FREE_NIGHT
