"""The placement half of the programme: which offer serves each block, one function per rule."""

from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from exchange.matching.arrays import integers
from exchange.matching.commitments import sets_apart
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loan_variables import LoanVariables
from exchange.matching.moves import consecutive_blocks, count_moves
from exchange.matching.placement_variables import PlacementVariables, candidate_lines
from exchange.matching.programme import FREE, ProgrammeBuilder
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks


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
    lines = candidate_lines(tables, eligibility, fixed)
    width = max(len(tables.offers), 1)
    used, place_of_pair = np.unique(tables.block_situation[lines.block] * width + lines.offer, return_inverse=True)
    consecutive: dict[tuple[int, int], int] = {}
    if prices_handovers:
        for situation in range(len(tables.situations)):
            consecutive.update({pair: len(across) for pair, across in consecutive_blocks(tables, situation).items()})
    cut = set(tables.cut_from[lines.block[lines.block >= tables.wanted]].tolist())
    stable = [pair for pair in consecutive if cut.isdisjoint(pair)]
    moving = [
        (*pair, offer) for pair in consecutive if not cut.isdisjoint(pair) for offer in lines.offers_of(tables, pair[0])
    ]
    placements = PlacementVariables(
        lines=lines,
        served=builder.add_choices(len(lines.block)),
        uncovered=builder.add_choices(tables.wanted),
        whole=builder.add_choices(len(tables.situations)),
        place=builder.add_choices(len(used)),
        place_person=used // width,
        place_of_pair=place_of_pair,
        handover=builder.add_choices(len(stable)),
        handover_blocks=np.array(stable, dtype=np.int64).reshape(-1, 2),
        handover_times=integers(consecutive[pair] for pair in stable),
        moves=builder.add_columns(integers(consecutive[one, two] for one, two, _ in moving)),
        moves_blocks=np.array([pair[:2] for pair in moving], dtype=np.int64).reshape(-1, 2),
        moves_offer=integers(offer for _, _, offer in moving),
    )
    for rule in PLACEMENT_ROWS:
        rule(builder, tables, loans, placements)
    count_moves(builder, tables, placements)
    keep_accepted_placements(builder, placements, fixed)
    return placements


def one_offer_or_uncovered(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    lines, every = placements.lines, np.arange(tables.wanted)
    rows = np.concatenate((tables.cut_from[lines.block[lines.completes]], every))
    columns = np.concatenate((placements.served[lines.completes], placements.uncovered))
    builder.add_rows(rows, columns, 1, 1, 1, count=len(every))


def beginning_and_end_taken_together(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Of each cut, the beginning and the end are served, or neither; an accepted part may be alone."""
    lines = placements.lines
    parts = np.flatnonzero((lines.block >= tables.wanted) & (lines.completes ^ lines.is_further))
    _, rows = np.unique((lines.block[parts] - tables.wanted) // 2, return_inverse=True)
    builder.add_rows(rows, placements.served[parts], np.where(lines.is_further[parts], -1, 1), 0, 0)


def whole_only_if_every_block_is_served(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    every = np.arange(tables.wanted)
    columns = np.concatenate((placements.whole[tables.block_situation[every]], placements.uncovered))
    builder.add_rows(np.concatenate((every, every)), columns, 1, -FREE, 1)


def offer_that_serves_is_a_place(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """One row says it of a block and of its parts; only where one is accepted may the other be in the same offer."""
    lines = placements.lines
    owner = np.where(lines.is_begun, lines.block, tables.cut_from[lines.block])
    _, first, rows = np.unique(owner * len(tables.offers) + lines.offer, return_index=True, return_inverse=True)
    columns = np.concatenate((placements.served, placements.place[placements.place_of_pair[first]]))
    signs = np.repeat(np.array([1, -1]), [len(rows), len(first)])
    builder.add_rows(np.concatenate((rows, np.arange(len(first)))), columns, signs, -FREE, 0)


def places_within_ceiling(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """At most `max_places` offers per person."""
    most = np.bincount(tables.block_situation[: tables.wanted], minlength=len(tables.situations))
    cut = np.unique(tables.cut_from[placements.lines.block[placements.lines.is_further]])
    most += np.bincount(tables.block_situation[cut], minlength=len(tables.situations))
    for situation, owner in enumerate(tables.situations):
        places = placements.place[placements.place_person == situation]
        if min(int(most[situation]), len(places)) > owner.max_places:
            builder.add_row(places, 1, -FREE, owner.max_places)


def capacity_of_each_segment(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Ordinary capacity, plus the extra capacity where every shift that it requires is fully covered.

    Segments of an offer asked for by the same blocks under the same capacity give one row. A place that only a loan
    opens also stands behind that loan one by one, which tightens the relaxation.
    """
    asking: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pair, (block, offer) in enumerate(
        zip(placements.lines.block.tolist(), placements.lines.offer.tolist(), strict=True)
    ):
        for segment in tables.blocks[block].segments:
            asking[offer, segment].append(pair)
    posted: set[tuple[int, tuple[int, ...], int, int, tuple[int, ...]]] = set()
    for (offer, segment), asked in sorted(asking.items()):
        at = tables.offers[offer]
        base, extra = at.capacity[segment], at.extra_capacity[segment]
        required = _required_shifts(tables, offer, segment) if extra else ()
        row = (offer, tuple(asked), base, extra, required)
        persons = len(np.unique(tables.cut_from[placements.lines.block[asked]]))
        if persons <= base or row in posted:
            continue
        posted.add(row)
        served = placements.served[asked]
        if not extra:
            builder.add_row(served, 1, -FREE, base)
            continue
        opened = min(extra, persons - base)
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
        met: dict[tuple[str, int], dict[int, list[int]]] = defaultdict(dict)
        for person, block in ((one, block) for one in apart for block in tables.lines_of(one)):
            for establishment, served in _by_establishment(tables, placements, block).items():
                for segment in tables.blocks[block].segments:
                    met[establishment, segment].setdefault(person, []).extend(served)
        for of_persons in (met[key] for key in sorted(met)):
            columns = tuple(column for served in of_persons.values() for column in served)
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
            stays = {int(placements.lines.offer[j]): int(placements.served[j]) for j in placements.lines.pairs_of(two)}
            excuses = [int(placements.uncovered[two]), number]
            for pair in placements.lines.pairs_of(one):
                same = stays.get(int(placements.lines.offer[pair]))
                others = excuses if same is None else [*excuses, same]
                values = np.array([1, *(-1 for _ in others)])
                builder.add_row([int(placements.served[pair]), *others], values, -FREE, 0)


PLACEMENT_ROWS: tuple[Callable[[ProgrammeBuilder, Tables, LoanVariables, PlacementVariables], None], ...] = (
    one_offer_or_uncovered,
    beginning_and_end_taken_together,
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
        taken = placements.served[(placements.lines.block == block) & (placements.lines.offer == offer)]
        builder.add_row(taken, 1, 1, 1)


def _required_shifts(tables: Tables, offer: int, segment: int) -> tuple[int, ...]:
    for requirement in tables.offers[offer].requires:
        if requirement.segment == segment:
            return tuple(sorted(tables.shift_index[shift] for _, shift in requirement.shifts))
    return ()


def _by_establishment(tables: Tables, placements: PlacementVariables, block: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for pair in placements.lines.pairs_of(block):
        found[tables.offers[int(placements.lines.offer[pair])].establishment].append(int(placements.served[pair]))
    return found
