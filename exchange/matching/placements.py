"""The placement half of the programme: which offer serves each block, one function per rule."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.commitments import sets_apart
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loan_variables import LoanVariables
from exchange.matching.programme import FREE, ProgrammeBuilder
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks


@dataclass(frozen=True, slots=True, eq=False)
class PlacementVariables:
    """Numbers of the programme's columns.

    `served[j]`: the pair (`block[j]`, `offer[j]`) is taken, pairs by block then by offer. `uncovered[b]`. `whole[i]`:
    every block of the person is served. `place[k]`: the person `place_person[k]` uses some offer, which the pairs j
    with `place_of_pair[j] == k` serve. `handover[h]` is at least 1 where the two blocks `handover_blocks[h]` are served
    by different offers, with `handover_times[h]` consecutive requested segments across them; empty unless the burden
    is counted.
    """

    block: IntArray
    offer: IntArray
    served: IntArray
    uncovered: IntArray
    whole: IntArray
    place: IntArray
    place_person: IntArray
    place_of_pair: IntArray
    handover: IntArray
    handover_blocks: IntArray
    handover_times: IntArray

    def pairs_of(self, block: int) -> range:
        """Positions j of the pairs of one block."""
        first, after = np.searchsorted(self.block, [block, block + 1])
        return range(int(first), int(after))


def add_placements(
    builder: ProgrammeBuilder,
    tables: Tables,
    eligibility: Eligibility,
    loans: LoanVariables,
    fixed: Fixed,
    *,
    prices_handovers: bool,
) -> PlacementVariables:
    """Create the variables and add every rule on placements; `prices_handovers` where the burden will be counted."""
    block, offer = np.nonzero(eligibility.placements == 0)
    width = max(len(tables.offers), 1)
    used, place_of_pair = np.unique(tables.block_situation[block] * width + offer, return_inverse=True)
    consecutive: dict[tuple[int, int], int] = {}
    if prices_handovers:
        for situation in range(len(tables.situations)):
            consecutive.update(consecutive_blocks(tables, situation))
    placements = PlacementVariables(
        block=block,
        offer=offer,
        served=builder.add_choices(len(block)),
        uncovered=builder.add_choices(len(tables.blocks)),
        whole=builder.add_choices(len(tables.situations)),
        place=builder.add_choices(len(used)),
        place_person=used // width,
        place_of_pair=place_of_pair,
        handover=builder.add_choices(len(consecutive)),
        handover_blocks=np.array(list(consecutive), dtype=np.int64).reshape(-1, 2),
        handover_times=np.array(list(consecutive.values()), dtype=np.int64),
    )
    for rule in PLACEMENT_ROWS:
        rule(builder, tables, loans, placements)
    keep_accepted_placements(builder, placements, fixed)
    return placements


def one_offer_or_uncovered(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    every = np.arange(len(tables.blocks))
    rows, columns = np.concatenate((placements.block, every)), np.concatenate((placements.served, placements.uncovered))
    builder.add_rows(rows, columns, 1, 1, 1, count=len(every))


def whole_only_if_every_block_is_served(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    every = np.arange(len(tables.blocks))
    columns = np.concatenate((placements.whole[tables.block_situation], placements.uncovered))
    builder.add_rows(np.concatenate((every, every)), columns, 1, -FREE, 1)


def offer_that_serves_is_a_place(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    every = np.arange(len(placements.served))
    columns = np.concatenate((placements.served, placements.place[placements.place_of_pair]))
    builder.add_rows(np.concatenate((every, every)), columns, np.repeat(np.array([1, -1]), len(every)), -FREE, 0)


def places_within_ceiling(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """At most `max_places` offers per person."""
    for situation, owner in enumerate(tables.situations):
        places = placements.place[placements.place_person == situation]
        if min(len(tables.blocks_of(situation)), len(places)) > owner.max_places:
            builder.add_row(places, 1, -FREE, owner.max_places)


def capacity_of_each_segment(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Ordinary capacity, plus the extra capacity where every shift that it requires is fully covered.

    Segments of an offer asked for by the same blocks under the same capacity give one row. A place that only a loan
    opens also stands behind that loan one by one, which tightens the relaxation.
    """
    asking: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pair, (block, offer) in enumerate(zip(placements.block.tolist(), placements.offer.tolist(), strict=True)):
        for segment in tables.blocks[block].segments:
            asking[offer, segment].append(pair)
    posted: set[tuple[int, tuple[int, ...], int, int, tuple[int, ...]]] = set()
    for (offer, segment), asked in sorted(asking.items()):
        at = tables.offers[offer]
        base, extra = at.capacity[segment], at.extra_capacity[segment]
        required = _required_shifts(tables, offer, segment) if extra else ()
        row = (offer, tuple(asked), base, extra, required)
        if len(asked) <= base or row in posted:
            continue
        posted.add(row)
        served = placements.served[asked]
        if not extra:
            builder.add_row(served, 1, -FREE, base)
            continue
        opened = min(extra, len(asked) - base)
        for shift in required:
            opening = int(loans.full[shift])
            values = np.append(np.ones(len(served), dtype=np.int64), -opened)
            builder.add_row(np.append(served, opening), values, -FREE, base)
            if base == 0 and opened > 1:
                rows = np.arange(len(served))
                behind = np.concatenate((served, np.full(len(served), opening)))
                signs = np.repeat(np.array([1, -1]), len(served))
                builder.add_rows(np.concatenate((rows, rows)), behind, signs, -FREE, 0)


def incompatible_persons_stay_apart(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """No establishment serves two incompatible persons in one segment, whichever of its offers they use.

    Where more than two are all incompatible with one another, one row says it of all of them.
    """
    posted: set[tuple[int, ...]] = set()
    for apart in sets_apart(tables):
        met: dict[tuple[str, int], list[list[int]]] = defaultdict(list)
        for block in (block for person in apart for block in tables.blocks_of(person)):
            for establishment, served in _by_establishment(tables, placements, block).items():
                for segment in tables.blocks[block].segments:
                    met[establishment, segment].append(served)
        for _, of_persons in sorted(met.items()):
            columns = tuple(column for served in of_persons for column in served)
            if len(of_persons) > 1 and columns not in posted:
                posted.add(columns)
                builder.add_row(columns, 1, -FREE, 1)


def persons_kept_together_share_one_establishment(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Bound blocks are all served by one establishment, whichever of its offers they use, or all uncovered."""
    for bound in bound_blocks(tables):
        for block, following in pairwise(bound):
            here, there = (_by_establishment(tables, placements, one) for one in (block, following))
            for establishment in sorted(here.keys() | there.keys()):
                one, other = here.get(establishment, []), there.get(establishment, [])
                builder.add_row(one + other, np.repeat(np.array([1, -1]), [len(one), len(other)]), 0, 0)


def handover_where_the_offer_changes(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """A pair taken, then the same offer for the other block, or that block uncovered, or a handover; both ways."""
    for number, blocks in zip(placements.handover.tolist(), placements.handover_blocks.tolist(), strict=True):
        for one, two in (blocks, reversed(blocks)):
            stays = {int(placements.offer[j]): int(placements.served[j]) for j in placements.pairs_of(two)}
            excuses = [int(placements.uncovered[two]), number]
            for pair in placements.pairs_of(one):
                same = stays.get(int(placements.offer[pair]))
                others = excuses if same is None else [*excuses, same]
                values = np.array([1, *(-1 for _ in others)])
                builder.add_row([int(placements.served[pair]), *others], values, -FREE, 0)


PLACEMENT_ROWS: tuple[Callable[[ProgrammeBuilder, Tables, LoanVariables, PlacementVariables], None], ...] = (
    one_offer_or_uncovered,
    whole_only_if_every_block_is_served,
    offer_that_serves_is_a_place,
    places_within_ceiling,
    capacity_of_each_segment,
    incompatible_persons_stay_apart,
    persons_kept_together_share_one_establishment,
    handover_where_the_offer_changes,
)


def keep_accepted_placements(builder: ProgrammeBuilder, placements: PlacementVariables, fixed: Fixed) -> None:
    for block, offer in sorted(fixed.placements.items()):
        taken = placements.served[(placements.block == block) & (placements.offer == offer)]
        builder.add_row(taken, 1, 1, 1)


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


def _by_establishment(tables: Tables, placements: PlacementVariables, block: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for pair in placements.pairs_of(block):
        found[tables.offers[int(placements.offer[pair])].establishment].append(int(placements.served[pair]))
    return found
