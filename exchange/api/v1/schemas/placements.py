"""Placements, the answers that they make, and what each party says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from exchange.api.v1.schemas.unmet import UnmetBlockResource
from exchange.api.v1.schemas.values import Body, Note, Resource
from exchange.placements.inputs import PhoneYes, ProlongStay
from exchange.placements.rules import LegalBasis, PersonYesFrom, PlacementState
from exchange.reference.answers import AdmissionCondition, ExitSolution, RefusalReason

Reason = dict[str, str | int | bool | list[str | int] | None]
SpokenName = Annotated[str, Meta(min_length=1, max_length=120)]


class RefusePlacementBody(Body):
    """`private_note` is read by the facility and the coordination alone."""

    refusal_reason: RefusalReason
    private_note: Note | None = None


class PersonAgreementBody(Body):
    """Who agreed: the person, or whoever the law puts in their place."""

    given_by: PersonYesFrom


class LegalBasisBody(Body):
    legal_basis: LegalBasis
    exit_on: date | None = None
    temporary_days_before: Annotated[int, Meta(ge=0, le=366)] | None = None


class PhoneAcceptanceBody(Body):
    """Who said yes on the phone, and as what."""

    spoken_with: SpokenName
    function: SpokenName

    def asked(self, placement_id: UUID) -> PhoneYes:
        """Each on one line: what is written here is read in a list."""
        return PhoneYes(placement_id, " ".join(self.spoken_with.split()), " ".join(self.function.split()))


class ConfirmArrivalBody(Body):
    """`despite`: why the person arrives although something is still missing, where the urgency is not tonight's."""

    exit_on: date | None = None
    despite: Note | None = None


class ChangeLightBody(Body):
    """A condition of the arrival is done, by this channel; or, with `is_done` false, it is not after all."""

    condition: AdmissionCondition
    is_done: bool = True
    channel: Literal["api", "phone"] = "api"


class PlanExitBody(Body):
    """`referent_account_id` absent: the situation's referent."""

    exit_on: date
    solution: ExitSolution
    referent_account_id: UUID | None = None


class ProlongStayBody(Body):
    """`spoken_with` and `function` where the coordination records what the facility said on the phone."""

    exit_on: date
    person_yes_from: PersonYesFrom
    legal_basis: LegalBasis | None = None
    spoken_with: SpokenName | None = None
    function: SpokenName | None = None

    def asked(self, placement_id: UUID) -> ProlongStay:
        return ProlongStay(
            placement_id, self.exit_on, self.person_yes_from, self.legal_basis, self.spoken_with, self.function
        )


class PlacementMoved(Resource):
    """Where the placement stands now."""

    id: UUID
    state: PlacementState


class ArrivalConfirmed(Resource):
    id: UUID
    exit_on: date | None


class LightResource(Resource):
    """One condition of an arrival: red while `done_at` is absent; `role` is the function of who did it."""

    condition: AdmissionCondition
    done_at: datetime | None
    role: str | None
    channel: str | None


class PlacementResource(Resource):
    """One offer serving some blocks of one situation. `missing`: admission conditions still red."""

    id: UUID
    situation_id: UUID
    reference: str
    urgency: int
    age_band: str
    legal_status: str
    offer_id: UUID
    offer_kind: str
    care_mode: str
    max_stay_nights: int | None
    facility_id: UUID
    facility: str
    living_area: str | None
    rank: int
    version: int
    state: PlacementState
    segments: list[int]
    origin: str
    reasons: list[Reason]
    created_at: datetime
    held_until: datetime | None
    receiver_yes_at: datetime | None
    receiver_channel: str | None
    spoken_with: str | None
    spoken_function: str | None
    person_yes_at: datetime | None
    person_yes_from: str | None
    legal_basis_at: datetime | None
    legal_basis: str | None
    refusal_reason: str | None
    private_note: str | None
    admitted_at: datetime | None
    exit_on: date | None
    exit_solution: str | None
    temporary_days_before: int | None
    rests_on_loan: bool
    waits_for_cover: bool
    at_risk: bool
    is_taken: bool
    missing: list[str]
    lights: list[LightResource]


class AnswerResource(Resource):
    """The placements of a situation at one rank: 1 is the plan, 2 and 3 its backups."""

    rank: int
    placements: list[PlacementResource]


class AnswersResource(Resource):
    """`unmet`: what the last search, recorded at `searched_at`, left without a place, and why."""

    reference: str
    answers: list[AnswerResource]
    unmet: list[UnmetBlockResource]
    searched_at: datetime | None
