"""Which place suits which person, where the matcher's format cannot say it. Pure.

The format knows a person by one `profile`, an offer by the profiles that it accepts. Here each situation is its own
profile, and an offer accepts the situations for which every rule below holds. What a place provides, beds and zones are
rules of the matcher: see `provisions` and `snapshot`.
"""

from __future__ import annotations

from enum import StrEnum

from exchange.planning.ground import SeenBlock, SeenOffer, SeenSituation
from exchange.reference.code_lists import (
    AgeBand,
    CareMode,
    NeedCode,
    Provision,
    RequiredWhen,
    publics,
    required_provisions,
)

WITHOUT_BED = frozenset({CareMode.HOME_SUPPORT, CareMode.MOBILE_TEAM})
"""Somebody who wants help at home is not answered by a bed, nor the reverse."""


class Unsuited(StrEnum):
    """Why an offer does not suit a situation; the first that applies, in this order."""

    TO_CONFIRM = "to_confirm"
    REFUSED_BEFORE = "refused_before"
    POPULATION = "population"
    SEX = "sex"
    STAY_TOO_LONG = "stay_too_long"


def unsuited(situation: SeenSituation, offer: SeenOffer, *, refused_before: bool) -> Unsuited | None:
    """Return why this offer does not suit this situation, or nothing."""
    if not offer.is_proposable:
        return Unsuited.TO_CONFIRM
    if refused_before:
        return Unsuited.REFUSED_BEFORE
    asked = publics(NeedCode(code) for code in situation.need_codes)
    if asked and offer.populations and asked.isdisjoint(offer.populations):
        return Unsuited.POPULATION
    if not _admits_sex(offer, situation.sex):
        return Unsuited.SEX
    if offer.max_stay_nights is not None and any(_nights(block) > offer.max_stay_nights for block in situation.blocks):
        return Unsuited.STAY_TOO_LONG
    return None


def serves_needs(situation: SeenSituation, offer: SeenOffer) -> bool:
    """Whether an offer has what the problem states of a place: bed or not, zone, and provisions where it is open."""
    if (situation.care_mode in WITHOUT_BED) != (offer.care_mode in WITHOUT_BED):
        return False
    if offer.zone_communes is not None and situation.commune_code not in offer.zone_communes:
        return False
    required = required_provisions(NeedCode(code) for code in situation.need_codes)
    return all(
        provision in offer.segments[segment].provides
        for block in situation.blocks
        for segment in block.segments
        if segment in offer.segments
        for provision, when in required.items()
        if when is RequiredWhen.BOTH or (when is RequiredWhen.NIGHT) == bool(segment % 2)
    )


def _admits_sex(offer: SeenOffer, sex: str | None) -> bool:
    provided = {code for segment in offer.segments.values() for code in segment.provides}
    if Provision.WOMEN_ONLY in provided:
        return sex == "female"
    if Provision.MEN_ONLY in provided:
        return sex == "male"
    return True


def _nights(block: SeenBlock) -> int:
    return sum(segment % 2 for segment in block.segments)


def representative_age(age_band: str) -> int:
    """Return the age under which a situation stands in a problem: the lowest of its band."""
    return AgeBand(age_band).bounds[0]


def widened_ages(ages: tuple[int, int]) -> tuple[int, int]:
    """Return an offer's ages with the start of the band in which the lowest lies.

    A band overlaps the offer's ages exactly when its lowest age lies within the result, so that a band only partly
    inside stays a candidate, marked "age to confirm".
    """
    low, high = ages
    start = max(band.bounds[0] for band in AgeBand if band.bounds[0] <= low)
    return start, high


def suits_age(age_band: str, ages: tuple[int, int]) -> bool:
    """Whether the band overlaps the offer's ages, to be confirmed or not."""
    low, high = widened_ages(ages)
    return low <= representative_age(age_band) <= high


def age_is_to_confirm(age_band: str, ages: tuple[int, int]) -> bool:
    """Whether some age of the band lies outside the offer's ages."""
    low, high = AgeBand(age_band).bounds
    return low < ages[0] or high > ages[1]
