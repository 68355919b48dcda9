"""What the forms of a volunteer's week say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Wall hours of each `weekday` (0 is Monday), ending the next day when `ends` is not later than `starts`."""

    kind: str
    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class SetVolunteerWeek:
    """A volunteer's hours of each week from `first` to `last`, both included, no end where there is no `last`."""

    volunteer_id: UUID
    hours: tuple[WeeklyHours, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class DatesAway:
    """Dates from `first` to `last`, both included, of which nothing is said but « non disponible »."""

    volunteer_id: UUID
    first: date
    last: date
