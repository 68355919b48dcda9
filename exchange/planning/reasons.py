"""Why each line was proposed: typed codes with parameters, worded by `exchange.wording.reasons`. Pure.

Nothing about the person: not their needs, not their commune; a travel time says enough to decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from exchange.matching.plan import Plan
from exchange.planning.ground import SeenBlock, SeenNeed, SeenOffer, SeenSituation, SeenVolunteer
from exchange.planning.rules import age_is_to_confirm, serves_needs, suits_age, unsuited
from exchange.planning.snapshot import Snapshot

Reason = Mapping[str, object]

RoomLeft = Mapping[UUID, tuple[int, ...]]


def reasons_of_placement(
    snapshot: Snapshot,
    situation: SeenSituation,
    offer: SeenOffer,
    blocks: list[SeenBlock],
    left: RoomLeft | None = None,
) -> tuple[Reason, ...]:
    """Return why this offer was chosen for these blocks, what is surest first.

    `left`: what the whole plan leaves free; without it, nothing is said of the places that were spared.
    """
    site = snapshot.ground.facilities[offer.facility_id]
    reasons: list[Reason] = [{"code": "fits_needs"}]
    if situation.living_area_id is not None and site.living_area_id == situation.living_area_id:
        reasons.append({"code": "same_living_area"})
    reasons.append(_travel(snapshot, situation.commune_code, site.commune_code))
    asked = {block.id: block.segments for block in situation.blocks}
    if any(block.segments != asked[block.id] for block in blocks):
        reasons.append({"code": "stay_in_two_places", "minutes": snapshot.ground.split_minutes})
    elif len(blocks) == len(situation.blocks) and len(blocks) > 1:
        reasons.append({"code": "one_place_for_all"})
    elif len(blocks) < len(situation.blocks):
        reasons.append({"code": "part_of_answer", "blocks": len(blocks), "of": len(situation.blocks)})
    reasons += [
        {"code": "opened_by_loan", "need_id": str(need_id)} for need_id in needs_opening(snapshot, offer, blocks)
    ]
    if age_is_to_confirm(situation.age_band, offer.ages):
        reasons.append({"code": "age_to_confirm"})
    if offer.orange is not None:
        reasons.append({"code": "house_orange", "reason": offer.orange})
    price = snapshot.scarcity.get(offer.id, 0)
    if price:
        reasons.append({"code": "rare_place_spent", "minutes": price})
    if left is not None and _spares_a_rarer_place(snapshot, left, situation, offer, blocks):
        reasons.append({"code": "rare_place_spared"})
    return tuple(reasons)


def room_left(snapshot: Snapshot, plan: Plan) -> RoomLeft:
    """Return the places that a plan leaves free, by offer, on each segment of its problem; not those awaiting staff."""
    problem = snapshot.request.problem
    segments = {(one.id, block.id): block.segments for one in problem.situations for block in one.blocks}
    taken = Counter(
        (line.offer, segment)
        for line in plan.placements
        for segment in line.segments or segments[line.situation, line.block]
    )
    return {
        UUID(offer.id): tuple(room - taken[offer.id, segment] for segment, room in enumerate(offer.capacity))
        for offer in problem.offers
    }


def _spares_a_rarer_place(
    snapshot: Snapshot, left: RoomLeft, situation: SeenSituation, offer: SeenOffer, blocks: list[SeenBlock]
) -> bool:
    """Whether a dearer place, no farther, could have served these blocks and stays free."""
    ground, prices = snapshot.ground, snapshot.scarcity
    wanted = [
        at for block in blocks for stored in block.segments if (at := snapshot.horizon.segment(stored)) is not None
    ]
    home = situation.commune_code
    minutes = snapshot.minutes(home, ground.facilities[offer.facility_id].commune_code)
    return any(
        prices.get(other.id, 0) > prices.get(offer.id, 0)
        and snapshot.minutes(home, ground.facilities[other.facility_id].commune_code) <= minutes
        and other.facility_id not in situation.excluded_facility_ids
        and suits_age(situation.age_band, other.ages)
        and unsuited(situation, other, refused_before=(situation.id, other.id) in ground.refused_pairs) is None
        and serves_needs(situation, other)
        and all(left[other.id][at] > 0 for at in wanted)
        for other in ground.offers.values()
        if other.id in left
    )


def reasons_of_loan(
    snapshot: Snapshot,
    resting: Mapping[UUID, frozenset[str]],
    volunteer: SeenVolunteer,
    need: SeenNeed,
    shift_ids: tuple[UUID, ...],
) -> tuple[Reason, ...]:
    """Return why this person was chosen for these shifts; nothing that their employer alone may know.

    `resting`: see `persons_resting_on`.
    """
    ground = snapshot.ground
    home, host = ground.facilities[volunteer.facility_id], ground.facilities[need.facility_id]
    held = sorted(volunteer.qualifications & need.qualifications_any)
    reasons: list[Reason] = [{"code": "holds_qualification", "qualification": held[0]}] if held else []
    if home.operator_id == host.operator_id:
        reasons.append({"code": "internal_move"})
    reasons.append({"code": "free_and_rested"})
    if home.living_area_id is not None and home.living_area_id == host.living_area_id:
        reasons.append({"code": "same_living_area"})
    reasons.append(_travel(snapshot, volunteer.commune_code, host.commune_code))
    if len(shift_ids) == len(need.shifts) and len(shift_ids) > 1:
        reasons.append({"code": "one_person_for_all_shifts"})
    opened = len(frozenset().union(*(resting.get(shift_id, frozenset()) for shift_id in shift_ids)))
    if opened:
        reasons.append({"code": "opens_places", "places": opened})
    return tuple(reasons)


def needs_opening(snapshot: Snapshot, offer: SeenOffer, blocks: list[SeenBlock]) -> tuple[UUID, ...]:
    """Return the needs that must be covered for these blocks to open, and are not yet."""
    owners = {shift.id: need for need in snapshot.ground.needs.values() for shift in need.shifts}
    uncovered = {shift.id for need in snapshot.ground.needs.values() for shift in need.shifts if not shift.is_covered}
    return tuple(
        sorted(
            {
                owners[shift].id
                for block in blocks
                for segment in block.segments
                if segment in offer.segments
                for shift in offer.segments[segment].required
                if shift in uncovered
            }
        )
    )


def persons_resting_on(snapshot: Snapshot, plan: Plan) -> Mapping[UUID, frozenset[str]]:
    """Return, by shift, the situations of the plan with a place that rests on it."""
    blocks = {str(block.id): block for one in snapshot.ground.situations.values() for block in one.blocks}
    offers = {str(offer.id): offer for offer in snapshot.ground.offers.values()}
    resting: dict[UUID, set[str]] = defaultdict(set)
    for line in plan.placements:
        segments = offers[line.offer].segments
        for segment in blocks[line.block].segments:
            if line.segments and snapshot.horizon.segment(segment) not in line.segments:
                continue
            for shift in segments[segment].required if segment in segments else ():
                resting[shift].add(line.situation)
    return {shift: frozenset(situations) for shift, situations in resting.items()}


def _travel(snapshot: Snapshot, origin: str, destination: str) -> Reason:
    return {
        "code": "travel_minutes",
        "minutes": snapshot.minutes(origin, destination),
        "is_estimate": snapshot.travel.is_estimate,
    }
