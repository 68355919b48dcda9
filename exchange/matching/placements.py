"""The placement half of the model: which offer serves each block, one function per rule."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from exchange.matching.commitments import incompatible_pairs
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loans import LoanVariables, fully_covered
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks


@dataclass(frozen=True, slots=True, eq=False)
class PlacementVariables:
    """`served[b, o]`, `uncovered[b]`, `place[i, o]` (offer used by a person), `whole[i]` (every block served).

    `handover[b, c]` is at least 1 where both blocks are served by different offers; its value is how many
    consecutive requested segments lie across the two.
    """

    served: dict[tuple[int, int], cp_model.IntVar]
    uncovered: tuple[cp_model.IntVar, ...]
    offers_of: tuple[tuple[int, ...], ...]
    place: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    whole: dict[int, cp_model.IntVar] = field(default_factory=dict)
    handover: dict[tuple[int, int], tuple[cp_model.IntVar, int]] = field(default_factory=dict)
    opening: dict[tuple[int, ...], cp_model.IntVar] = field(default_factory=dict)


def add_placements(
    model: cp_model.CpModel, tables: Tables, eligibility: Eligibility, loans: LoanVariables, fixed: Fixed
) -> PlacementVariables:
    """Create the variables and post every rule on placements."""
    offers_of = tuple(
        tuple(int(offer) for offer in np.flatnonzero(eligibility.placements[block] == 0))
        for block in range(len(tables.blocks))
    )
    placements = PlacementVariables(
        served={(block, offer): model.new_bool_var("") for block, offers in enumerate(offers_of) for offer in offers},
        uncovered=tuple(model.new_bool_var("") for _ in tables.blocks),
        offers_of=offers_of,
    )
    for rule in PLACEMENT_ROWS:
        rule(model, tables, loans, placements)
    for block, offer in sorted(fixed.placements.items()):
        model.add(placements.served[block, offer] == 1)
    return placements


def one_offer_or_uncovered(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    for block, offers in enumerate(placements.offers_of):
        model.add_exactly_one([*(placements.served[block, offer] for offer in offers), placements.uncovered[block]])


def whole_only_if_every_block_is_served(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    for situation in range(len(tables.situations)):
        whole = model.new_bool_var("")
        placements.whole[situation] = whole
        for block in tables.blocks_of(situation):
            model.add_at_most_one([whole, placements.uncovered[block]])


def places_within_ceiling(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """An offer that serves a block is a place of that person; at most `max_places` of them."""
    for situation, owner in enumerate(tables.situations):
        blocks = tables.blocks_of(situation)
        offers = sorted({offer for block in blocks for offer in placements.offers_of[block]})
        for offer in offers:
            served = [placements.served[block, offer] for block in blocks if (block, offer) in placements.served]
            if len(blocks) == 1:
                placements.place[situation, offer] = served[0]
                continue
            place = model.new_bool_var("")
            placements.place[situation, offer] = place
            for one in served:
                model.add_implication(one, place)
        if min(len(blocks), len(offers)) > owner.max_places:
            used = cp_model.LinearExpr.sum([placements.place[situation, offer] for offer in offers])
            model.add(used <= owner.max_places)


def capacity_of_each_segment(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Ordinary capacity, plus the extra capacity where every shift that it requires is fully covered.

    Segments of an offer asked for by the same blocks under the same capacity give one row.
    """
    asking: dict[tuple[int, int], list[int]] = defaultdict(list)
    for block, offer in placements.served:
        for segment in tables.blocks[block].segments:
            asking[offer, segment].append(block)
    posted: set[tuple[int, tuple[int, ...], int, int, tuple[int, ...]]] = set()
    for (offer, segment), asked in sorted(asking.items()):
        at = tables.offers[offer]
        base, extra = at.capacity[segment], at.extra_capacity[segment]
        required = _required_shifts(tables, offer, segment) if extra else ()
        row = (offer, tuple(asked), base, extra, required)
        if len(asked) <= base or row in posted:
            continue
        posted.add(row)
        served = [placements.served[block, offer] for block in asked]
        if not extra:
            model.add(cp_model.LinearExpr.sum(served) <= base)
            continue
        opening = _opening(model, tables, loans, placements, required)
        if base == 0:
            for one in served:
                model.add_implication(one, opening)
        model.add(cp_model.LinearExpr.sum(served) <= base + min(extra, len(asked) - base) * opening)


def incompatible_persons_stay_apart(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """No establishment serves two incompatible persons in one segment, whichever of its offers they use."""
    for first, second in sorted(incompatible_pairs(tables)):
        for block in tables.blocks_of(first):
            for other in tables.blocks_of(second):
                if set(tables.blocks[block].segments).isdisjoint(tables.blocks[other].segments):
                    continue
                here, there = _by_establishment(tables, placements, block), _by_establishment(tables, placements, other)
                for establishment in sorted(here.keys() & there.keys()):
                    model.add_at_most_one(here[establishment] + there[establishment])


def persons_kept_together_share_one_establishment(
    model: cp_model.CpModel, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Bound blocks are all served by one establishment, whichever of its offers they use, or all uncovered."""
    for bound in bound_blocks(tables):
        for block, following in pairwise(bound):
            here, there = (_by_establishment(tables, placements, one) for one in (block, following))
            for establishment in sorted(here.keys() | there.keys()):
                one, other = (cp_model.LinearExpr.sum(served.get(establishment, [])) for served in (here, there))
                model.add(one == other)


PLACEMENT_ROWS: tuple[Callable[[cp_model.CpModel, Tables, LoanVariables, PlacementVariables], None], ...] = (
    one_offer_or_uncovered,
    whole_only_if_every_block_is_served,
    places_within_ceiling,
    capacity_of_each_segment,
    incompatible_persons_stay_apart,
    persons_kept_together_share_one_establishment,
)


def add_handovers(model: cp_model.CpModel, tables: Tables, placements: PlacementVariables) -> None:
    """Create the handover variables; only the burden needs them."""
    for situation in range(len(tables.situations)):
        for (block, following), times in consecutive_blocks(tables, situation).items():
            handover = model.new_bool_var("")
            placements.handover[block, following] = (handover, times)
            for one, two in ((block, following), (following, block)):
                for offer in placements.offers_of[one]:
                    stays = placements.served.get((two, offer))
                    excuses = [placements.uncovered[two], *([stays] if stays is not None else [])]
                    model.add_bool_or([placements.served[one, offer].negated(), handover, *excuses])


def consecutive_blocks(tables: Tables, situation: int) -> dict[tuple[int, int], int]:
    """How many times two blocks of a person hold consecutive requested segments, smaller block first."""
    blocks = tables.blocks_of(situation)
    held = sorted((segment, block) for block in blocks for segment in tables.blocks[block].segments)
    times: dict[tuple[int, int], int] = {}
    for (_, block), (_, following) in pairwise(held):
        if block != following:
            pair = (min(block, following), max(block, following))
            times[pair] = times.get(pair, 0) + 1
    return times


def _required_shifts(tables: Tables, offer: int, segment: int) -> tuple[int, ...]:
    for requirement in tables.offers[offer].requires:
        if requirement.segment == segment:
            return tuple(sorted(tables.shift_index[shift] for _, shift in requirement.shifts))
    return ()


def _opening(
    model: cp_model.CpModel,
    tables: Tables,
    loans: LoanVariables,
    placements: PlacementVariables,
    required: tuple[int, ...],
) -> cp_model.IntVar:
    if required not in placements.opening:
        covered = [fully_covered(model, tables, loans, shift) for shift in required]
        opening = covered[0]
        if len(covered) > 1:
            opening = model.new_bool_var("")
            for one in covered:
                model.add_implication(opening, one)
        placements.opening[required] = opening
    return placements.opening[required]


def _by_establishment(tables: Tables, placements: PlacementVariables, block: int) -> dict[str, list[cp_model.IntVar]]:
    found: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    for offer in placements.offers_of[block]:
        found[tables.offers[offer].establishment].append(placements.served[block, offer])
    return found
