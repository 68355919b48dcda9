"""Which offer may serve which block, taken pair by pair: one function per hard rule, true where it refuses the pair."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from exchange.matching.arrays import BoolArray, IntArray, integers, intersects, same
from exchange.matching.problem import Situation
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks, given_roofs

_ANY_HOUR = 2**31


class PlacementRefusal(StrEnum):
    """Why one offer may not serve one block."""

    EXCLUDED = "excluded-establishment"
    CARE_MODE = "care-mode"
    AGE = "age"
    PROFILE = "profile"
    PROVISION = "provision"
    ZONE = "zone"
    TRAVEL = "travel"
    HOURS = "hours"
    CAPACITY = "capacity"
    MAX_PLACES = "max-places"
    GROUP = "group-not-whole"


def establishment_excluded(tables: Tables) -> BoolArray:
    excluded = [frozenset(situation.excluded_establishments) for situation in tables.situations]
    offered = [frozenset((offer.establishment,)) for offer in tables.offers]
    return intersects(excluded, offered)[tables.block_situation]


def age_outside(tables: Tables) -> BoolArray:
    age = np.array([situation.age for situation in tables.situations], dtype=np.int64)[tables.block_situation]
    ranges = np.array([offer.ages for offer in tables.offers], dtype=np.int64).reshape(-1, 2)
    return (age[:, None] < ranges[None, :, 0]) | (age[:, None] > ranges[None, :, 1])


def profile_not_served(tables: Tables) -> BoolArray:
    profiles = [frozenset((situation.profile,)) for situation in tables.situations]
    return ~intersects(profiles, [frozenset(offer.profiles) for offer in tables.offers])[tables.block_situation]


def need_not_provided(tables: Tables) -> BoolArray:
    """Where some segment of the block wants a code that the offer does not provide there."""
    wanted = [
        frozenset((segment, code) for segment in block.segments for code in _wanted(tables.owner(index), segment))
        for index, block in enumerate(tables.blocks)
    ]
    asked = sorted(frozenset().union(*wanted))
    if not asked:
        return np.zeros((len(tables.blocks), len(tables.offers)), dtype=bool)
    lacking = []
    for offer in tables.offers:
        ordinary = frozenset(offer.provides)
        there = {provision.segment: frozenset(provision.codes) for provision in offer.provides_at}
        lacking.append(frozenset(pair for pair in asked if pair[1] not in there.get(pair[0], ordinary)))
    return intersects(wanted, lacking)


def _wanted(situation: Situation, segment: int) -> tuple[str, ...]:
    return (*situation.needs, *(situation.needs_by_night if segment % 2 else situation.needs_by_day))


def bed_wanted_or_not(tables: Tables) -> BoolArray:
    return ~same([block.without_bed for block in tables.blocks], [offer.without_bed for offer in tables.offers])


def outside_zone(tables: Tables) -> BoolArray:
    zones = {zone.id: frozenset(zone.communes) for zone in tables.problem.zones}
    served = [zones[offer.zone] if offer.zone is not None else frozenset[str]() for offer in tables.offers]
    homes = [frozenset((situation.commune,)) for situation in tables.situations]
    has_zone = np.array([offer.zone is not None for offer in tables.offers], dtype=bool)
    outside: BoolArray = ~intersects(homes, served)[tables.block_situation] & has_zone
    return outside


def place_too_far(tables: Tables) -> BoolArray:
    """Where a team without bed serves a zone, the team travels."""
    limit = integers(situation.max_travel_min for situation in tables.situations)
    to_the_person = np.array([offer.without_bed and offer.zone is not None for offer in tables.offers], dtype=bool)
    too_far: BoolArray = (tables.block_travel > limit[tables.block_situation][:, None]) & ~to_the_person
    return too_far


def outside_hours(tables: Tables) -> BoolArray:
    """An offer with hours serves no block that wants others, or the whole segment."""
    opened = np.array([offer.hours or (0, _ANY_HOUR) for offer in tables.offers], dtype=np.int64).reshape(-1, 2)
    # A block without hours wants more than any offer with hours has.
    wanted = np.array([block.hours or (0, _ANY_HOUR) for block in tables.blocks], dtype=np.int64).reshape(-1, 2)
    return (wanted[:, :1] < opened[:, 0]) | (wanted[:, 1:] > opened[:, 1])


def no_capacity_even_staffed(tables: Tables) -> BoolArray:
    shape = (len(tables.offers), 2 * tables.problem.days)
    places = np.array([offer.capacity for offer in tables.offers], dtype=np.int64).reshape(shape)
    extra = np.array([offer.extra_capacity for offer in tables.offers], dtype=np.int64).reshape(shape)
    wanted = np.zeros((len(tables.blocks), shape[1]), dtype=np.float32)
    for index, block in enumerate(tables.blocks):
        wanted[index, block.segments] = 1
    # How many segments of each block find the offer full.
    return np.greater(wanted @ (places + extra < 1).T.astype(np.float32), 0.5)


def no_place_allowed(tables: Tables) -> BoolArray:
    none = np.array([situation.max_places < 1 for situation in tables.situations], dtype=bool)
    return np.broadcast_to(none[tables.block_situation][:, None], (len(tables.blocks), len(tables.offers)))


def group_not_whole(tables: Tables) -> BoolArray:
    """Where companions could never all be, or where they already are elsewhere; only of pairs refused by no other rule.

    Necessary for the whole group to fit, not sufficient: who takes which place there is for the model to say.
    """
    refused = np.zeros((len(tables.blocks), len(tables.offers)), dtype=bool)
    bound, roofs = bound_blocks(tables), given_roofs(tables)
    if not bound and not roofs:
        return refused
    candidate: BoolArray = np.ones_like(refused)
    for refusal, rule in PLACEMENT_RULES.items():
        if refusal is not PlacementRefusal.GROUP:
            candidate &= ~rule(tables)
    houses = np.array([offer.establishment for offer in tables.offers], dtype=object)
    for block, given in roofs.items():
        for house in given:
            refused[block] |= houses != house
    free: BoolArray = candidate & ~refused
    for blocks in bound:
        rows = np.array(blocks, dtype=np.int64)
        for house in sorted(set(houses)):
            here = np.flatnonzero(houses == house)
            suits = free[np.ix_(rows, here)]
            if not suits.any(axis=1).all() or _short_of_room(tables, blocks, here[suits.any(axis=0)]):
                refused[np.ix_(rows, here)] = True
    only: BoolArray = refused & candidate
    return only


def _short_of_room(tables: Tables, blocks: tuple[int, ...], offers: IntArray) -> bool:
    """Whether some segment has fewer places in these offers, all of them staffed, than blocks that ask for it."""
    wanted = Counter(segment for block in blocks for segment in tables.blocks[block].segments)
    places = [tables.offers[offer] for offer in offers]
    return any(
        sum(at.capacity[segment] + at.extra_capacity[segment] for at in places) < asked
        for segment, asked in wanted.items()
    )


PLACEMENT_RULES: dict[PlacementRefusal, Callable[[Tables], BoolArray]] = {
    PlacementRefusal.EXCLUDED: establishment_excluded,
    PlacementRefusal.CARE_MODE: bed_wanted_or_not,
    PlacementRefusal.AGE: age_outside,
    PlacementRefusal.PROFILE: profile_not_served,
    PlacementRefusal.PROVISION: need_not_provided,
    PlacementRefusal.ZONE: outside_zone,
    PlacementRefusal.TRAVEL: place_too_far,
    PlacementRefusal.HOURS: outside_hours,
    PlacementRefusal.CAPACITY: no_capacity_even_staffed,
    PlacementRefusal.MAX_PLACES: no_place_allowed,
    PlacementRefusal.GROUP: group_not_whole,
}
