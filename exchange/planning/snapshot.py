"""From what was seen to a problem that the matcher solves, and back to what its lines stand for. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from exchange.matching import problem as matching
from exchange.planning.calendar import Horizon, horizon_for
from exchange.planning.cuts import cut_price
from exchange.planning.ground import Ground, SeenNeed, SeenOffer, SeenSituation
from exchange.planning.lanes import Lane, request_of
from exchange.planning.ports import SolveRequest
from exchange.planning.promises import Promises, Stay, coming_segments, needs_in_play, promised_on, promises_of
from exchange.planning.provisions import Numbers, asked_by, codes_in_play, provided_by
from exchange.planning.reserve import reserve_prices
from exchange.planning.rule_sets import rule_sets
from exchange.planning.rules import WITHOUT_BED, representative_age, unsuited, widened_ages
from exchange.planning.staff import Places, associations, establishments, lend_caps, lendable, need_of, volunteer_of
from exchange.planning.titles import Titles
from exchange.planning.together import Groups, groups_of, unsettled
from exchange.reference.ports import TravelMatrix


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The request, and what is needed to read its plan: the ground, the roads, the groups and the promised lines.

    `scarcity`: the price of the reserve by offer, in minutes of travel.
    """

    ground: Ground
    horizon: Horizon
    travel: TravelMatrix
    place_index: dict[str, int]
    request: SolveRequest
    groups: Groups
    promised_blocks: frozenset[Stay]
    promised_seats: frozenset[tuple[UUID, UUID]]
    scarcity: Mapping[UUID, int]

    def minutes(self, origin: str, destination: str) -> int:
        """Return the one-way minutes between two communes; `UNKNOWN_MINUTES` where one has no known coordinates."""
        return self.travel.minutes[self.place_index[origin]][self.place_index[destination]]


def snapshot_of(ground: Ground, travel: TravelMatrix, lane: Lane, problem_id: UUID) -> Snapshot:
    """Return the problem of a lane: `fast` freezes the open proposals, `full` only prefers them (`previous`).

    The fast lane too only prefers those of a group that is not wholly answered. A commune without coordinates is
    beyond anybody's limit: what depends on its roads is not proposed, and nothing else suffers.
    """
    horizon = _horizon(ground)
    needs = needs_in_play(ground, horizon)
    promises = promises_of(ground, horizon, needs)
    blocks = {one.id: _blocks(one, ground, horizon, promises) for one in ground.situations.values()}
    situations = [one for one in ground.situations.values() if blocks[one.id]]
    groups = groups_of({one.id: one.together_id for one in situations})
    lines = _lines(lane, promises, _movable(groups, situations, blocks, promises))
    place_index = {place.code: rank for rank, place in enumerate(ground.places)}
    scarcity = reserve_prices(ground, lambda one, other: travel.minutes[place_index[one]][place_index[other]])
    problem = _problem(ground, travel, horizon, promises, needs, situations, blocks, lines, scarcity, problem_id)
    return Snapshot(
        ground=ground,
        horizon=horizon,
        travel=travel,
        place_index=place_index,
        request=request_of(lane, problem, len(promises.seats), len(promises.blocks)),
        groups=groups,
        promised_blocks=frozenset(promises.blocks),
        promised_seats=promises.seats,
        scarcity=scarcity,
    )


_Blocks = Mapping[UUID, tuple[matching.Block, ...]]


def _horizon(ground: Ground) -> Horizon:
    return horizon_for(
        ground.zone,
        ground.first_segment,
        (
            segment
            for situation in ground.situations.values()
            for block in situation.blocks
            for segment in block.segments
        ),
        (shift.slot[1] for need in ground.needs.values() for shift in need.shifts),
    )


def _movable(groups: Groups, situations: list[SeenSituation], blocks: _Blocks, promises: Promises) -> frozenset[UUID]:
    answered = {(stay.situation_id, stay.block_id) for stay in (*promises.blocks, *promises.open_blocks)}
    return unsettled(groups, {one.id: [UUID(block.id) for block in blocks[one.id]] for one in situations}, answered)


@dataclass(frozen=True, slots=True)
class _Standing:
    """The live lines, promises first: those that the plan must keep, and those that it had better keep."""

    frozen: matching.Lines
    previous: matching.Lines


def _lines(lane: Lane, promises: Promises, movable: frozenset[UUID]) -> _Standing:
    fast = lane is Lane.FAST
    open_loans = _loan_lines(promises.open_seats)
    left_alone = {stay: o for stay, o in promises.open_blocks.items() if fast and stay.situation_id not in movable}
    preferred = {stay: offer for stay, offer in promises.open_blocks.items() if stay not in left_alone}
    return _Standing(
        frozen=matching.Lines(
            loans=_loan_lines(promises.seats) + (open_loans if fast else ()),
            placements=_placement_lines(promises.blocks) + _placement_lines(left_alone),
        ),
        previous=matching.Lines(() if fast else open_loans, _placement_lines(preferred)),
    )


def _problem(
    ground: Ground,
    travel: TravelMatrix,
    horizon: Horizon,
    promises: Promises,
    needs: list[SeenNeed],
    situations: list[SeenSituation],
    blocks: _Blocks,
    standing: _Standing,
    scarcity: Mapping[UUID, int],
    problem_id: UUID,
) -> matching.Problem:
    area_index = {area: rank for rank, area in enumerate(ground.living_area_ids)}
    places = Places(ground, area_index)
    offers = _offers_in_play(ground, promises)
    expected = promised_on(ground, horizon, promises)
    profiles = _profiles(ground, situations, offers, promises)
    owners = {shift.id: need.id for need in needs for shift in need.shifts if horizon.holds(shift.slot[0])}
    in_play = frozenset(one.id for one in situations)
    titles = Titles.of(ground)
    numbers = Numbers.of(ground.community_id, codes_in_play(situations, offers))
    known = frozenset(place.code for place in ground.places)
    return matching.Problem(
        id=str(problem_id),
        horizon_start=horizon.monday.isoformat(),
        days=horizon.days,
        bassins=len(area_index) + 1,
        communes=tuple(matching.Commune(place.code, places.area_of_commune(place.code)) for place in ground.places),
        travel_min=travel.minutes,
        associations=associations(ground),
        establishments=establishments(ground, places),
        volunteers=tuple(
            volunteer_of(one, ground, horizon, places, titles) for one in lendable(ground, promises, needs)
        ),
        lend_caps=lend_caps(ground, horizon),
        needs=tuple(need_of(need, horizon, titles) for need in needs),
        offers=tuple(
            replace(
                _offer(offer, ground, horizon, profiles[offer.id], expected, owners, numbers),
                scarcity_price=scarcity.get(offer.id, 0),
            )
            for offer in offers
        ),
        situations=tuple(_situation(one, blocks[one.id], ground, promises, in_play, numbers) for one in situations),
        rules=rule_sets((site.rule_set for site in ground.facilities.values()), ground.rule_figures),
        zones=tuple(
            matching.Zone(str(offer.id), tuple(sorted(offer.zone_communes & known)))
            for offer in offers
            if offer.zone_communes is not None
        ),
        prices=matching.Prices(
            paperwork=ground.paperwork_minutes, split=cut_price(ground), rebalance_percent=ground.rebalance_percent
        ),
        frozen=standing.frozen,
        previous=standing.previous,
    )


def _blocks(
    situation: SeenSituation, ground: Ground, horizon: Horizon, promises: Promises
) -> tuple[matching.Block, ...]:
    """Promised blocks as far as they are still to come; others whole, and only while they have not begun."""
    found = []
    promised = {stay.block_id for stay in promises.blocks}
    for block in situation.blocks:
        begun = min(block.segments) < ground.first_segment
        beside = promises.beside.get((situation.id, block.id), frozenset())
        if begun and block.id not in promised and not beside:
            continue
        segments = coming_segments(block, ground, horizon, frozenset(block.segments) - beside)
        if segments:
            found.append(matching.Block(str(block.id), segments, without_bed=situation.care_mode in WITHOUT_BED))
    return tuple(found)


def _offers_in_play(ground: Ground, promises: Promises) -> list[SeenOffer]:
    """Offers that may be proposed, and those on which somebody is already expected."""
    used = {*promises.blocks.values(), *promises.open_blocks.values()}
    return [offer for offer in ground.offers.values() if offer.is_proposable or offer.id in used]


def _profiles(
    ground: Ground, situations: list[SeenSituation], offers: list[SeenOffer], promises: Promises
) -> dict[UUID, tuple[str, ...]]:
    """Which situations each offer accepts; where a promise stands, it is accepted whatever the rules say now."""
    acceptable = {
        one.id: frozenset(
            offer.id
            for offer in offers
            if unsuited(one, offer, refused_before=(one.id, offer.id) in ground.refused_pairs) is None
        )
        for one in situations
    }
    accepted: dict[UUID, set[UUID]] = defaultdict(set)
    for stay, offer_id in promises.blocks.items():
        accepted[offer_id].add(stay.situation_id)
    for situation_id, offer_ids in acceptable.items():
        for offer_id in offer_ids:
            accepted[offer_id].add(situation_id)
    return {offer.id: tuple(str(one) for one in sorted(accepted[offer.id])) for offer in offers}


def _offer(
    offer: SeenOffer,
    ground: Ground,
    horizon: Horizon,
    profiles: tuple[str, ...],
    promised_on: Counter[tuple[UUID, int]],
    owners: Mapping[UUID, UUID],
    numbers: Numbers,
) -> matching.Offer:
    capacity, extra = [0] * (2 * horizon.days), [0] * (2 * horizon.days)
    requires: list[matching.Requirement] = []
    provides: dict[int, frozenset[str]] = {}
    for stored, segment in sorted(offer.segments.items()):
        at = horizon.segment(stored)
        if at is None:
            continue
        provides[at] = segment.provides
        promised = promised_on[offer.id, stored]
        # What counts on this segment without being a line of the problem leaves the room that is left.
        may_be_proposed = offer.is_proposable and segment.is_told
        room = max(0, segment.room - segment.used) + promised if may_be_proposed else promised
        open_questions = [shift for shift in segment.required if shift not in ground.covered_started_shifts]
        if not open_questions:
            capacity[at] = room
        elif all(shift in owners for shift in open_questions):
            extra[at] = room
            lines = tuple((str(owners[shift]), str(shift)) for shift in open_questions)
            requires.append(matching.Requirement(at, lines))
        else:
            # A required shift has begun uncovered, or was called off: only who is already expected there remains.
            capacity[at] = promised
    return matching.Offer(
        id=str(offer.id),
        establishment=str(offer.facility_id),
        kind=offer.kind,
        ages=widened_ages(offer.ages),
        profiles=profiles,
        capacity=tuple(capacity),
        extra_capacity=tuple(extra),
        requires=tuple(requires),
        provides_at=provided_by(provides, numbers),
        without_bed=offer.care_mode in WITHOUT_BED,
        zone=None if offer.zone_communes is None else str(offer.id),
    )


def _situation(
    one: SeenSituation,
    blocks: tuple[matching.Block, ...],
    ground: Ground,
    promises: Promises,
    in_play: frozenset[UUID],
    numbers: Numbers,
) -> matching.Situation:
    """A stay that the problem cannot state still counts among the person's places, and keeps its house from others."""
    asked = asked_by(one, numbers)
    met = {
        ground.offers[offer].facility_id
        for other in one.incompatible_with
        for offer in promises.beside_offers.get(other, ())
    }
    excluded = (one.excluded_facility_ids | met) & ground.facilities.keys()
    return matching.Situation(
        id=str(one.id),
        age=representative_age(one.age_band),
        profile=str(one.id),
        mode=one.care_mode,
        urgency=one.urgency,
        created=one.created_at.isoformat(),
        commune=one.commune_code,
        max_travel_min=one.max_travel_minutes,
        blocks=blocks,
        excluded_establishments=tuple(str(site) for site in sorted(excluded)),
        incompatible_with=tuple(str(other) for other in sorted(one.incompatible_with & in_play)),
        max_places=max(one.max_places - len(promises.beside_offers.get(one.id, ())), 0),
        together=None if one.together_id is None else str(one.together_id),
        needs=asked.always,
        needs_by_night=asked.by_night,
        needs_by_day=asked.by_day,
    )


def _loan_lines(seats: frozenset[tuple[UUID, UUID]]) -> tuple[matching.LoanLine, ...]:
    return tuple(matching.LoanLine(str(who), str(shift)) for who, shift in sorted(seats))


def _placement_lines(stays: dict[Stay, UUID]) -> tuple[matching.PlacementLine, ...]:
    return tuple(
        matching.PlacementLine(str(stay.situation_id), str(stay.block_id), str(offer), stay.segments)
        for stay, offer in sorted(stays.items())
    )
