"""Which lights an arrival needs, case by case, and for which it waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.placements.lights import ENTRUSTED, MAY_FOLLOW, Stay, holding_back, lights_of
from exchange.reference.answers import BLOCKING_CONDITIONS
from exchange.reference.answers import AdmissionCondition as Light
from exchange.reference.code_lists import LegalStatus

L = Light
TEMPORARY = Stay("ordinary", "temporary_stay", None, "none", "cdaph_decision", has_nights=True, days=11)
CARRIED = {L.TRANSPORT, L.TREATMENT, L.LIAISON_SHEET, L.BELONGINGS}

CASES = {
    "eleven nights of temporary care": (TEMPORARY, CARRIED | {L.EXIT_PLAN, L.STAY_DOCUMENT}),
    "an emergency admission tells the MDPH": (
        replace(TEMPORARY, legal_basis="emergency_admission"),
        CARRIED | {L.EXIT_PLAN, L.STAY_DOCUMENT, L.AUTHORITY_TOLD},
    ),
    "an entrusted child tells the authority, whatever the frame": (
        replace(TEMPORARY, legal_status="ase_entrusted"),
        CARRIED | {L.EXIT_PLAN, L.STAY_DOCUMENT, L.AUTHORITY_TOLD},
    ),
    "days alone bring no belongings": (
        replace(TEMPORARY, care_mode="temporary_day", has_nights=False),
        {L.TRANSPORT, L.TREATMENT, L.LIAISON_SHEET, L.EXIT_PLAN, L.STAY_DOCUMENT},
    ),
    "two months and more have a contract instead": (replace(TEMPORARY, days=61), CARRIED | {L.EXIT_PLAN}),
    "sixty days are under two months": (replace(TEMPORARY, days=60), CARRIED | {L.EXIT_PLAN, L.STAY_DOCUMENT}),
    "a permanent place has no exit": (replace(TEMPORARY, care_mode="boarding_full"), CARRIED),
    "who is helped at home carries nothing": (
        replace(TEMPORARY, care_mode="home_support", has_nights=False),
        {L.TREATMENT, L.LIAISON_SHEET},
    ),
    "a mobile team comes for a time": (
        replace(TEMPORARY, care_mode="mobile_team", has_nights=False),
        {L.TREATMENT, L.LIAISON_SHEET, L.EXIT_PLAN},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_its_lights(case: str) -> None:
    stay, expected = CASES[case]
    assert lights_of(stay) == expected


def test_the_three_yeses_are_never_lights_besides() -> None:
    for stay, _ in CASES.values():
        assert not lights_of(stay) & BLOCKING_CONDITIONS


def test_every_light_besides_the_yeses_is_needed_by_some_case() -> None:
    assert {light for stay, _ in CASES.values() for light in lights_of(stay)} == set(Light) - BLOCKING_CONDITIONS


@pytest.mark.parametrize("urgency", [1, 2, 3, 4])
def test_tonight_waits_for_nothing_and_the_rest_for_all_but_what_may_follow(urgency: int) -> None:
    red = [light.value for light in set(Light) - BLOCKING_CONDITIONS]
    waited = set(Light) - BLOCKING_CONDITIONS - MAY_FOLLOW if urgency < 4 else set()
    assert set(holding_back(red, urgency)) == waited


def test_a_status_added_to_the_list_is_decided_upon() -> None:
    free = {LegalStatus.NONE, LegalStatus.PARENTAL_AUTHORITY, LegalStatus.CURATORSHIP, LegalStatus.GUARDIANSHIP}
    # Unknown is nobody's yet: no yes can be given under it, so that no light waits for it either.
    assert set(LegalStatus) - ENTRUSTED == free | {LegalStatus.UNKNOWN}
