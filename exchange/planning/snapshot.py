"""From what was seen to a problem that the matcher solves, and back to what its lines stand for. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

from exchange.matching import problem as matching
from exchange.planning.calendar import Horizon, horizon_for
from exchange.planning.ground import Ground, SeenNeed, SeenOffer, SeenSituation, SeenVolunteer
from exchange.planning.lanes import Lane, pace_of
from exchange.planning.ports import SolveRequest
from exchange.planning.promises import Promises, coming_segments, needs_in_play, promised_on, promises_of
from exchange.planning.rules import representative_age, unsuited, widened_ages
from exchange.planning.together import Groups, groups_of, unsettled
from exchange.reference.ports import TravelMatrix


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The request, and what is needed to read its plan: the ground, the roads, the groups and the promised lines."""

    ground: Ground
    horizon: Horizon
    travel: TravelMatrix
    request: SolveRequest
    groups: Groups
    promised_blocks: frozenset[tuple[UUID, UUID]]
    promised_seats: frozenset[tuple[UUID, UUID]]

    def minutes(self, origin: str, destination: str) -> int:
        """Return the one-way minutes between two communes of the snapshot."""
        index = {place.code: rank for rank, place in enumerate(self.ground.places)}
        return self.travel.minutes[index[origin]][index[destination]]


def snapshot_of(ground: Ground, travel: TravelMatrix, lane: Lane, problem_id: UUID) -> Snapshot:
    """Return the problem of a lane: `fast` freezes the open proposals, `full` only prefers them (`previous`).

    The fast lane too only prefers those of a group that is not wholly answered.
    """
    horizon = horizon_for(
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
    promises = promises_of(ground, horizon)
    blocks = {one.id: _blocks(one, ground, horizon, promises) for one in ground.situations.values()}
    situations = [one for one in ground.situations.values() if blocks[one.id]]
    groups = groups_of({one.id: one.together_id for one in situations})
    offers = _offers_in_play(ground, promises)
    expected = promised_on(ground, promises)
    profiles = _profiles(ground, situations, offers, promises)
    open_loans = tuple(matching.LoanLine(str(who), str(shift)) for who, shift in sorted(promises.open_seats))
    fast = lane is Lane.FAST
    movable = unsettled(
        groups,
        {one.id: [UUID(block.id) for block in blocks[one.id]] for one in situations},
        promises.blocks.keys() | promises.open_blocks.keys(),
    )
    left_alone = {key: offer for key, offer in promises.open_blocks.items() if fast and key[0] not in movable}
    preferred = {key: offer for key, offer in promises.open_blocks.items() if key not in left_alone}
    kept = matching.Lines(
        loans=tuple(matching.LoanLine(str(who), str(shift)) for who, shift in sorted(promises.seats)),
        placements=_placement_lines(promises.blocks),
    )
    frozen = matching.Lines(kept.loans + (open_loans if fast else ()), kept.placements + _placement_lines(left_alone))
    area_index = {area: rank for rank, area in enumerate(ground.living_area_ids)}
    places = _Places(ground, area_index)
    pace = pace_of(lane)
    problem = matching.Problem(
        id=str(problem_id),
        horizon_start=horizon.monday.isoformat(),
        days=horizon.days,
        bassins=len(area_index) + 1,
        communes=tuple(matching.Commune(place.code, places.area_of_commune(place.code)) for place in ground.places),
        travel_min=travel.minutes,
        associations=tuple(
            matching.Association(str(operator), ground.ledger_minutes.get(operator, 0) // 60)
            for operator in sorted({site.operator_id for site in ground.facilities.values()})
        ),
        establishments=tuple(
            matching.Establishment(
                id=str(site.id),
                association=str(site.operator_id),
                bassin=places.area(site.living_area_id),
                commune=site.commune_code,
                public=site.association_is_public,
            )
            for site in ground.facilities.values()
        ),
        volunteers=tuple(_volunteer(one, ground, horizon, places) for one in _lendable(ground, promises)),
        lend_caps=tuple(
            matching.LendCap(str(site.id), day, site.lends_at_most_per_day)
            for site in ground.facilities.values()
            if site.lends_at_most_per_day is not None
            for day in range(horizon.days)
        ),
        needs=tuple(_need(need, ground, horizon) for need in needs_in_play(ground, horizon)),
        offers=tuple(_offer(offer, ground, horizon, profiles[offer.id], expected) for offer in offers),
        situations=tuple(_situation(one, blocks[one.id], ground, {s.id for s in situations}) for one in situations),
        frozen=frozen,
        previous=matching.Lines(() if fast else open_loans, _placement_lines(preferred)),
    )
    request = SolveRequest(problem, pace.limits, len(kept.loans), len(kept.placements), pace.kill_after_seconds)
    return Snapshot(
        ground=ground,
        horizon=horizon,
        travel=travel,
        request=request,
        groups=groups,
        promised_blocks=frozenset(promises.blocks),
        promised_seats=promises.seats,
    )


class _Places:
    """Living areas as the matcher's numbers; the last one stands for "in none"."""

    def __init__(self, ground: Ground, area_index: dict[UUID, int]) -> None:
        self.area_index = area_index
        self.by_commune = {
            **{one.commune_code: one.living_area_id for one in ground.situations.values()},
            **{site.commune_code: site.living_area_id for site in ground.facilities.values()},
        }

    def area(self, living_area_id: UUID | None) -> int:
        return len(self.area_index) if living_area_id is None else self.area_index[living_area_id]

    def area_of_commune(self, code: str) -> int:
        return self.area(self.by_commune.get(code))


def _blocks(
    situation: SeenSituation, ground: Ground, horizon: Horizon, promises: Promises
) -> tuple[matching.Block, ...]:
    """Promised blocks as far as they are still to come; others whole, and only while they have not begun."""
    found = []
    for block in situation.blocks:
        begun = min(block.segments) < ground.first_segment
        if begun and (situation.id, block.id) not in promises.blocks:
            continue
        segments = coming_segments(block, ground, horizon)
        if segments:
            found.append(matching.Block(str(block.id), segments))
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
    for (situation_id, _), offer_id in promises.blocks.items():
        accepted[offer_id].add(situation_id)
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
) -> matching.Offer:
    capacity, extra = [0] * (2 * horizon.days), [0] * (2 * horizon.days)
    requires: list[matching.Requirement] = []
    shifts = {
        shift.id: need.id
        for need in needs_in_play(ground, horizon)
        for shift in need.shifts
        if horizon.holds(shift.slot[0])
    }
    for stored, segment in sorted(offer.segments.items()):
        at = horizon.segment(stored)
        if at is None:
            continue
        promised = promised_on[offer.id, stored]
        # What counts on this segment without being a line of the problem leaves the room that is left.
        room = max(0, segment.room - segment.used) + promised if offer.is_proposable else promised
        open_questions = [shift for shift in segment.required if shift not in ground.covered_started_shifts]
        if not open_questions:
            capacity[at] = room
        elif all(shift in shifts for shift in open_questions):
            extra[at] = room
            lines = tuple((str(shifts[shift]), str(shift)) for shift in open_questions)
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
    )


def _situation(
    one: SeenSituation, blocks: tuple[matching.Block, ...], ground: Ground, in_play: set[UUID]
) -> matching.Situation:
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
        excluded_establishments=tuple(str(s) for s in sorted(one.excluded_facility_ids & ground.facilities.keys())),
        incompatible_with=tuple(str(other) for other in sorted(one.incompatible_with & in_play)),
        max_places=one.max_places,
        together=None if one.together_id is None else str(one.together_id),
    )


def _lendable(ground: Ground, promises: Promises) -> list[SeenVolunteer]:
    busy = {who for who, _ in promises.seats}
    return [one for one in ground.volunteers.values() if one.may_be_proposed or one.id in busy]


def _need(need: SeenNeed, ground: Ground, horizon: Horizon) -> matching.Need:
    return matching.Need(
        id=str(need.id),
        establishment=str(need.facility_id),
        qualifications_any=_qualifications_any(need, ground),
        urgency=need.urgency,
        created=need.created_at.isoformat(),
        coupled=need.is_coupled,
        shifts=tuple(
            matching.Shift(str(shift.id), *horizon.period(shift.slot), shift.headcount)
            for shift in need.shifts
            if horizon.holds(shift.slot[0])
        ),
    )


def _qualifications_any(need: SeenNeed, ground: Ground) -> tuple[str, ...]:
    """The need's own list; or the need itself, as a qualification that those who said no do not hold."""
    if any(other == need.id for _, other in ground.declined_pairs):
        return (str(need.id),)
    return tuple(sorted(need.qualifications_any))


def _volunteer(one: SeenVolunteer, ground: Ground, horizon: Horizon, places: _Places) -> matching.Volunteer:
    own_shifts = tuple(horizon.period(slot) for slot in one.own_shifts)
    done = [0] * horizon.weeks
    for start, end in own_shifts:
        if 0 <= start < horizon.days * 24 * 60:
            done[start // (7 * 24 * 60)] += end - start
    declined = {need for who, need in ground.declined_pairs if who == one.id}
    as_qualifications = {
        str(need.id)
        for need in ground.needs.values()
        if need.id not in declined and not need.qualifications_any.isdisjoint(one.qualifications)
    }
    with_refusals = {str(need) for _, need in ground.declined_pairs}
    return matching.Volunteer(
        id=str(one.id),
        association=str(ground.facilities[one.facility_id].operator_id),
        establishment=str(one.facility_id),
        commune=one.commune_code,
        qualifications=tuple(sorted(one.qualifications | (as_qualifications & with_refusals))),
        bassins=tuple(sorted(places.area(area) for area in one.living_area_ids if area in places.area_index)),
        availability=tuple(horizon.period(slot) for slot in one.free),
        own_shifts=own_shifts,
        week_minutes_done=tuple(done),
        max_loan_minutes=one.max_loan_minutes,
        max_travel_min=one.max_travel_minutes,
        night12h_derogation=one.night12h_derogation,
        consent=one.may_be_proposed,
    )


def _placement_lines(blocks: dict[tuple[UUID, UUID], UUID]) -> tuple[matching.PlacementLine, ...]:
    return tuple(
        matching.PlacementLine(str(situation), str(block), str(offer))
        for (situation, block), offer in sorted(blocks.items())
    )
