"""Which green lights an arrival needs, and which of them it waits for. Pure; to be validated by practitioners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from exchange.placements.rules import LegalBasis, needs_exit_date
from exchange.reference.answers import AdmissionCondition as Light
from exchange.reference.code_lists import CareMode, LegalStatus, Urgency

AT_HOME: Final = frozenset({CareMode.HOME_SUPPORT, CareMode.MOBILE_TEAM})
"""The team comes to the person: nothing to carry, nobody to drive."""

ENTRUSTED: Final = frozenset({LegalStatus.ASE_EMERGENCY, LegalStatus.ASE_ENTRUSTED, LegalStatus.OPP})
TOLD_AFTERWARDS: Final = frozenset({LegalBasis.EMERGENCY_ADMISSION, LegalBasis.ASE_AGREEMENT, LegalBasis.COURT_ORDER})
"""Frames in which somebody must be told of the stay: the MDPH of a direct admission (D312-10 of the code of social
action and families), the public prosecutor and the child welfare of an entrusted child (L223-2)."""

SHORT_STAY_DAYS: Final = 61
"""« Moins de deux mois », whatever the months: longer stays have a contract, which is not written here."""

MAY_FOLLOW: Final = frozenset({Light.AUTHORITY_TOLD, Light.STAY_DOCUMENT})
"""Due within days of the arrival by their own texts: no arrival waits for them."""

WAITED_BELOW: Final = Urgency.TONIGHT
"""Under this urgency an arrival waits for its lights, or says why it does not."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What the lights depend on. `days`: dates from the first segment to the exit, both included."""

    offer_kind: str
    care_mode: str
    max_stay_nights: int | None
    legal_status: str
    legal_basis: str
    has_nights: bool
    days: int


def lights_of(stay: Stay) -> frozenset[Light]:
    """Return the lights that this stay needs, besides the three yeses."""
    lights = {Light.TREATMENT, Light.LIAISON_SHEET}
    is_away = stay.care_mode not in AT_HOME
    has_end = needs_exit_date(stay.offer_kind, stay.care_mode, stay.max_stay_nights)
    if is_away:
        lights.add(Light.TRANSPORT)
    if is_away and stay.has_nights:
        lights.add(Light.BELONGINGS)
    if has_end:
        lights.add(Light.EXIT_PLAN)
    if is_away and has_end and stay.days < SHORT_STAY_DAYS:
        lights.add(Light.STAY_DOCUMENT)
    if stay.legal_basis in TOLD_AFTERWARDS or stay.legal_status in ENTRUSTED:
        lights.add(Light.AUTHORITY_TOLD)
    return frozenset(lights)


def holding_back(red: Iterable[str], urgency: int) -> tuple[str, ...]:
    """Return the red lights for which an arrival of this urgency waits, in their order; none tonight."""
    if urgency >= WAITED_BELOW:
        return ()
    missing = set(red)
    return tuple(light.value for light in Light if light.value in missing and light not in MAY_FOLLOW)
