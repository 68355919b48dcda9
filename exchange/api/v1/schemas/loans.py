"""Staff loans."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from exchange.api.v1.schemas.placements import Reason
from exchange.api.v1.schemas.values import Body, Resource
from exchange.loans.rules import LoanKind, LoanState
from exchange.reference.answers import LoanDeclineReason


class DeclineLoanBody(Body):
    """`party`: needed only of an on-call manager who speaks for both sides."""

    party: Literal["lender", "host"] | None = None
    reason: LoanDeclineReason | None = None


class LoanAskedResource(Resource):
    """By when the lender, the professional and the host answer."""

    id: UUID
    answer_by: datetime


class LoanMoved(Resource):
    """Where the loan stands now: the third agreement makes it `agreed`."""

    id: UUID
    state: LoanState


class LoanShiftResource(Resource):
    id: UUID
    starts_at: datetime
    ends_at: datetime


class LoanResource(Resource):
    """`kind`: between two associations, or an internal move inside one, without loan file.

    `volunteer_name`: for the employer, and for the host once the loan is agreed. Why a person declined is told to
    nobody.
    """

    id: UUID
    kind: LoanKind
    need_id: UUID
    host_facility_id: UUID
    host: str
    lender_facility_id: UUID
    lender: str
    qualifications_any: list[str]
    volunteer_qualifications: list[str]
    urgency: int
    shifts: list[LoanShiftResource]
    version: int
    state: LoanState
    asked_at: datetime | None
    answer_by: datetime | None
    released_at: datetime | None
    consented_at: datetime | None
    accepted_at: datetime | None
    travel_minutes: int
    reasons: list[Reason]
    created_at: datetime
    volunteer_name: str | None
