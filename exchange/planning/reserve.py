"""The prices of the reserve for one snapshot: what was lately asked for, and the room that is left. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from exchange.planning.ground import Ground, SeenBlock, SeenOffer, SeenSituation
from exchange.planning.rules import serves_needs, suits_age, unsuited
from exchange.planning.scarcity import Claim, Room, scarcity_prices

SEGMENTS_IN_A_WEEK = 14


def reserve_prices(ground: Ground, minutes: Callable[[str, str], int]) -> dict[UUID, int]:
    """Return what a block placed in each proposable offer adds to the burden, in minutes of travel.

    `minutes`: one way between two communes of the snapshot. One number for each offer comes out, and nothing of those
    who asked.
    """
    if not ground.reserve.most_minutes:
        return {}
    offers = [offer for offer in ground.offers.values() if offer.is_proposable]
    claims = [
        Claim(
            days=sum(segment % 2 == 0 for segment in block.segments),
            nights=sum(segment % 2 for segment in block.segments),
            offers=frozenset(offer.id for offer in offers if _could_serve(offer, alike, ground, minutes)),
        )
        for one in ground.recent
        for block in one.blocks
        for alike in (replace(one, blocks=(_in_coming_weeks(block, ground.first_segment),)),)
    ]
    return scarcity_prices({offer.id: _room(offer, ground) for offer in offers}, claims, ground.reserve.most_minutes)


def _in_coming_weeks(block: SeenBlock, first_segment: int) -> SeenBlock:
    """The same block on the same days of the first week in which all of it is still to come."""
    weeks = max(0, -((block.segments[0] - first_segment) // SEGMENTS_IN_A_WEEK))
    return replace(block, segments=tuple(segment + SEGMENTS_IN_A_WEEK * weeks for segment in block.segments))


def _could_serve(offer: SeenOffer, one: SeenSituation, ground: Ground, minutes: Callable[[str, str], int]) -> bool:
    """Whether the offer suits such a person, whatever room it has on these dates."""
    site = ground.facilities[offer.facility_id]
    return (
        suits_age(one.age_band, offer.ages)
        and site.id not in one.excluded_facility_ids
        and minutes(one.commune_code, site.commune_code) <= one.max_travel_minutes
        and unsuited(one, offer, refused_before=False) is None
        and serves_needs(one, offer)
    )


def _room(offer: SeenOffer, ground: Ground) -> Room:
    """What is left over the coming days, but for what still waits for staff."""
    beyond = ground.first_segment + 2 * ground.reserve.window_days
    left = {
        at: max(0, segment.room - segment.used)
        for at, segment in offer.segments.items()
        if at < beyond and segment.is_told and ground.covered_started_shifts.issuperset(segment.required)
    }
    return Room(
        days=sum(room for at, room in left.items() if at % 2 == 0),
        nights=sum(room for at, room in left.items() if at % 2),
    )
