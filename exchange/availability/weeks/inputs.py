"""What the forms of weeks say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from exchange.kernel.periods import Half


@dataclass(frozen=True, slots=True)
class SpanOfDays:
    """The chosen halves of each date from `first` to `last`, both included, dates of the territory."""

    first: date
    last: date
    halves: frozenset[Half]


@dataclass(frozen=True, slots=True)
class SetWeek:
    """The week that an offer follows from `first` to `last`, both included, no end where there is no `last`.

    `capacities`: 14 counts of persons, from Monday's day to Sunday's night.
    """

    offer_id: UUID
    capacities: tuple[int, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class ExceptDays:
    """Dates that open `capacity` persons whatever the week says; none is closed. `reason`: a code."""

    offer_id: UUID
    span: SpanOfDays
    capacity: int
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeWeek:
    """Dates that follow the week again."""

    offer_id: UUID
    span: SpanOfDays
