"""What is done around a situation: completing it, its urgency, level, calls, referent, and the overflow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from exchange.api.v1.schemas.placements import SpokenName
from exchange.api.v1.schemas.situations import Block
from exchange.api.v1.schemas.values import Body, CommuneCode, Instant, Note, Resource, UrgencyLevel
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, NeedCode, Origin
from exchange.reference.following import (
    CallDirection,
    CallOutcome,
    CallParty,
    HandOverReason,
    LevelReason,
    SolutionTried,
)
from exchange.situations.inputs_following import (
    AmendSituation,
    ChangeLevel,
    HandOver,
    LogCall,
    PlanCallBack,
    ReviewUrgency,
    StateNoSolution,
    TellOutside,
)


class AmendSituationBody(Body):
    """What changes; a field left out stays as it is. `terms_version`: the terms that were read.

    `blocks`: all those wanted from now on. `release`: give back a place kept on dates that are taken away.
    """

    terms_version: Annotated[int, Meta(ge=1, le=2_000_000_000)]
    commune_code: CommuneCode | None = None
    age_band: AgeBand | None = None
    need_codes: Annotated[list[NeedCode], Meta(min_length=1, max_length=12)] | None = None
    sex: Literal["female", "male", ""] | None = None
    free_text: Note | None = None
    care_mode: CareMode | None = None
    blocks: Annotated[list[Block], Meta(min_length=1, max_length=60)] | None = None
    max_travel_minutes: Annotated[int, Meta(ge=1, le=600)] | None = None
    max_places: Annotated[int, Meta(ge=1, le=10)] | None = None
    excluded_facility_ids: Annotated[list[UUID], Meta(max_length=50)] | None = None
    origin: Origin | None = None
    legal_status: LegalStatus | None = None
    release: bool = False

    def asked(self, situation_id: UUID) -> AmendSituation:
        return AmendSituation(
            situation_id=situation_id,
            terms_version=self.terms_version,
            commune_code=self.commune_code,
            age_band=self.age_band,
            need_codes=None if self.need_codes is None else tuple(self.need_codes),
            sex=self.sex,
            free_text=self.free_text,
            care_mode=self.care_mode,
            blocks=None if self.blocks is None else tuple(tuple(block) for block in self.blocks),
            max_travel_minutes=self.max_travel_minutes,
            max_places=self.max_places,
            excluded_facility_ids=None if self.excluded_facility_ids is None else tuple(self.excluded_facility_ids),
            origin=self.origin,
            legal_status=self.legal_status,
        )


class AmendedResource(Resource):
    """`changed`: the names of the fields that were; `terms_version`: to be given with the next change."""

    reference: str
    changed: list[str]
    terms_version: int


class ReviewUrgencyBody(Body):
    urgency: UrgencyLevel
    deadline_at: Instant | None = None

    def asked(self, situation_id: UUID) -> ReviewUrgency:
        return ReviewUrgency(situation_id, self.urgency, self.deadline_at)


class ChangeLevelBody(Body):
    """One more or one less than today's."""

    level: Annotated[int, Meta(ge=1, le=3)]
    reason: LevelReason
    note: Note | None = None

    def asked(self, situation_id: UUID) -> ChangeLevel:
        return ChangeLevel(situation_id, self.level, self.reason, self.note)


class StateNoSolutionBody(Body):
    """« Sans solution à ce jour » : the situation stays open."""

    tried: Annotated[list[SolutionTried], Meta(min_length=1, max_length=20)]
    note: Note | None = None

    def asked(self, situation_id: UUID) -> StateNoSolution:
        return StateNoSolution(situation_id, tuple(self.tried), self.note)


class LogCallBody(Body):
    """Whom the call was with is a role, never a name. `call_back_id`: the planned call that it settles."""

    direction: CallDirection
    party: CallParty
    outcome: CallOutcome
    at: Instant | None = None
    call_back_id: UUID | None = None

    def asked(self, situation_id: UUID) -> LogCall:
        return LogCall(situation_id, self.direction, self.party, self.outcome, self.at, self.call_back_id)


class PlanCallBackBody(Body):
    party: CallParty
    due_at: Instant

    def asked(self, situation_id: UUID) -> PlanCallBack:
        return PlanCallBack(situation_id, self.party, self.due_at)


class HandOverBody(Body):
    """`impose`: where the referent has left; a coordinator's act."""

    to_account_id: UUID
    reason: HandOverReason
    impose: bool = False

    def asked(self, situation_id: UUID) -> HandOver:
        return HandOver(situation_id, self.to_account_id, self.reason)


class AnswerHandOverBody(Body):
    accepts: bool


class TellOutsideBody(Body):
    """Who spoke for the outside service, in which function, and when."""

    service_code: Annotated[str, Meta(min_length=1, max_length=60)]
    spoken_with: SpokenName
    function: SpokenName
    at: Instant | None = None

    def asked(self, situation_id: UUID) -> TellOutside:
        return TellOutside(situation_id, self.service_code, self.spoken_with, self.function, self.at)


class LevelChangeResource(Resource):
    at: datetime
    was: int
    level: int
    reason: str
    note: str | None
    by: str | None


class StatementResource(Resource):
    at: datetime
    tried: list[str]
    note: str | None
    by: str | None


class CallResource(Resource):
    at: datetime
    direction: str
    party: str
    outcome: str
    by: str | None
    was_on_duplicate: bool


class CallBackResource(Resource):
    id: UUID
    party: str
    due_at: datetime
    state: str
    is_overdue: bool


class HandOverResource(Resource):
    reason: str
    state: str
    offered_at: datetime
    settled_at: datetime | None
    from_name: str | None
    to_name: str | None
    to_account_id: UUID


class StepResource(Resource):
    """One step of the overflow."""

    round: int
    step: str
    due_at: datetime
    taken_at: datetime
    found_somebody: bool


class OutsideHandOverResource(Resource):
    service: str
    spoken_with: str
    function: str
    at: datetime
    recorded_at: datetime


class FollowingResource(Resource):
    """Everything done around a situation, each list oldest first."""

    reference: str
    referent: str | None
    alert_since: datetime | None
    alert_reason: str | None
    levels: list[LevelChangeResource]
    statements: list[StatementResource]
    calls: list[CallResource]
    call_backs: list[CallBackResource]
    hand_overs: list[HandOverResource]
    steps: list[StepResource]
    told_outside: list[OutsideHandOverResource]


class OutsideServiceResource(Resource):
    """A named service outside the network that takes over by voice."""

    code: str
    name: str
    phone: str
    audiences: list[str]
    opens_at: str | None
    closes_at: str | None
