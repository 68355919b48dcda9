"""Dates cut into segments: the integer in which places are counted.

`segment = 2 × days since Monday 2000-01-03 (+1 for the night)`. A night bears the date on which it starts, in the
territory's zone; it may last 23 or 25 hours, which no segment needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

Segment = NewType("Segment", int)

SEGMENT_ORIGIN = date(2000, 1, 3)
"""A Monday, so that a segment modulo 14 gives the weekday and the half."""

WEEK_SEGMENTS = 14
"""A segment modulo this is its place in the week: 0 is Monday's day, 13 Sunday's night."""

WEEKS_AHEAD = 8
"""How far weekly patterns are unrolled: about as far as a search looks, and short enough to be read."""

EXTENDED_AT = time(4, 0)
"""Wall time of their daily extension: after both clock changes, before anybody answers."""

NIGHT_STARTS = time(20, 0)
NIGHT_ENDS = time(8, 0)
TONIGHT_TURNS = time(5, 0)
"""Until then people still call tonight the night that runs."""


class Half(StrEnum):
    """The two halves of a date in which a place is counted."""

    DAY = "day"
    NIGHT = "night"


def segment_of(on: date, half: Half) -> Segment:
    """Return the segment of a local date and half."""
    return Segment(2 * (on - SEGMENT_ORIGIN).days + (half is Half.NIGHT))


def date_of(segment: int) -> date:
    """Return the local date that a segment belongs to; for a night, the evening's."""
    return SEGMENT_ORIGIN + timedelta(days=segment // 2)


def half_of(segment: int) -> Half:
    """Return whether a segment is a day or a night."""
    return Half.NIGHT if segment % 2 else Half.DAY


def segments_between(first: date, last: date, halves: frozenset[Half]) -> Iterator[Segment]:
    """Yield the segments of each date from `first` to `last`, both included, ascending."""
    for offset in range((last - first).days + 1):
        on = first + timedelta(days=offset)
        for half in (Half.DAY, Half.NIGHT):
            if half in halves:
                yield segment_of(on, half)


def current_segment(now: datetime, zone: ZoneInfo) -> Segment:
    """Return the segment running at `now` in a territory: before 08:00 it is still last evening's night."""
    local = now.astimezone(zone)
    if local.time() < NIGHT_ENDS:
        return segment_of(local.date() - timedelta(days=1), Half.NIGHT)
    return segment_of(local.date(), Half.NIGHT if local.time() >= NIGHT_STARTS else Half.DAY)


def tonight_at(at: datetime, zone: ZoneInfo) -> Segment:
    """Return the night that people call tonight: until 05:00 the one that runs, from then on the coming one."""
    local = at.astimezone(zone)
    evening = local.date() - timedelta(days=1) if local.time() < TONIGHT_TURNS else local.date()
    return segment_of(evening, Half.NIGHT)


def starts_at(segment: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a segment starts in a territory."""
    at = NIGHT_STARTS if segment % 2 else NIGHT_ENDS
    return datetime.combine(date_of(segment), at, zone).astimezone(UTC)


def ends_at(segment: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a segment ends in a territory."""
    return starts_at(segment + 1, zone)


def local_instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local date and wall time."""
    return datetime.combine(on, at, zone).astimezone(UTC)


def wall_period(on: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the UTC bounds of wall hours that begin on a local date, and end the next day when `ends` is not later.

    Half-open. On the two nights when clocks change it is an hour shorter or longer. An hour that the change skips is
    the instant of the change, so that hours within it are empty (both bounds equal); one that it repeats is the first.
    """
    until = on + timedelta(days=1) if ends <= starts else on
    return _shown(on, starts, zone), _shown(until, ends, zone)


def _shown(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which the wall shows a time, or passes over it."""
    late = local_instant(on, at, zone)
    if late.astimezone(zone).time() == at:
        return late
    early, after = local_instant(on, at.replace(fold=1), zone), late.astimezone(zone).utcoffset()
    minutes = (early + timedelta(minutes=minute) for minute in range(int((late - early).total_seconds()) // 60 + 1))
    return next(each for each in minutes if each.astimezone(zone).utcoffset() == after)


def wall_shifted(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the instant at which the wall shows, `days` later, what it shows at `at`."""
    local = at.astimezone(zone)
    return _shown(local.date() + timedelta(days=days), local.time(), zone)


def next_extension(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after `now` at which weekly patterns are extended: once a date, on the wall."""
    today = now.astimezone(zone).date()
    at = local_instant(today, EXTENDED_AT, zone)
    return at if at > now else local_instant(today + timedelta(days=1), EXTENDED_AT, zone)
