"""What the commands of this slice are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from exchange.kernel.actor import Via
from exchange.placements.rules import YesParty
from exchange.reference.answers import AdmissionCondition, ExitSolution, RefusalReason


@dataclass(frozen=True, slots=True)
class MadeByHand:
    """What a person passed over to propose it, and why; `reason` is read by the coordination alone."""

    breaches: tuple[str, ...]
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProposedPlacement:
    """One line of a plan: some blocks of a situation on one offer, as the two stood when the plan was made.

    `parts`: of the blocks that the offer does not serve whole, the segments that it serves.
    `reasons`: typed codes with parameters, worded by `exchange.wording.reasons`.
    """

    situation_id: UUID
    offer_id: UUID
    block_ids: tuple[UUID, ...]
    rank: int
    reasons: tuple[Mapping[str, object], ...]
    situation_terms_version: int
    offer_terms_version: int
    parts: Mapping[UUID, tuple[int, ...]] = field(default_factory=dict)
    by_hand: MadeByHand | None = None


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """Reserve every placement of the answer at this rank. `shown`: those of it that the page showed, if one did."""

    situation_id: UUID
    rank: int
    shown: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class GiveYes:
    """One party's yes. `person_yes_from` goes with the person's, `legal_basis` and the rest with the legal basis.

    `temporary_days_before`: days of temporary care already spent elsewhere this year, as declared.
    """

    placement_id: UUID
    party: YesParty
    channel: Via = Via.WEB
    person_yes_from: str | None = None
    legal_basis: str | None = None
    exit_on: date | None = None
    temporary_days_before: int | None = None


@dataclass(frozen=True, slots=True)
class PhoneYes:
    """The facility's yes heard on the phone: who spoke, and as what."""

    placement_id: UUID
    spoken_with: str
    function: str


@dataclass(frozen=True, slots=True)
class RefusePlacement:
    """The facility cannot host. `private_note` (300 characters) is read by the facility and the coordination alone."""

    placement_id: UUID
    reason: RefusalReason
    private_note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmArrival:
    """The person is there. `exit_on` is required unless the care is permanent.

    `despite`: why the person arrives although some light is red; never their name nor their health.
    """

    placement_id: UUID
    exit_on: date | None = None
    despite: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AwaitDeparture:
    """The offer that frees, and the spoken reference of the person whose departure frees it."""

    offer_id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class ChangeLight:
    """A condition of the arrival is done, by this channel, or is not done after all."""

    placement_id: UUID
    condition: AdmissionCondition
    is_done: bool
    channel: Via = Via.WEB


@dataclass(frozen=True, slots=True)
class PlanExit:
    """When, to where and by whom the exit is prepared; the situation's referent where nobody else is named."""

    placement_id: UUID
    exit_on: date
    solution: ExitSolution
    referent_account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProlongStay:
    """A later exit. The receiver speaks for itself, or on the phone with `spoken_with`, as `function`.

    `person_yes_from`: who agreed for the person. `legal_basis`: a new one, where the present one does not reach so far.
    """

    placement_id: UUID
    exit_on: date
    person_yes_from: str
    legal_basis: str | None = None
    spoken_with: str | None = field(default=None, repr=False)
    function: str | None = None
