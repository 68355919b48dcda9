"""Which place suits which person: each rule alone refuses an otherwise suitable pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from exchange.planning.ground import SeenBlock, SeenOffer, SeenSegment, SeenSituation
from exchange.planning.rules import Unsuited, age_is_to_confirm, representative_age, unsuited, widened_ages
from exchange.reference.code_lists import OLDEST_AGE, AgeBand

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY, NIGHT = 19_648, 19_649

SITUATION = SeenSituation(
    id=UUID(int=1),
    reference="S-ACDE-FG",
    together_id=None,
    commune_code="43157",
    living_area_id=None,
    age_band="30-44",
    max_travel_minutes=60,
    max_places=3,
    excluded_facility_ids=frozenset(),
    care_mode="temporary_stay",
    urgency=4,
    created_at=NOON,
    terms_version=1,
    need_codes=("intellectual_disability", "night_waking"),
    sex=None,
    incompatible_with=frozenset(),
    blocks=(SeenBlock(UUID(int=2), (DAY, NIGHT)),),
)


def segment(*provides: str) -> SeenSegment:
    return SeenSegment(room=1, used=0, provides=frozenset(provides), required=())


OFFER = SeenOffer(
    id=UUID(int=3),
    facility_id=UUID(int=4),
    kind="ordinary",
    care_mode="boarding_full",
    populations=frozenset({"intellectual_disability"}),
    ages=(18, 60),
    max_stay_nights=None,
    zone_communes=None,
    is_proposable=True,
    terms_version=1,
    segments={DAY: segment(), NIGHT: segment("awake_night")},
)


def verdict(
    situation: SeenSituation = SITUATION, offer: SeenOffer = OFFER, *, refused: bool = False
) -> Unsuited | None:
    return unsuited(situation, offer, refused_before=refused)


def test_a_place_that_offers_what_is_needed_suits() -> None:
    assert verdict() is None


@pytest.mark.parametrize(
    ("situation", "offer", "why"),
    [
        ({}, {"is_proposable": False}, Unsuited.TO_CONFIRM),
        ({}, {"populations": frozenset({"autism"})}, Unsuited.POPULATION),
        ({}, {"segments": {DAY: segment(), NIGHT: segment("women_only", "awake_night")}}, Unsuited.SEX),
        ({"sex": "male"}, {"segments": {NIGHT: segment("women_only", "awake_night")}}, Unsuited.SEX),
        ({"sex": "female"}, {"segments": {NIGHT: segment("men_only", "awake_night")}}, Unsuited.SEX),
        ({"blocks": (SeenBlock(UUID(int=2), (NIGHT, NIGHT + 2)),)}, {"max_stay_nights": 1}, Unsuited.STAY_TOO_LONG),
    ],
)
def test_each_rule_alone_refuses(situation: dict[str, object], offer: dict[str, object], why: Unsuited) -> None:
    assert verdict(replace(SITUATION, **situation), replace(OFFER, **offer)) is why


def test_a_pair_refused_before_is_not_proposed_again() -> None:
    assert verdict(refused=True) is Unsuited.REFUSED_BEFORE


@pytest.mark.parametrize(
    ("situation", "offer"),
    [
        ({"need_codes": ("carer_respite",)}, {"populations": frozenset({"autism"})}),
        ({"need_codes": ("autism", "intellectual_disability")}, {"segments": {}}),
        ({"sex": "female"}, {"segments": {NIGHT: segment("women_only", "awake_night")}}),
        ({"blocks": (SeenBlock(UUID(int=2), (NIGHT,)),)}, {"max_stay_nights": 1}),
    ],
)
def test_what_no_rule_refuses_suits(situation: dict[str, object], offer: dict[str, object]) -> None:
    assert verdict(replace(SITUATION, **situation), replace(OFFER, **offer)) is None


def overlaps(band: AgeBand, ages: tuple[int, int]) -> bool:
    low, high = band.bounds
    return low <= ages[1] and ages[0] <= high


@pytest.mark.parametrize("band", list(AgeBand))
@pytest.mark.parametrize("ages", [(0, 3), (3, 18), (4, 20), (6, 17), (18, 60), (20, 65), (20, OLDEST_AGE), (60, 75)])
def test_a_band_is_a_candidate_exactly_when_some_of_its_ages_are(band: AgeBand, ages: tuple[int, int]) -> None:
    low, high = widened_ages(ages)
    assert (low <= representative_age(band.value) <= high) == overlaps(band, ages)


@pytest.mark.parametrize(
    ("band", "ages", "expected"),
    [
        ("16-19", (18, 60), True),
        ("16-19", (6, 17), True),
        ("16-19", (16, 19), False),
        ("30-44", (18, 60), False),
        ("60+", (20, 65), True),
        ("60+", (20, OLDEST_AGE), False),
    ],
)
def test_an_age_is_to_confirm_where_the_band_is_only_partly_inside(
    band: str, ages: tuple[int, int], expected: bool
) -> None:
    assert age_is_to_confirm(band, ages) is expected
