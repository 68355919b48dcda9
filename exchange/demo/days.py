"""Dates of the demonstration, relative to its first day J0, and weekdays that follow the real calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, Segment, local_instant, segment_of

TIME_ZONE: Final = ZoneInfo("Europe/Paris")

EARLIEST_SHIFT: Final = time(16, 0)
"""The first shift of J0 starts at this local time."""

SATURDAY, SUNDAY = 5, 6


class Weekdays(StrEnum):
    """Which days of a span count."""

    ALL = "all"
    WORKING = "working"
    WEEKEND = "weekend"
    SUNDAY_TO_THURSDAY = "sunday_to_thursday"
    MONDAY_TO_THURSDAY = "monday_to_thursday"
    TUESDAY_AND_THURSDAY = "tuesday_and_thursday"
    MONDAY_AND_FRIDAY = "monday_and_friday"


@dataclass(frozen=True, slots=True)
class Days:
    """Days from J`first` to J`last`, both included, kept when their weekday counts."""

    first: int
    last: int
    only: Weekdays = Weekdays.ALL


@dataclass(frozen=True, slots=True)
class WeekendDays:
    """Saturday and Sunday of the n-th weekend after J0; `offsets` 0 is Saturday, 1 is Sunday."""

    number: int
    offsets: tuple[int, ...] = (0, 1)


@dataclass(frozen=True, slots=True)
class WorkWeekDays:
    """Days of the n-th working week that starts after J0; `offsets` 0 is Monday."""

    number: int
    offsets: tuple[int, ...] = (0, 1, 2, 3, 4)


Span = Days | WeekendDays | WorkWeekDays


@dataclass(frozen=True, slots=True)
class Part:
    """The days, or the nights, or both, of a span."""

    span: Span
    halves: frozenset[Half]


@dataclass(frozen=True, slots=True)
class Block:
    """Segments that one place must serve whole."""

    parts: tuple[Part, ...]


def day_zero(now: datetime, zone: ZoneInfo = TIME_ZONE) -> date:
    """J0 for a demonstration loaded at `now`: today, or tomorrow once the first shift of today has started."""
    local = now.astimezone(zone)
    return local.date() if local.time() < EARLIEST_SHIFT else local.date() + timedelta(days=1)


def weekend_after(day0: date, number: int = 1) -> date:
    """The Saturday of the n-th weekend that starts after J0."""
    to_saturday = (SATURDAY - day0.weekday() - 1) % 7 + 1
    return day0 + timedelta(days=to_saturday + 7 * (number - 1))


def monday_after(day0: date, number: int = 1) -> date:
    """The n-th Monday after J0."""
    return day0 + timedelta(days=7 * number - day0.weekday())


def dates_of(span: Span, day0: date) -> Iterator[date]:
    """The dates of a span, ascending."""
    match span:
        case Days(first, last, only):
            every = (day0 + timedelta(days=offset) for offset in range(first, last + 1))
            yield from (on for on in every if _counts(on, only))
        case WeekendDays(number, offsets):
            yield from (weekend_after(day0, number) + timedelta(days=offset) for offset in offsets)
        case WorkWeekDays(number, offsets):
            yield from (monday_after(day0, number) + timedelta(days=offset) for offset in offsets)
        case _:
            assert_never(span)


def segments_for(block: Block, day0: date) -> tuple[Segment, ...]:
    """The segments of a block, ascending."""
    return tuple(
        sorted(segment_of(on, half) for part in block.parts for on in dates_of(part.span, day0) for half in part.halves)
    )


def slot(on: date, start: time, end: time, zone: ZoneInfo = TIME_ZONE) -> tuple[datetime, datetime]:
    """UTC bounds of a work period that starts on a local date, and ends the next day when `end` is not later."""
    ends_on = on if end > start else on + timedelta(days=1)
    return local_instant(on, start, zone), local_instant(ends_on, end, zone)


def days(first: int, last: int, only: Weekdays = Weekdays.ALL) -> Part:
    """The days J`first` to J`last`."""
    return Part(Days(first, last, only), frozenset({Half.DAY}))


def nights(first: int, last: int, only: Weekdays = Weekdays.ALL) -> Part:
    """The nights N`first` to N`last`."""
    return Part(Days(first, last, only), frozenset({Half.NIGHT}))


def weekend(number: int) -> Block:
    """Saturday and Sunday of a weekend, with the night between."""
    return Block(
        (
            Part(WeekendDays(number), frozenset({Half.DAY})),
            Part(WeekendDays(number, (0,)), frozenset({Half.NIGHT})),
        )
    )


def _counts(on: date, only: Weekdays) -> bool:
    weekday = on.weekday()
    match only:
        case Weekdays.ALL:
            return True
        case Weekdays.WORKING:
            return weekday < SATURDAY
        case Weekdays.WEEKEND:
            return weekday >= SATURDAY
        case Weekdays.SUNDAY_TO_THURSDAY:
            return weekday == SUNDAY or weekday <= 3
        case Weekdays.MONDAY_TO_THURSDAY:
            return weekday <= 3
        case Weekdays.TUESDAY_AND_THURSDAY:
            return weekday in (1, 3)
        case Weekdays.MONDAY_AND_FRIDAY:
            return weekday in (0, 4)
        case _:
            assert_never(only)
