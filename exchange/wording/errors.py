"""Every refusal in French: a title, a detail, and what to do next. One wording per stable code, no orphan."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Protocol

from exchange.wording import (
    errors_availability,
    errors_identity,
    errors_loans,
    errors_meetings,
    errors_organisations,
    errors_placements,
    errors_planning,
    errors_request,
    errors_situations,
    errors_staffing,
)

MODULES: Final = (
    errors_request,
    errors_organisations,
    errors_identity,
    errors_staffing,
    errors_availability,
    errors_situations,
    errors_placements,
    errors_loans,
    errors_planning,
    errors_meetings,
)

ERROR_WORDING: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {code: worded for module in MODULES for code, worded in module.WORDING.items()}
)

RULE_WORDING: Final[Mapping[str, str]] = MappingProxyType(
    {rule: worded for module in MODULES for rule, worded in getattr(module, "RULES", {}).items()}
)
"""What to correct, by the rule of an `invalid-value`."""

INVALID_VALUE: Final = "invalid-value"
CONFLICT: Final = 409
RELOAD: Final = "Rechargez la fiche : elle montre l'état du moment et ce qui reste possible."

NEXT_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "place-already-held": "Choisissez une autre proposition : la recherche continue pour cette situation.",
        "place-closed": "Choisissez une autre proposition, ou appelez le lieu.",
        "proposal-outdated": "Attendez quelques secondes les nouvelles propositions, ou relancez la recherche.",
        "offer-to-confirm": "Appelez l'établissement pour qu'il confirme, ou choisissez une autre proposition.",
        "loan-outdated": "Attendez quelques secondes les nouvelles propositions.",
        "volunteer-already-lent": "Choisissez une autre personne volontaire.",
        "hold-over": "Réservez à nouveau la place si elle est encore libre.",
        "volunteer-email-already-listed": "Complétez sa fiche dans la liste des volontaires, ou corrigez l'adresse.",
        "possible-duplicate": (
            "Si c'est la même personne, ouvrez sa fiche et notez-y l'appel ; sinon, dites que c'est une autre personne,"
            " ou que les deux sont à garder ensemble."
        ),
        "block-in-use": "Rendez d'abord la place, ou cochez « rendre la place retenue ».",
        "stale-version": "Vos réponses sont gardées là où le formulaire est affiché de nouveau.",
        "busy": "Renvoyez la même demande dans quelques secondes.",
    }
)
"""Where the general advice would not do."""


TIMED: Final = frozenset({"periods", "shifts", "hours"})
HOURS: Final = "heures"
CHARACTERS: Final = "caractères"
"""What `too-long` counts: hours where the field is times, characters everywhere else."""


class Refusal(Protocol):
    """What a wording needs of a refusal: its stable code, its status, and its safe facts."""

    code: ClassVar[str]
    status: ClassVar[int]
    facts: dict[str, str | int]


class _Facts(dict[str, str | int]):
    """A fact that a refusal did not tell shows as an ellipsis: telling one error never raises another."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence_of(refusal: Refusal) -> tuple[str, str]:
    """Return the title and the detail of a refusal. Raises `KeyError` for a code without wording: a test forbids it."""
    title, detail = ERROR_WORDING[refusal.code]
    if refusal.code == INVALID_VALUE:
        detail = RULE_WORDING.get(str(refusal.facts.get("rule")), detail)
    unit = HOURS if getattr(refusal, "field", None) in TIMED else CHARACTERS
    return title, detail.format_map(_Facts({"unit": unit, **refusal.facts}))


def next_step_of(refusal: Refusal) -> str | None:
    """Return what the person may do next, where the state of things refused the act."""
    return NEXT_STEPS.get(refusal.code, RELOAD if refusal.status == CONFLICT else None)
