"""Volunteers, their times, and staff needs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from exchange.api.v1.schemas.unmet import UnmetShiftResource
from exchange.api.v1.schemas.values import Body, CommuneCode, Instant, Resource, ShortText, UrgencyLevel
from exchange.reference.answers import ShortageImpact, ShortageReason
from exchange.reference.qualifications import Qualification
from exchange.staffing.inputs import DeclareNeed, Period, RegisterVolunteer, ShiftAsked, StateTimes
from exchange.staffing.rules import TimeKind


class PeriodBody(Body):
    """Half-open: `ends_at` is no longer in it."""

    starts_at: Instant
    ends_at: Instant


class RegisterVolunteerBody(Body):
    facility_id: UUID
    commune_code: CommuneCode
    qualifications: Annotated[list[Qualification], Meta(min_length=1, max_length=22)]
    full_name: ShortText
    email: Annotated[str, Meta(min_length=3, max_length=254)]
    max_travel_minutes: Annotated[int, Meta(ge=0, le=600)]
    max_loan_minutes: Annotated[int, Meta(ge=0, le=100_000)]
    living_area_ids: Annotated[list[UUID], Meta(min_length=1, max_length=50)]
    night12h_derogation: bool = False
    may_be_asked_at_night: bool = False
    ready_until: Instant | None = None

    def asked(self) -> RegisterVolunteer:
        return RegisterVolunteer(
            facility_id=self.facility_id,
            commune_code=self.commune_code,
            qualifications=tuple(self.qualifications),
            living_area_ids=tuple(self.living_area_ids),
            max_travel_minutes=self.max_travel_minutes,
            max_loan_minutes=self.max_loan_minutes,
            night12h_derogation=self.night12h_derogation,
            may_be_asked_at_night=self.may_be_asked_at_night,
            ready_until=self.ready_until,
            full_name=self.full_name,
            email=self.email,
        )


class StateTimesBody(Body):
    """`available`: own offer; `released`: working time that the employer lends; `own_shift`: planned work."""

    kind: TimeKind
    periods: Annotated[list[PeriodBody], Meta(min_length=1, max_length=100)]

    def asked(self, volunteer_id: UUID) -> StateTimes:
        periods = tuple(Period(period.starts_at, period.ends_at) for period in self.periods)
        return StateTimes(volunteer_id=volunteer_id, kind=self.kind, periods=periods)


class ShiftBody(PeriodBody):
    """`permanent_staff`: members of the host's own team on it; below `min_permanent_staff` nobody is lent to it."""

    headcount: Annotated[int, Meta(ge=1, le=50)] = 1
    permanent_staff: Annotated[int, Meta(ge=0, le=50)] | None = None
    min_permanent_staff: Annotated[int, Meta(ge=0, le=50)] | None = None


class CoupledNeedBody(Body):
    """Shifts asked for by the same facility, without which its places do not open."""

    qualifications_any: Annotated[list[Qualification], Meta(min_length=1, max_length=22)]
    urgency: UrgencyLevel
    reason: ShortageReason
    impact: ShortageImpact
    shifts: Annotated[list[ShiftBody], Meta(min_length=1, max_length=50)]

    def asked(self, facility_id: UUID, *, is_coupled: bool) -> DeclareNeed:
        return DeclareNeed(
            facility_id=facility_id,
            qualifications_any=tuple(self.qualifications_any),
            urgency=self.urgency,
            is_coupled=is_coupled,
            reason=self.reason,
            impact=self.impact,
            shifts=tuple(
                ShiftAsked(
                    shift.starts_at, shift.ends_at, shift.headcount, shift.permanent_staff, shift.min_permanent_staff
                )
                for shift in self.shifts
            ),
        )


class DeclareNeedBody(CoupledNeedBody):
    """`is_coupled`: exists only to open places, and has no weight of its own."""

    facility_id: UUID
    is_coupled: bool = False


class TimeResource(Resource):
    kind: TimeKind
    starts_at: datetime
    ends_at: datetime


class VolunteerResource(Resource):
    """`full_name`, `email` and `commune_code` are told to the employer alone."""

    id: UUID
    version: int
    facility_id: UUID
    facility: str
    operator_id: UUID
    qualifications: list[str]
    living_area_ids: list[UUID]
    max_travel_minutes: int
    max_loan_minutes: int
    night12h_derogation: bool
    agrees_to_be_asked: bool
    ready_until: datetime | None
    paused_until: datetime | None
    times: list[TimeResource]
    full_name: str | None
    email: str | None
    commune_code: str | None


class ShiftResource(Resource):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    headcount: int
    permanent_staff: int | None
    min_permanent_staff: int | None
    seats_agreed: int
    is_covered: bool


class StaffNeedResource(Resource):
    id: UUID
    facility_id: UUID
    facility: str
    living_area_id: UUID | None
    qualifications_any: list[str]
    urgency: int
    is_coupled: bool
    reason: str
    impact: str
    version: int
    state: str
    created_at: datetime
    shifts: list[ShiftResource]


class StaffNeedDetail(StaffNeedResource):
    """`unmet` and `searched_at` are told to the facility that asks and to coordination, and absent for others."""

    unmet: list[UnmetShiftResource] | UnsetType = UNSET
    searched_at: datetime | UnsetType | None = UNSET
