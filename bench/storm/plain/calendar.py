"""Dates and hours of the territory: halves of dates, lifetimes of an attestation, ends of holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Paris")
FIRST_MONDAY: Final = date(2000, 1, 3)

HOLIDAYS: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14"),
        *("2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25"),
        *("2027-01-01", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17", "2027-07-14"),
        *("2027-08-15", "2027-11-01", "2027-11-11", "2027-12-25"),
        *("2028-01-01", "2028-04-17", "2028-05-01", "2028-05-08", "2028-05-25", "2028-06-05", "2028-07-14"),
        *("2028-08-15", "2028-11-01", "2028-11-11", "2028-12-25"),
    )
)
"""Read in a calendar, not computed: the product computes them."""


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """The instant of a wall time of the territory."""
    return datetime.combine(on, time(hour, minute), ZONE).astimezone(UTC)


def segment(on: date, *, night: bool) -> int:
    return 2 * (on - FIRST_MONDAY).days + night


def day_of(number: int) -> date:
    return FIRST_MONDAY + timedelta(days=number // 2)


def running(now: datetime) -> int:
    """The half of a date that runs: day from 8 to 20 o'clock, then night until the next 8."""
    local = now.astimezone(ZONE)
    if local.hour < 8:
        return segment(local.date() - timedelta(days=1), night=True)
    return segment(local.date(), night=local.hour >= 20)


def first_exit(segments: frozenset[int]) -> date:
    """The day after the last night, or the last day itself."""
    last = max(segments)
    return day_of(last) + timedelta(days=last % 2)


def valid_until(kind: str, said_at: datetime) -> datetime:
    """A 24/24 place said from 16:00 on: 10:00 of the next day; earlier: 17:00. Any other: 72 hours."""
    if kind != "emergency_bed":
        return said_at + timedelta(hours=72)
    today = said_at.astimezone(ZONE).date()
    return at(today + timedelta(days=1), 10) if said_at >= at(today, 16) else at(today, 17)


def kept_until(urgency: int, now: datetime) -> datetime:
    """Thirty minutes when urgent, else two working days, at the same hour of the wall."""
    if urgency >= 3:
        return now + timedelta(minutes=30)
    local = now.astimezone(ZONE)
    on, left = local.date(), 2
    while left:
        on += timedelta(days=1)
        if on.weekday() < 5 and on not in HOLIDAYS:
            left -= 1
    return datetime.combine(on, local.time(), ZONE).astimezone(UTC)


LOOKED_AT_EVERY: Final = {
    4: timedelta(minutes=15),
    3: timedelta(hours=2),
    2: timedelta(hours=24),
    1: timedelta(days=7),
}
USUAL_DEADLINE: Final = {4: timedelta(hours=4), 3: timedelta(hours=48), 2: timedelta(days=7), 1: timedelta(days=30)}


def looked_at_again(urgency: int, state: str, deadline: datetime, now: datetime) -> datetime:
    """By urgency, never after a deadline still to come; a day where the person is safe."""
    if state in ("confirmed", "effective"):
        return now + timedelta(hours=24)
    due = now + LOOKED_AT_EVERY[urgency]
    return deadline if now < deadline < due else due
