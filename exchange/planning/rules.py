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
    publics,
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


def age_is_to_confirm(age_band: str, ages: tuple[int, int]) -> bool:
    """Whether some age of the band lies outside the offer's ages."""
    low, high = AgeBand(age_band).bounds
    return low < ages[0] or high > ages[1]
