"""French sentences of broken working-time rules, keyed by the code of the breach."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

DAY_MINUTES: Final = 1_440

BREACHES: Final[dict[str, str]] = {
    "shifts_overlap": "deux périodes de travail se chevauchent.",
    "shift_too_long": "une journée de {found}, pour {limit} au plus.",
    "night_too_long": "une nuit de {found}, pour {limit} au plus.",
    "rest_too_short": "{found} de repos entre deux périodes de travail, pour {limit} au moins.",
    "week_too_long": "une semaine de {found}, pour {limit} au plus.",
    "weekly_rest_too_short": "{found} de repos d'un seul tenant dans la semaine, pour {limit} au moins.",
    "too_many_days": "{found_days} jours de travail de suite, pour {limit_days} au plus.",
    "average_too_long": "des semaines de {found} en moyenne, pour {limit} au plus.",
}


def breach_sentence(code: str, limit_minutes: int, found_minutes: int) -> str:
    """Say a breach in French. Raises KeyError for a code without wording."""
    return BREACHES[code].format(
        limit=duration(limit_minutes),
        found=duration(found_minutes),
        limit_days=limit_minutes // DAY_MINUTES,
        found_days=found_minutes // DAY_MINUTES,
    )


def duration(minutes: int) -> str:
    """Say a duration: `11 h`, `10 h 30`, `45 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


PASSED_OVER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "excluded-establishment": "la personne ne veut pas de ce lieu",
        "incompatible": "une personne à ne pas rencontrer y est attendue",
        "max-places": "ce serait un lieu de trop pour cette personne",
        "group-not-whole": "le groupe à ne pas séparer n'y tient pas",
        "care-mode": "la personne demande l'inverse, avec ou sans hébergement",
        "capacity": "le lieu est complet ou fermé sur une de ces dates",
        "age": "l'âge sort de l'autorisation du lieu",
        "population": "ce public sort de l'autorisation du lieu",
        "provision": "le lieu ne fournit pas tout ce dont la personne a besoin",
        "zone": "l'équipe n'intervient pas dans cette commune",
        "travel": "le trajet est plus long que souhaité",
        "hours": "les heures ne sont pas celles du lieu",
        "sex": "le lieu accueille l'autre sexe",
        "stay_too_long": "le séjour dépasse la durée que le lieu accepte",
        "refused_before": "le lieu a déjà dit non pour cette demande",
    }
)
"""What one pair misses, by code of the matcher's predicates; inside a sentence."""


def passed_over(codes: Iterable[str]) -> str:
    """Return what a pair misses, joined inside a sentence."""
    return " ; ".join(PASSED_OVER[code] for code in codes)
