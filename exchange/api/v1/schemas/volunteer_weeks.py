"""A volunteer's week."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from exchange.api.v1.schemas.values import Body, Resource, WallTime
from exchange.loans.promised import PromisedShift
from exchange.staffing.rules import TimeKind
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours
from exchange.staffing.weeks.queries import VolunteerWeekView

Weekday = Annotated[int, Meta(ge=0, le=6, description="0 : lundi … 6 : dimanche")]


class WeeklyHoursBody(Body):
    """Wall hours of each `weekday`; they end the next day when `ends` is not later than `starts`."""

    kind: TimeKind
    weekday: Weekday
    starts: WallTime
    ends: WallTime

    def asked(self) -> WeeklyHours:
        return WeeklyHours(self.kind, self.weekday, time.fromisoformat(self.starts), time.fromisoformat(self.ends))


class SetVolunteerWeekBody(Body):
    """The whole week from `first` to `last`, both included; no end without `last`."""

    hours: Annotated[list[WeeklyHoursBody], Meta(min_length=1, max_length=42)]
    first: date
    last: date | None = None

    def asked(self, volunteer_id: UUID) -> SetVolunteerWeek:
        return SetVolunteerWeek(volunteer_id, tuple(each.asked() for each in self.hours), self.first, self.last)


class DatesAwayBody(Body):
    """Local dates, both included. Nothing is said of why."""

    first: date
    last: date

    def asked(self, volunteer_id: UUID) -> DatesAway:
        return DatesAway(volunteer_id, self.first, self.last)


class PromisedShiftResource(Resource):
    """A shift promised at hours that are no longer stated: the promise stands until somebody calls it off."""

    loan_id: UUID
    host: str
    is_agreed: bool
    starts_at: datetime
    ends_at: datetime


class WeekFollowed(Resource):
    """The act is recorded; what it leaves promised outside the times stated."""

    id: UUID
    promised_outside: list[PromisedShiftResource]


class WeekConfirmation(Resource):
    """Until when the word just given holds."""

    id: UUID
    fresh_until: datetime


class WeeklyHoursResource(Resource):
    kind: TimeKind
    weekday: int
    starts: str
    ends: str


class AwayResource(Resource):
    """Consecutive dates on which these kinds of time do not count."""

    first: date
    last: date
    kinds: list[TimeKind]


class VolunteerWeekResource(Resource):
    """`is_stale`: nobody confirmed it for too long, and its availability is not proposed."""

    volunteer_id: UUID
    hours: list[WeeklyHoursResource]
    first: date
    last: date | None
    away: list[AwayResource]
    attested_at: datetime
    fresh_until: datetime
    is_stale: bool
    promised_outside: list[PromisedShiftResource]

    @classmethod
    def of(cls, week: VolunteerWeekView, promised: tuple[PromisedShift, ...]) -> VolunteerWeekResource:
        return cls(
            volunteer_id=week.volunteer_id,
            hours=[
                WeeklyHoursResource(
                    kind=each.kind,
                    weekday=each.weekday,
                    starts=each.starts.strftime("%H:%M"),
                    ends=each.ends.strftime("%H:%M"),
                )
                for each in week.hours
            ],
            first=week.first,
            last=week.last,
            away=[AwayResource(first=run.first, last=run.last, kinds=list(run.kinds)) for run in week.away],
            attested_at=week.attested_at,
            fresh_until=week.fresh_until,
            is_stale=week.is_stale,
            promised_outside=told_promises(promised),
        )


def told_promises(promised: tuple[PromisedShift, ...]) -> list[PromisedShiftResource]:
    """Return promised shifts as they are told."""
    return [
        PromisedShiftResource(
            loan_id=each.loan_id,
            host=each.host,
            is_agreed=each.is_agreed,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
        )
        for each in promised
    ]
