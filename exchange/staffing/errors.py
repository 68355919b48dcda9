"""What this slice refuses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from exchange.kernel.errors import DomainError


class SeatsAlreadyTaken(DomainError):
    """Every seat of the shift has its agreed loan."""

    code = "seats-already-taken"
    status = 409


class NeedHasAgreedLoans(DomainError):
    """Somebody was promised for this need: the loan ends first, by an act of its own."""

    code = "need-has-agreed-loans"
    status = 409


class VolunteerEmailAlreadyListed(DomainError):
    """Another volunteer of the same facility bears this address."""

    code = "volunteer-email-already-listed"
    status = 409


class NoVolunteerWeek(DomainError):
    """The volunteer has no week: there is nothing to confirm nor to be away from."""

    code = "no-volunteer-week"
    status = 409


class TimesRepetitionChanged(DomainError):
    """Other times would be stated than those that were shown: the list is to be read again."""

    code = "times-repetition-changed"
    status = 409


class DerogationOverlaps(DomainError):
    """Another text derogates the same figure of the same rules on one of these dates."""

    code = "derogation-overlaps"
    status = 409


BY_CONSTRAINT: Final[Mapping[str, type[DomainError]]] = MappingProxyType({"ck_shifts_seats": SeatsAlreadyTaken})
"""The refusal behind each constraint of this slice that a race may still reach."""
