"""What the commands of this slice are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from exchange.kernel.actor import Via
from exchange.loans.rules import LoanParty
from exchange.reference.answers import LoanDeclineReason


@dataclass(frozen=True, slots=True)
class ProposedLoan:
    """One line of a plan: a person for some shifts of a need, as the two stood when the plan was made.

    `travel_minutes` is one way. `reasons`: typed codes with parameters, worded by `exchange.wording.reasons`.
    """

    volunteer_id: UUID
    need_id: UUID
    shift_ids: tuple[UUID, ...]
    travel_minutes: int
    reasons: tuple[Mapping[str, object], ...]
    volunteer_terms_version: int
    need_terms_version: int


@dataclass(frozen=True, slots=True)
class GiveAgreement:
    """One party's agreement to a loan that was asked for."""

    loan_id: UUID
    party: LoanParty
    channel: Via = Via.WEB


@dataclass(frozen=True, slots=True)
class DeclineLoan:
    """One party's no. A professional's reason is optional, and read by nobody but themselves."""

    loan_id: UUID
    party: LoanParty
    reason: LoanDeclineReason | None = field(default=None, repr=False)
