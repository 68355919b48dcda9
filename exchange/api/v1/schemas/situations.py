"""Situations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, field

from exchange.api.v1.schemas.values import Body, CommuneCode, Instant, Note, Resource, Segment, UrgencyLevel
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin, Urgency
from exchange.situations.inputs import CloseSituation, ReceiveSituation
from exchange.situations.likeness import USUAL_CARE_MODE, USUAL_LEGAL_STATUS, USUAL_ORIGIN, usual_blocks

SpokenReference = Annotated[str, Meta(min_length=1, max_length=40, description="Par exemple S-7K4Q-93")]
Block = Annotated[list[Segment], Meta(min_length=1, max_length=400)]


class ReceiveSituationBody(Body):
    """One person's need, without anything that tells who: who, where, what and when suffice.

    `blocks`: days and nights that one place serves whole; left out, those that the urgency stands for. An open
    situation that looks alike answers 409 `possible-duplicate` with its reference, unless `not_duplicate_of` names it,
    or `confirmed_distinct` says that it is somebody else's. `spoken_reference`: one that the caller was given before.
    """

    commune_code: CommuneCode
    age_band: AgeBand
    need_codes: Annotated[list[NeedCode], Meta(min_length=1, max_length=12)]
    urgency: UrgencyLevel
    care_mode: CareMode | None = None
    blocks: Annotated[list[Block], Meta(min_length=1, max_length=60)] | None = None
    origin: Origin = USUAL_ORIGIN
    legal_status: LegalStatus = USUAL_LEGAL_STATUS
    sex: Literal["female", "male"] | None = None
    free_text: Note | None = None
    deadline_at: Instant | None = None
    max_travel_minutes: Annotated[int, Meta(ge=1, le=600)] = 60
    max_places: Annotated[int, Meta(ge=1, le=10)] = 3
    excluded_facility_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    together_with: UUID | None = None
    incompatible_with: Annotated[list[UUID], Meta(max_length=20)] = field(default_factory=list)
    is_anonymous: bool = False
    call_back_at: Instant | None = None
    call_back_impossible: bool = False
    spoken_reference: SpokenReference | None = None
    not_duplicate_of: Annotated[list[SpokenReference], Meta(max_length=20)] = field(default_factory=list)
    confirmed_distinct: bool = False

    def asked(self, now: datetime, zone: ZoneInfo) -> ReceiveSituation:
        urgency = Urgency(self.urgency)
        blocks = self.blocks if self.blocks is not None else usual_blocks(urgency, now, zone)
        return ReceiveSituation(
            commune_code=self.commune_code,
            age_band=self.age_band,
            need_codes=tuple(self.need_codes),
            sex=self.sex,
            free_text=self.free_text,
            care_mode=self.care_mode or USUAL_CARE_MODE[urgency],
            blocks=tuple(tuple(block) for block in blocks),
            urgency=self.urgency,
            deadline_at=self.deadline_at,
            max_travel_minutes=self.max_travel_minutes,
            max_places=self.max_places,
            excluded_facility_ids=tuple(self.excluded_facility_ids),
            origin=self.origin,
            legal_status=self.legal_status,
            together_with=self.together_with,
            incompatible_with=tuple(self.incompatible_with),
            is_anonymous=self.is_anonymous,
            call_back_at=self.call_back_at,
            call_back_impossible=self.call_back_impossible,
            spoken_reference=self.spoken_reference,
            not_duplicate_of=tuple(self.not_duplicate_of),
            confirmed_distinct=self.confirmed_distinct,
        )


class SituationReceivedResource(Resource):
    """`reference` is what is dictated to the caller."""

    id: UUID
    reference: str


class HoldAnswerBody(Body):
    rank: Annotated[int, Meta(ge=1, le=9)]


class HeldResource(Resource):
    """Until when the places of the answer are kept."""

    reference: str
    rank: int
    held_until: datetime


class CloseSituationBody(Body):
    """`acknowledged_at`: when the body that takes over said that it does. `duplicate_of`: the reference of the open
    situation of the same person, for a duplicate; the calls of this one go there."""

    outcome: ClosingOutcome
    note: Note | None = None
    arrived_at: Instant | None = None
    acknowledged_at: Instant | None = None
    agreed_at: Instant | None = None
    duplicate_of: SpokenReference | None = None

    def asked(self, situation_id: UUID, duplicate_of_id: UUID | None) -> CloseSituation:
        return CloseSituation(
            situation_id=situation_id,
            outcome=self.outcome,
            note=self.note,
            arrived_at=self.arrived_at,
            acknowledged_at=self.acknowledged_at,
            agreed_at=self.agreed_at,
            duplicate_of_id=duplicate_of_id,
        )


class SituationSummary(Resource):
    """A line of the list: nothing of what the person needs is told before the situation itself is opened."""

    id: UUID
    reference: str
    version: int
    state: str
    urgency: int
    level: int
    age_band: str
    care_mode: str
    living_area_id: UUID | None
    living_area: str | None
    created_at: datetime
    deadline_at: datetime
    next_check_at: datetime | None
    outcome: str | None


class BlockResource(Resource):
    id: UUID
    segments: list[int]


class SituationResource(SituationSummary):
    """A situation opened: each reading is kept in the access journal."""

    sex: str | None
    need_codes: list[str]
    free_text: str | None
    commune_code: str
    blocks: list[BlockResource]
    max_travel_minutes: int
    max_places: int
    excluded_facility_ids: list[UUID]
    together_id: UUID | None
    origin: str
    legal_status: str
    referent_account_id: UUID | None
    effective_at: datetime | None
    closed_at: datetime | None
    is_anonymous: bool
    duplicate_of_id: UUID | None
    alert_since: datetime | None
    terms_version: int
