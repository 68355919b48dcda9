"""Who may serve what, taken pair by pair: one function per hard rule, each true where the rule refuses the pair.

The two matrices hold the first refusal of every pair, in the order of the enums; 0 means that the pair is a
candidate. Rules that join several lines (rest between loans, weekly total, capacity shared, incompatibility,
places per person, persons kept together) are rows of the model, in `loans` and `placements`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from exchange.matching import figures
from exchange.matching.tables import IntArray, Tables
from exchange.matching.together import bound_blocks, given_roofs

BoolArray = NDArray[np.bool_]
CodeArray = NDArray[np.uint8]


class LoanRefusal(StrEnum):
    """Why one volunteer may not take one shift, law and contract before wishes."""

    SAME_EMPLOYER = "same-employer"
    QUALIFICATION = "qualification"
    SHIFT_LENGTH = "shift-length"
    REST_OWN_SHIFTS = "rest-own-shifts"
    WEEK_MINUTES = "week-minutes"
    CONSENT = "no-consent"
    BASSIN = "host-bassin"
    TRAVEL = "travel"
    AVAILABILITY = "availability"
    LOAN_MINUTES = "loan-minutes"
    LEND_CAP = "lend-cap"


class PlacementRefusal(StrEnum):
    """Why one offer may not serve one block."""

    EXCLUDED = "excluded-establishment"
    AGE = "age"
    PROFILE = "profile"
    TRAVEL = "travel"
    CAPACITY = "capacity"
    MAX_PLACES = "max-places"
    GROUP = "group-not-whole"


def same_employer(tables: Tables) -> BoolArray:
    hosts = [tables.establishments[tables.needs[need].establishment].association for need in tables.shift_need]
    return _equal([volunteer.association for volunteer in tables.volunteers], hosts)


def no_common_qualification(tables: Tables) -> BoolArray:
    held = [frozenset(volunteer.qualifications) for volunteer in tables.volunteers]
    wanted = [frozenset(need.qualifications_any) for need in tables.needs]
    return _over_needs(tables, ~_intersects(held, wanted))


def shift_too_long(tables: Tables) -> BoolArray:
    ordinary = tables.shift_minutes <= figures.LONGEST_SHIFT_MINUTES
    night = (tables.shift_minutes <= figures.LONGEST_DEROGATED_NIGHT_MINUTES) & (
        tables.shift_start % figures.DAY_MINUTES >= figures.NIGHT_STARTS_AT_MINUTE
    )
    derogation = np.array([volunteer.night12h_derogation for volunteer in tables.volunteers], dtype=bool)
    lawful: BoolArray = ordinary[None, :] | (night[None, :] & derogation[:, None])
    return ~lawful


def too_close_to_own_shift(tables: Tables) -> BoolArray:
    refused = _nowhere(tables)
    for index, volunteer in enumerate(tables.volunteers):
        for start, end in volunteer.own_shifts:
            refused[index] |= (tables.shift_start < end + figures.REST_MINUTES) & (
                start < tables.shift_end + figures.REST_MINUTES
            )
    return refused


def week_already_full(tables: Tables) -> BoolArray:
    done = np.array([volunteer.week_minutes_done for volunteer in tables.volunteers], dtype=np.int64)
    if not len(tables.volunteers):
        return _nowhere(tables)
    refused: BoolArray = done[:, tables.shift_week] + tables.shift_minutes[None, :] > figures.WEEK_WORK_MINUTES
    return refused


def not_solicitable(tables: Tables) -> BoolArray:
    refuses = np.array([not volunteer.consent for volunteer in tables.volunteers], dtype=bool)
    return np.repeat(refuses[:, None], len(tables.shifts), axis=1)


def host_bassin_not_accepted(tables: Tables) -> BoolArray:
    accepted = [frozenset(volunteer.bassins) for volunteer in tables.volunteers]
    hosts = [frozenset((tables.establishments[need.establishment].bassin,)) for need in tables.needs]
    return _over_needs(tables, ~_intersects(accepted, hosts))


def host_too_far(tables: Tables) -> BoolArray:
    limit = np.array([volunteer.max_travel_min for volunteer in tables.volunteers], dtype=np.int64)
    return np.greater(tables.loan_travel, limit[:, None])


def outside_availability(tables: Tables) -> BoolArray:
    inside = _nowhere(tables)
    for index, volunteer in enumerate(tables.volunteers):
        for start, end in volunteer.availability:
            inside[index] |= (start <= tables.shift_start) & (tables.shift_end <= end)
    return ~inside


def beyond_loan_minutes(tables: Tables) -> BoolArray:
    ceiling = np.array([volunteer.max_loan_minutes for volunteer in tables.volunteers], dtype=np.int64)
    return tables.shift_minutes[None, :] > ceiling[:, None]


def lender_may_not_lend(tables: Tables) -> BoolArray:
    closed_days: dict[str, list[int]] = {}
    for cap in tables.problem.lend_caps:
        if cap.max_out == 0:
            closed_days.setdefault(cap.establishment, []).append(cap.day)
    refused = _nowhere(tables)
    for index, volunteer in enumerate(tables.volunteers):
        refused[index] = np.isin(tables.shift_day, closed_days.get(volunteer.establishment, []))
    return refused


def establishment_excluded(tables: Tables) -> BoolArray:
    excluded = [frozenset(situation.excluded_establishments) for situation in tables.situations]
    offered = [frozenset((offer.establishment,)) for offer in tables.offers]
    return _intersects(excluded, offered)[tables.block_situation]


def age_outside(tables: Tables) -> BoolArray:
    age = np.array([situation.age for situation in tables.situations], dtype=np.int64)[tables.block_situation]
    ranges = np.array([offer.ages for offer in tables.offers], dtype=np.int64).reshape(-1, 2)
    return (age[:, None] < ranges[None, :, 0]) | (age[:, None] > ranges[None, :, 1])


def profile_not_served(tables: Tables) -> BoolArray:
    profiles = [frozenset((situation.profile,)) for situation in tables.situations]
    return ~_intersects(profiles, [frozenset(offer.profiles) for offer in tables.offers])[tables.block_situation]


def place_too_far(tables: Tables) -> BoolArray:
    limit = np.array([situation.max_travel_min for situation in tables.situations], dtype=np.int64)
    return tables.block_travel > limit[tables.block_situation][:, None]


def no_capacity_even_staffed(tables: Tables) -> BoolArray:
    most = np.array([offer.capacity for offer in tables.offers], dtype=np.int64)
    most = most + np.array([offer.extra_capacity for offer in tables.offers], dtype=np.int64)
    refused = np.zeros((len(tables.blocks), len(tables.offers)), dtype=bool)
    if tables.offers:
        for index, block in enumerate(tables.blocks):
            refused[index] = (most[:, list(block.segments)] < 1).any(axis=1)
    return refused


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


LOAN_RULES: dict[LoanRefusal, Callable[[Tables], BoolArray]] = {
    LoanRefusal.SAME_EMPLOYER: same_employer,
    LoanRefusal.QUALIFICATION: no_common_qualification,
    LoanRefusal.SHIFT_LENGTH: shift_too_long,
    LoanRefusal.REST_OWN_SHIFTS: too_close_to_own_shift,
    LoanRefusal.WEEK_MINUTES: week_already_full,
    LoanRefusal.CONSENT: not_solicitable,
    LoanRefusal.BASSIN: host_bassin_not_accepted,
    LoanRefusal.TRAVEL: host_too_far,
    LoanRefusal.AVAILABILITY: outside_availability,
    LoanRefusal.LOAN_MINUTES: beyond_loan_minutes,
    LoanRefusal.LEND_CAP: lender_may_not_lend,
}
PLACEMENT_RULES: dict[PlacementRefusal, Callable[[Tables], BoolArray]] = {
    PlacementRefusal.EXCLUDED: establishment_excluded,
    PlacementRefusal.AGE: age_outside,
    PlacementRefusal.PROFILE: profile_not_served,
    PlacementRefusal.TRAVEL: place_too_far,
    PlacementRefusal.CAPACITY: no_capacity_even_staffed,
    PlacementRefusal.MAX_PLACES: no_place_allowed,
    PlacementRefusal.GROUP: group_not_whole,
}
_LOAN_CODES = tuple(LoanRefusal)
_PLACEMENT_CODES = tuple(PlacementRefusal)


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """First refusal of each pair, as 1 + its rank in the enum; 0 for a candidate.

    Shapes: `loans` volunteers × shifts, `placements` blocks × offers.
    """

    loans: CodeArray
    placements: CodeArray

    def loan_refusal(self, volunteer: int, shift: int) -> LoanRefusal | None:
        code = int(self.loans[volunteer, shift])
        return _LOAN_CODES[code - 1] if code else None

    def placement_refusal(self, block: int, offer: int) -> PlacementRefusal | None:
        code = int(self.placements[block, offer])
        return _PLACEMENT_CODES[code - 1] if code else None


def examine(tables: Tables) -> Eligibility:
    """Apply every rule to every pair."""
    loans = np.zeros((len(tables.volunteers), len(tables.shifts)), dtype=np.uint8)
    for rank in range(len(_LOAN_CODES), 0, -1):
        loans[LOAN_RULES[_LOAN_CODES[rank - 1]](tables)] = rank
    placements = np.zeros((len(tables.blocks), len(tables.offers)), dtype=np.uint8)
    for rank in range(len(_PLACEMENT_CODES), 0, -1):
        placements[PLACEMENT_RULES[_PLACEMENT_CODES[rank - 1]](tables)] = rank
    return Eligibility(loans, placements)


def _nowhere(tables: Tables) -> BoolArray:
    return np.zeros((len(tables.volunteers), len(tables.shifts)), dtype=bool)


def _over_needs(tables: Tables, by_need: BoolArray) -> BoolArray:
    return by_need[:, tables.shift_need]


def _equal(left: Sequence[str], right: Sequence[str]) -> BoolArray:
    return _intersects([frozenset((name,)) for name in left], [frozenset((name,)) for name in right])


def _intersects(left: Sequence[frozenset[object]], right: Sequence[frozenset[object]]) -> BoolArray:
    """left × right: true where the two sets share an element, so an empty set meets nothing."""
    columns: dict[object, int] = {}
    incidence = []
    for sets in (left, right):
        cells = [(row, columns.setdefault(item, len(columns))) for row, items in enumerate(sets) for item in items]
        incidence.append((len(sets), np.array(cells, dtype=np.int64).reshape(-1, 2)))
    matrices = []
    for rows, cells_of in incidence:
        matrix = np.zeros((rows, len(columns)), dtype=np.float32)
        matrix[cells_of[:, 0], cells_of[:, 1]] = 1
        matrices.append(matrix)
    return matrices[0] @ matrices[1].T > 0.5
