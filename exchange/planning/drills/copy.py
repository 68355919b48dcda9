"""The copy on which a drill is solved: the house closed, its residents waiting, its staff free to follow. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from exchange.kernel.periods import ends_at, starts_at
from exchange.planning.drills.terms import AskDrill, Headcount, groups_in
from exchange.planning.ground import (
    Ground,
    SeenBlock,
    SeenFacility,
    SeenNeed,
    SeenPlacement,
    SeenSituation,
    SeenVolunteer,
)
from exchange.reference.code_lists import CareMode, LegalStatus, Urgency

LEAST_TRAVEL_MINUTES = 60
"""A resident known here may have asked for near places only: tonight the house itself closes."""

MOST_PLACES = 2
FIRST_SEGMENTS = 2


@dataclass(frozen=True, slots=True)
class Resident:
    """One person to be rehoused. `key`: 1, 2, 3… as the page shows them. `source`: the situation that placed the
    person here, with the version of its terms; nothing for one of the headcount. `situation`: as it stands in the copy.
    """

    key: int
    situation: SeenSituation
    group: str | None
    legal_status: str
    source: UUID | None = None
    source_reference: str | None = None
    source_terms_version: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """The altered ground, and who waits on it. `set_aside`: other people's open proposals, which hold no place."""

    ground: Ground
    residents: tuple[Resident, ...]
    set_aside: tuple[SeenPlacement, ...]


def closed_copy(ground: Ground, asked: AskDrill, drill_id: UUID, legal_statuses: Mapping[UUID, str]) -> Copy:
    """Return the ground as it would stand once the house is closed.

    What was held, accepted or confirmed for others stays; what was only proposed to them holds no place against
    somebody whose house closes tonight, and who still waits elsewhere is not answered by a drill.
    """
    closing = closing_offers(ground, asked)
    window = range(asked.first_segment, asked.last_segment + 1)
    here = [each for each in ground.placements if each.is_promised and each.offer_id in closing]
    residents = (*_known(ground, asked, drill_id, here, window, legal_statuses),)
    residents += (*_counted(ground, asked, drill_id, window, 1 + len(residents)),)
    kept = tuple(
        shortened
        for each in ground.placements
        if each.is_promised and (shortened := _without(each, window if each.offer_id in closing else ())).segments
    )
    situations = _situations(ground, kept, residents)
    copy = replace(
        ground,
        offers={
            one.id: replace(one, is_proposable=one.is_proposable and one.id not in closing)
            for one in ground.offers.values()
        },
        situations=situations,
        placements=tuple(each for each in kept if each.situation_id in situations),
        facilities=_facilities(ground, asked),
        volunteers=_volunteers(ground, asked),
        needs=_needs(ground, asked),
        loans=tuple(loan for loan in ground.loans if loan.is_promised),
        recent=(),
    )
    aside = tuple(each for each in ground.placements if not each.is_promised and each.rank == 1)
    return Copy(copy, residents, tuple(each for each in aside if each.offer_id not in closing))


def closing_offers(ground: Ground, asked: AskDrill) -> frozenset[UUID]:
    """Return the offers that close: all those of the house, or those of the unit."""
    return frozenset(
        one.id
        for one in ground.offers.values()
        if one.facility_id == asked.facility_id and (not asked.offer_ids or one.id in asked.offer_ids)
    )


def _known(
    ground: Ground,
    asked: AskDrill,
    drill_id: UUID,
    here: list[SeenPlacement],
    window: range,
    legal_statuses: Mapping[UUID, str],
) -> list[Resident]:
    """Persons with a place here over some segment of the window, in the order of their references."""
    site = ground.facilities[asked.facility_id]
    expected: dict[UUID, set[int]] = defaultdict(set)
    for placement in here:
        expected[placement.situation_id] |= {segment for segment in placement.segments if segment in window}
    people = sorted(
        (ground.situations[one] for one, segments in expected.items() if segments and one in ground.situations),
        key=lambda each: each.reference,
    )
    ids = {person.id: uuid5(drill_id, f"situation {person.id}") for person in people}
    shared = {
        one.together_id
        for one in people
        if one.together_id is not None and sum(one.together_id == other.together_id for other in people) > 1
    }
    return [
        Resident(
            key=key,
            situation=replace(
                person,
                id=ids[person.id],
                together_id=uuid5(drill_id, f"group {person.together_id}") if person.together_id in shared else None,
                max_travel_minutes=max(person.max_travel_minutes, LEAST_TRAVEL_MINUTES),
                excluded_facility_ids=person.excluded_facility_ids | _excluded(asked),
                incompatible_with=frozenset(ids.get(other, other) for other in person.incompatible_with),
                blocks=_blocks(drill_id, key, expected[person.id], asked),
                commune_code=site.commune_code,
                living_area_id=site.living_area_id,
                max_places=MOST_PLACES,
                urgency=Urgency.TONIGHT.value,
                terms_version=1,
            ),
            group=None if person.together_id not in shared else str(person.together_id),
            legal_status=legal_statuses.get(person.id, LegalStatus.NONE.value),
            source=person.id,
            source_reference=person.reference,
            source_terms_version=person.terms_version,
        )
        for key, person in enumerate(people, start=1)
    ]


def _counted(ground: Ground, asked: AskDrill, drill_id: UUID, window: range, first_key: int) -> list[Resident]:
    groups = groups_in(asked.headcount)
    return [
        _of_headcount(ground, asked, drill_id, window, key, one, one.group if one.group in groups else None)
        for key, one in enumerate(asked.headcount, start=first_key)
    ]


def _of_headcount(
    ground: Ground, asked: AskDrill, drill_id: UUID, window: range, key: int, one: Headcount, group: str | None
) -> Resident:
    site = ground.facilities[asked.facility_id]
    situation = SeenSituation(
        id=uuid5(drill_id, f"resident {key}"),
        reference=f"Résident {key}",
        together_id=None if group is None else uuid5(drill_id, f"group {group}"),
        max_travel_minutes=asked.max_travel_minutes,
        age_band=one.age_band,
        excluded_facility_ids=_excluded(asked),
        care_mode=CareMode.TEMPORARY_STAY.value,
        created_at=ground.at,
        need_codes=one.need_codes,
        sex=one.sex,
        incompatible_with=frozenset(),
        blocks=_blocks(drill_id, key, window, asked),
        commune_code=site.commune_code,
        living_area_id=site.living_area_id,
        max_places=MOST_PLACES,
        urgency=Urgency.TONIGHT.value,
        terms_version=1,
    )
    return Resident(key=key, situation=situation, group=group, legal_status=one.legal_status)


def _blocks(drill_id: UUID, key: int, segments: Iterable[int], asked: AskDrill) -> tuple[SeenBlock, ...]:
    """The first night with its day, then the rest: a place that opens tomorrow must not cost somebody tonight."""
    soon = asked.first_segment + FIRST_SEGMENTS
    parts = {
        "first": tuple(sorted(one for one in segments if one < soon)),
        "rest": tuple(sorted(one for one in segments if one >= soon)),
    }
    return tuple(SeenBlock(uuid5(drill_id, f"{name} {key}"), part) for name, part in parts.items() if part)


def _excluded(asked: AskDrill) -> frozenset[UUID]:
    """A unit closes: the house's other places may still serve. The whole house closes: none of them may."""
    return frozenset() if asked.offer_ids else frozenset({asked.facility_id})


def _without(placement: SeenPlacement, window: Iterable[int]) -> SeenPlacement:
    return replace(placement, segments=placement.segments.difference(window))


def _situations(
    ground: Ground, kept: tuple[SeenPlacement, ...], residents: tuple[Resident, ...]
) -> dict[UUID, SeenSituation]:
    """Others as far as something is promised to them, then the residents."""
    held: dict[tuple[UUID, UUID], set[int]] = defaultdict(set)
    for placement in kept:
        for block_id in placement.block_ids:
            held[placement.situation_id, block_id] |= placement.segments
    moving = {resident.source: resident.situation.id for resident in residents if resident.source is not None}
    others: dict[UUID, SeenSituation] = {}
    for one in ground.situations.values():
        blocks = tuple(
            SeenBlock(block.id, mine)
            for block in one.blocks
            if (mine := tuple(segment for segment in block.segments if segment in held[one.id, block.id]))
        )
        if blocks:
            apart = one.incompatible_with | {moving[other] for other in one.incompatible_with if other in moving}
            others[one.id] = replace(one, blocks=blocks, incompatible_with=apart)
    return {**others, **{resident.situation.id: resident.situation for resident in residents}}


def _facilities(ground: Ground, asked: AskDrill) -> dict[UUID, SeenFacility]:
    """A closed house keeps no safety staffing of its own; a house of which one unit closes keeps it."""
    if asked.offer_ids:
        return dict(ground.facilities)
    site = ground.facilities[asked.facility_id]
    return {**ground.facilities, site.id: replace(site, lends_at_most_per_day=None)}


def _volunteers(ground: Ground, asked: AskDrill) -> dict[UUID, SeenVolunteer]:
    """The house's own shifts of the window are time that its people may spend where its residents go."""
    since, until = starts_at(asked.first_segment, ground.zone), ends_at(asked.last_segment, ground.zone)
    moved: dict[UUID, SeenVolunteer] = {}
    for one in ground.volunteers.values():
        if one.facility_id != asked.facility_id:
            moved[one.id] = one
            continue
        released = {*one.released, *(slot for slot in one.own_shifts if since <= slot[0] < until)}
        moved[one.id] = replace(one, released=tuple(sorted(released)))
    return moved


def _needs(ground: Ground, asked: AskDrill) -> dict[UUID, SeenNeed]:
    """The shifts on which somebody was promised, or on which a place rests: the other needs are not this drill's.

    They weigh nothing by themselves: somebody is sent only where that opens a place for a resident.
    """
    promised = {loan.need_id for loan in ground.loans if loan.is_promised}
    opening = {
        shift
        for offer in ground.offers.values()
        if offer.facility_id != asked.facility_id
        for segment in offer.segments.values()
        for shift in segment.required
    }
    return {
        need.id: replace(need, is_coupled=True)
        for need in ground.needs.values()
        if need.id in promised or any(shift.id in opening for shift in need.shifts)
    }
