"""Situations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from exchange.api.v1.schemas.values import Body, CommuneCode, Instant, Note, Resource, Segment, UrgencyLevel
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin
from exchange.situations.inputs import CloseSituation, ReceiveSituation

Block = Annotated[list[Segment], Meta(min_length=1, max_length=400)]


class ReceiveSituationBody(Body):
    """One person's need, without anything that tells who. `blocks`: days and nights that one place serves whole."""

    commune_code: CommuneCode
    age_band: AgeBand
    need_codes: Annotated[list[NeedCode], Meta(min_length=1, max_length=12)]
    care_mode: CareMode
    blocks: Annotated[list[Block], Meta(min_length=1, max_length=60)]
    urgency: UrgencyLevel
    origin: Origin
    legal_status: LegalStatus
    sex: Literal["female", "male"] | None = None
    free_text: Note | None = None
    deadline_at: Instant | None = None
    max_travel_minutes: Annotated[int, Meta(ge=1, le=600)] = 60
    max_places: Annotated[int, Meta(ge=1, le=10)] = 3
    excluded_facility_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)
    together_with: UUID | None = None
    incompatible_with: Annotated[list[UUID], Meta(max_length=20)] = field(default_factory=list)

    def asked(self) -> ReceiveSituation:
        return ReceiveSituation(
            commune_code=self.commune_code,
            age_band=self.age_band,
            need_codes=tuple(self.need_codes),
            sex=self.sex,
            free_text=self.free_text,
            care_mode=self.care_mode,
            blocks=tuple(tuple(block) for block in self.blocks),
            urgency=self.urgency,
            deadline_at=self.deadline_at,
            max_travel_minutes=self.max_travel_minutes,
            max_places=self.max_places,
            excluded_facility_ids=tuple(self.excluded_facility_ids),
            origin=self.origin,
            legal_status=self.legal_status,
            together_with=self.together_with,
            incompatible_with=tuple(self.incompatible_with),
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
    """`acknowledged_at`: when the body that takes over said that it does."""

    outcome: ClosingOutcome
    note: Note | None = None
    arrived_at: Instant | None = None
    acknowledged_at: Instant | None = None

    def asked(self, situation_id: UUID) -> CloseSituation:
        return CloseSituation(
            situation_id=situation_id,
            outcome=self.outcome,
            note=self.note,
            arrived_at=self.arrived_at,
            acknowledged_at=self.acknowledged_at,
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
