"""How a crisis organisation is told: opened by the community, at somebody's request, until a date. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from exchange.wording.messages import spoken_day, spoken_hour

AT_REQUEST_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "health_agency": "de l'ARS",
        "departement": "du conseil départemental",
        "prefect": "du préfet",
        "community": "de la communauté elle-même",
        "member": "d'une association membre",
    }
)
"""By code of `CrisisRequester`, after « à la demande »."""

CLOCKS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "urgent_hold_minutes": ("Une option urgente tient", "minutes"),
        "ordinary_hold_working_days": ("Une option ordinaire tient", "jours ouvrés"),
        "ordinary_fresh_hours": ("Une place ordinaire confirmée est valable", "heures"),
        "untouched_red_minutes": ("Une situation « Ce soir » sans réponse devient rouge après", "minutes"),
        "tonight_check_minutes": ("Un point sur chaque situation « Ce soir » toutes les", "minutes"),
        "two_day_check_minutes": ("Un point sur chaque situation « Sous 48 heures » toutes les", "minutes"),
        "week_check_minutes": ("Un point sur chaque situation « Sous 7 jours » toutes les", "minutes"),
    }
)
"""Each clock that a crisis tightens: what it is, and its unit."""


def amount_told(unit: str, amount: int) -> str:
    """Return an amount in one of the units of `CLOCKS`: « 15 min », « 12 h », « 1 jour ouvré »."""
    if unit == "minutes":
        hours, rest = divmod(amount, 60)
        return f"{amount} min" if not hours else f"{hours} h {rest:02}" if rest else f"{hours} h"
    if unit == "jours ouvrés" and amount == 1:
        return "1 jour ouvré"
    return f"{amount} {'h' if unit == 'heures' else unit}"


FIGURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "shift_minutes": "Durée d'une vacation",
        "night_shift_minutes": "Durée d'une nuit, sur dérogation de la personne",
        "rest_minutes": "Repos entre deux vacations",
        "week_minutes": "Durée d'une semaine",
        "average_week_minutes": "Durée moyenne d'une semaine",
    }
)
"""The figures of working time that a text may derogate."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """At whose request, by which message or decision, from when until when."""

    requested_by: str
    order_reference: str
    opened_at: datetime
    until: datetime


def crisis_sentence(ordered: Ordered, zone: ZoneInfo, today: date | None) -> str:
    """Return the sentence that everybody reads.

    « Organisation de crise ouverte par la communauté le vendredi 20 mars à 9 h, à la demande de l'ARS, jusqu'au
    vendredi 3 avril à 18 h. »
    """
    opened, until = ordered.opened_at.astimezone(zone), ordered.until.astimezone(zone)
    since = f"le {spoken_day(opened.date())} à {spoken_hour(opened)}"
    if opened.date() == today:
        since = f"aujourd'hui à {spoken_hour(opened)}"
    end = f"jusqu'au {spoken_day(until.date())} à {spoken_hour(until)}"
    if until.date() == today:
        end = f"jusqu'à {spoken_hour(until)}"
    return (
        f"Organisation de crise ouverte par la communauté {since}, à la demande"
        f" {AT_REQUEST_OF[ordered.requested_by]}, {end}."
    )
