"""The week that an offer follows."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from exchange.api.v1.schemas.values import Body, Resource
from exchange.availability.weeks.inputs import ExceptDays, ResumeWeek, SetWeek, SpanOfDays
from exchange.kernel.periods import Half
from exchange.reference.answers import StatusReason

Capacities = Annotated[
    list[Annotated[int, Meta(ge=0, le=99)]],
    Meta(
        min_length=14,
        max_length=14,
        description="Nombre de personnes : lundi jour, lundi nuit, mardi jour… jusqu'à dimanche nuit",
    ),
]


class SetWeekBody(Body):
    """The week from `first` to `last`, both included; no end without `last`."""

    capacities: Capacities
    first: date
    last: date | None = None

    def asked(self, offer_id: UUID) -> SetWeek:
        return SetWeek(offer_id, tuple(self.capacities), self.first, self.last)


class SpanBody(Body):
    """The chosen halves of each local date from `first` to `last`, both included."""

    first: date
    last: date
    halves: Annotated[list[Half], Meta(min_length=1, max_length=2)]

    def span(self) -> SpanOfDays:
        return SpanOfDays(self.first, self.last, frozenset(self.halves))

    def resumed(self, offer_id: UUID) -> ResumeWeek:
        return ResumeWeek(offer_id, self.span())


class ExceptDaysBody(SpanBody):
    """`capacity` persons whatever the week says; 0 closes these dates."""

    capacity: Annotated[int, Meta(ge=0, le=99)]
    reason: StatusReason

    def asked(self, offer_id: UUID) -> ExceptDays:
        return ExceptDays(offer_id, self.span(), self.capacity, self.reason)


class ExceptionResource(Resource):
    """Consecutive dates whose days, nights, or both, differ alike from the week; no `reason` where changed by hand."""

    first: date
    last: date
    halves: list[Half]
    capacity: int
    reason: StatusReason | None


class WeekResource(Resource):
    """`capacities`: from Monday's day to Sunday's night. `exceptions`: those not over, changes by hand included."""

    offer_id: UUID
    capacities: list[int]
    first: date
    last: date | None
    exceptions: list[ExceptionResource]
