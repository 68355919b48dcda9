"""What a yes must say to be one: who agreed, in which frame, and who spoke on the phone. Pure."""

from __future__ import annotations

from exchange.kernel.errors import InvalidValue
from exchange.placements.errors import AgreementNotTheirs, SpokenWithRequired
from exchange.placements.rules import WHO_MAY_AGREE, LegalBasis, PersonYesFrom
from exchange.reference.code_lists import LegalStatus

LONGEST_SPOKEN_WITH = 120


def who_agreed(legal_status: str, given_by: str | None) -> PersonYesFrom:
    """Return who said the person's yes. Raises `InvalidValue`, `AgreementNotTheirs` where the law names another."""
    try:
        agreed = PersonYesFrom(given_by or "")
    except ValueError:
        raise InvalidValue(field="person_yes_from", rule="unknown-code") from None
    if agreed not in WHO_MAY_AGREE[LegalStatus(legal_status)]:
        raise AgreementNotTheirs(field="person_yes_from", legal_status=legal_status)
    return agreed


def legal_basis_of(basis: str | None) -> LegalBasis:
    """Return the frame in which the person is hosted. Raises `InvalidValue`."""
    try:
        return LegalBasis(basis or "")
    except ValueError:
        raise InvalidValue(field="legal_basis", rule="unknown-code") from None


def spoken(spoken_with: str | None, function: str | None) -> tuple[str, str]:
    """Return who spoke on the phone, and as what. Raises `SpokenWithRequired`, `InvalidValue`."""
    said = {"spoken_with": (spoken_with or "").strip(), "function": (function or "").strip()}
    for field, value in said.items():
        if not value:
            raise SpokenWithRequired(field=field)
        if len(value) > LONGEST_SPOKEN_WITH:
            raise InvalidValue(field=field, rule="too-long", most=LONGEST_SPOKEN_WITH)
    return said["spoken_with"], said["function"]
