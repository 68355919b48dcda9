"""Case meetings and referral files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from exchange.api.v1.schemas.tasks import TaskResource
from exchange.api.v1.schemas.values import Body, Instant, Note, Resource
from exchange.meetings.inputs import DecideItem, PlanMeeting
from exchange.meetings.referral_document import ReferralDocument
from exchange.reference.follow_up import MeetingDecision, PartnerBody

SituationIds = Annotated[list[UUID], Meta(max_length=60)]


class PlanMeetingBody(Body):
    """`situation_ids` absent: what the rules propose. A link to a call is refused: it travels by the invitation."""

    held_at: Instant
    place: Annotated[str, Meta(max_length=120)] | None = None
    bodies: Annotated[list[PartnerBody], Meta(max_length=10)] = field(default_factory=list)
    facility_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    situation_ids: SituationIds | None = None

    def asked(self) -> PlanMeeting:
        return PlanMeeting(
            held_at=self.held_at,
            place=self.place,
            bodies=tuple(body.value for body in self.bodies),
            facility_ids=tuple(self.facility_ids),
            situation_ids=None if self.situation_ids is None else tuple(self.situation_ids),
        )


class AgendaBody(Body):
    situation_id: UUID


class DecideItemBody(Body):
    situation_id: UUID
    decisions: Annotated[list[MeetingDecision], Meta(min_length=1, max_length=9)]
    note: Note | None = None

    def asked(self, meeting_id: UUID) -> DecideItem:
        decisions = tuple(code.value for code in self.decisions)
        return DecideItem(meeting_id, self.situation_id, decisions, self.note)


class RefusalsResource(Resource):
    reason: str
    count: int


class TriedResource(Resource):
    """Places asked for a person, by what became of them; every count in clear."""

    asked: int
    pending: int
    declined: int
    silent: int
    called_off: int
    by_phone: int
    refusals: list[RefusalsResource]


class ProposedResource(Resource):
    """A situation that a rule brings to the agenda."""

    situation_id: UUID
    reference: str
    urgency: int
    level: int
    living_area: str | None
    waits_since: datetime
    reasons: list[str]
    tried: TriedResource


class MeetingSummary(Resource):
    id: UUID
    held_at: datetime
    place: str | None
    state: str
    situations: int


class MeetingItemResource(Resource):
    """One situation of the agenda, with the commitments taken for it."""

    situation_id: UUID
    reference: str
    urgency: int
    level: int
    age_band: str
    care_mode: str
    living_area: str | None
    waits_since: datetime
    reasons: list[str]
    tried: TriedResource
    decisions: list[str]
    decision_note: str | None
    tasks: list[TaskResource]


class MeetingResource(Resource):
    """`facilities`: whose direction was there. `other_tasks`: commitments about no situation of the agenda."""

    id: UUID
    held_at: datetime
    place: str | None
    bodies: list[str]
    facilities: list[str]
    state: str
    closed_at: datetime | None
    items: list[MeetingItemResource]
    other_tasks: list[TaskResource]


class SaidAtBody(Body):
    """When it happened, as it was said; absent, now."""

    at: Instant | None = None


class ReferralSummary(Resource):
    """`content_hash`: SHA-256 of the document as it was frozen at `as_of`."""

    id: UUID
    as_of: datetime
    content_hash: str
    sent_at: datetime | None
    acknowledged_at: datetime | None


class ReferralResource(ReferralSummary):
    """The document never changes."""

    document: ReferralDocument
