"""Repeating the last seven days: a list to be read, then confirmed as read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter
from msgspec import Meta

from exchange.api.v1.schemas.values import Body, Resource
from exchange.availability.weeks.repetition import MOST_WEEKS, RepeatWeek
from exchange.availability.weeks.repetition import Repeat as RepeatOfPlaces
from exchange.staffing.rules import TimeKind
from exchange.staffing.weeks.repetition import Repeat as RepeatOfTimes
from exchange.staffing.weeks.repetition import RepeatTimes

Weeks = Annotated[int, QueryParameter(ge=1, le=MOST_WEEKS, description="Nombre de semaines à venir, 4 au plus")]


class RepetitionBody(Body):
    """`seen`: as the list that was shown said; another list is refused."""

    weeks: Annotated[int, Meta(ge=1, le=MOST_WEEKS)]
    seen: Annotated[str, Meta(min_length=16, max_length=16)]

    def of_places(self, offer_id: UUID) -> RepeatWeek:
        return RepeatWeek(offer_id, self.weeks, self.seen)

    def of_times(self, volunteer_id: UUID) -> RepeatTimes:
        return RepeatTimes(volunteer_id, self.weeks, self.seen)


class RepeatedSegmentResource(Resource):
    """Only `opens` changes anything."""

    source: int
    segment: int
    capacity: int
    outcome: RepeatOfPlaces


class PlacesRepetition(Resource):
    seen: str
    lines: list[RepeatedSegmentResource]


class RepeatedTimeResource(Resource):
    """Half-open. Only `states` changes anything."""

    kind: TimeKind
    source: datetime
    starts_at: datetime
    ends_at: datetime
    outcome: RepeatOfTimes


class TimesRepetition(Resource):
    seen: str
    lines: list[RepeatedTimeResource]
