"""The placement half of the programme: which offer serves each block, one function per rule."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.columns import PlacementColumns, consecutive_blocks
from exchange.matching.commitments import incompatible_pairs
from exchange.matching.frozen import Fixed
from exchange.matching.loan_variables import LoanVariables
from exchange.matching.programme import FREE, ProgrammeBuilder
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks


@dataclass(frozen=True, slots=True, eq=False)
class PlacementVariables:
    """Numbers of the programme's columns.

    `chosen[k]` takes placement column k. `uncovered[b]`. `whole[i]`: every block of the person is served. `place[n]`:
    the person `place_person[n]`, whose pairs are taken one by one, uses the offer `place_offer[n]`. `handover[h]` is
    at least 1 where the blocks `handover_blocks[h]` of such a person are served by different offers, with
    `handover_times[h]` consecutive requested segments across them; empty unless the burden is counted.
    """

    columns: PlacementColumns
    chosen: IntArray
    uncovered: IntArray
    whole: IntArray
    place: IntArray
    place_person: IntArray
    place_offer: IntArray
    place_of_single: IntArray
    handover: IntArray
    handover_blocks: IntArray
    handover_times: IntArray

    @property
    def entries(self) -> IntArray:
        """The programme's column of each (placement column, pair) entry."""
        return self.chosen[self.columns.column]

    @property
    def singles(self) -> IntArray:
        """Placement columns that are one pair among others."""
        return np.flatnonzero(~self.columns.is_answer)


def add_placements(
    builder: ProgrammeBuilder,
    tables: Tables,
    columns: PlacementColumns,
    loans: LoanVariables,
    fixed: Fixed,
    *,
    prices_handovers: bool,
) -> PlacementVariables:
    """Create the variables and add every rule on placements; `prices_handovers` where the burden will be counted."""
    singles = np.flatnonzero(~columns.is_answer)
    width = max(len(tables.offers), 1)
    used, place_of_single = np.unique(
        columns.person[singles] * width + columns.offer[_pair_of(columns, singles)], return_inverse=True
    )
    consecutive: dict[tuple[int, int], int] = {}
    if prices_handovers:
        for person in np.unique(columns.person[singles]).tolist():
            consecutive.update(consecutive_blocks(tables, person))
    placements = PlacementVariables(
        columns=columns,
        chosen=builder.add_choices(len(columns)),
        uncovered=builder.add_choices(len(tables.blocks)),
        whole=builder.add_choices(len(tables.situations)),
        place=builder.add_choices(len(used)),
        place_person=used // width,
        place_offer=used % width,
        place_of_single=place_of_single,
        handover=builder.add_choices(len(consecutive)),
        handover_blocks=np.array(list(consecutive), dtype=np.int64).reshape(-1, 2),
        handover_times=np.array(list(consecutive.values()), dtype=np.int64),
    )
    for rule in PLACEMENT_ROWS:
        rule(builder, tables, loans, placements)
    keep_accepted_placements(builder, placements, fixed)
    return placements


def _pair_of(columns: PlacementColumns, singles: IntArray) -> IntArray:
    """The one pair of each column that holds one pair among others."""
    return columns.pair[np.searchsorted(columns.column, singles)]


def one_offer_or_uncovered(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    every = np.arange(len(tables.blocks))
    columns = placements.columns
    rows = np.concatenate((columns.block[columns.pair], every))
    builder.add_rows(rows, np.concatenate((placements.entries, placements.uncovered)), 1, 1, 1, count=len(every))


def one_answer_per_person(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    answers = np.flatnonzero(placements.columns.is_answer)
    _, rows = np.unique(placements.columns.person[answers], return_inverse=True)
    builder.add_rows(rows, placements.chosen[answers], 1, -FREE, 1)


def whole_only_if_every_block_is_served(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """Of an answer by itself; of pairs taken one by one, only where no block is uncovered."""
    columns = placements.columns
    answered = np.zeros(len(tables.situations), dtype=bool)
    answered[columns.person[columns.is_answer]] = True
    asked = np.bincount(tables.block_situation, minlength=len(tables.situations))
    sizes = np.bincount(columns.column, minlength=len(columns))
    full = np.flatnonzero(columns.is_answer & (sizes == asked[columns.person]))
    persons = np.flatnonzero(answered)
    place = np.cumsum(answered) - 1
    builder.add_rows(
        np.concatenate((np.arange(len(persons)), place[columns.person[full]])),
        np.concatenate((placements.whole[persons], placements.chosen[full])),
        np.repeat(np.array([1, -1]), [len(persons), len(full)]),
        -FREE,
        0,
        count=len(persons),
    )
    blocks = np.flatnonzero(~answered[tables.block_situation])
    rows = np.arange(len(blocks))
    whole = placements.whole[tables.block_situation[blocks]]
    builder.add_rows(np.concatenate((rows, rows)), np.concatenate((whole, placements.uncovered[blocks])), 1, -FREE, 1)


def offer_that_serves_is_a_place(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    singles = placements.singles
    rows = np.arange(len(singles))
    columns = np.concatenate((placements.chosen[singles], placements.place[placements.place_of_single]))
    builder.add_rows(np.concatenate((rows, rows)), columns, np.repeat(np.array([1, -1]), len(rows)), -FREE, 0)


def places_within_ceiling(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """At most `max_places` offers per person; answers were listed within it."""
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
    columns = placements.columns
    for entry, pair in enumerate(columns.pair.tolist()):
        for segment in tables.blocks[int(columns.block[pair])].segments:
            asking[int(columns.offer[pair]), segment].append(entry)
    posted: set[tuple[int, tuple[int, ...], int, int, tuple[int, ...]]] = set()
    for (offer, segment), asked in sorted(asking.items()):
        at = tables.offers[offer]
        base, extra = at.capacity[segment], at.extra_capacity[segment]
        required = _required_shifts(tables, offer, segment) if extra else ()
        row = (offer, tuple(asked), base, extra, required)
        persons = len(np.unique(columns.person[columns.column[asked]]))
        if persons <= base or row in posted:
            continue
        posted.add(row)
        served = placements.entries[asked]
        if not extra:
            builder.add_row(served, 1, -FREE, base)
            continue
        opened = min(extra, persons - base)
        for shift in required:
            opening = int(loans.full[shift])
            values = np.append(np.ones(len(served), dtype=np.int64), -opened)
            builder.add_row(np.append(served, opening), values, -FREE, base)
            if base == 0 and opened > 1:
                _, rows = np.unique(columns.person[columns.column[asked]], return_inverse=True)
                behind = np.concatenate((served, np.full(persons, opening)))
                signs = np.repeat(np.array([1, -1]), [len(served), persons])
                builder.add_rows(np.concatenate((rows, np.arange(persons))), behind, signs, -FREE, 0)


def incompatible_persons_stay_apart(
    builder: ProgrammeBuilder, tables: Tables, loans: LoanVariables, placements: PlacementVariables
) -> None:
    """No establishment serves two incompatible persons in one segment, whichever of its offers they use."""
    for first, second in sorted(incompatible_pairs(tables)):
        for block in tables.blocks_of(first):
            for other in tables.blocks_of(second):
                if set(tables.blocks[block].segments).isdisjoint(tables.blocks[other].segments):
                    continue
                here, there = _by_establishment(tables, placements, block), _by_establishment(tables, placements, other)
                for establishment in sorted(here.keys() & there.keys()):
                    builder.add_row(here[establishment] + there[establishment], 1, -FREE, 1)


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
    columns = placements.columns
    taking = dict(zip(_pair_of(columns, placements.singles).tolist(), placements.singles.tolist(), strict=True))
    for number, blocks in zip(placements.handover.tolist(), placements.handover_blocks.tolist(), strict=True):
        for one, two in (blocks, reversed(blocks)):
            stays = {int(columns.offer[pair]): int(placements.chosen[taking[pair]]) for pair in columns.pairs_of(two)}
            excuses = [int(placements.uncovered[two]), number]
            for pair in columns.pairs_of(one):
                same = stays.get(int(columns.offer[pair]))
                others = excuses if same is None else [*excuses, same]
                values = np.array([1, *(-1 for _ in others)])
                builder.add_row([int(placements.chosen[taking[pair]]), *others], values, -FREE, 0)


PLACEMENT_ROWS: tuple[Callable[[ProgrammeBuilder, Tables, LoanVariables, PlacementVariables], None], ...] = (
    one_offer_or_uncovered,
    one_answer_per_person,
    whole_only_if_every_block_is_served,
    offer_that_serves_is_a_place,
    places_within_ceiling,
    capacity_of_each_segment,
    incompatible_persons_stay_apart,
    persons_kept_together_share_one_establishment,
    handover_where_the_offer_changes,
)


def keep_accepted_placements(builder: ProgrammeBuilder, placements: PlacementVariables, fixed: Fixed) -> None:
    columns = placements.columns
    for block, offer in sorted(fixed.placements.items()):
        holding = (columns.block[columns.pair] == block) & (columns.offer[columns.pair] == offer)
        builder.add_row(placements.entries[holding], 1, 1, 1)


def _required_shifts(tables: Tables, offer: int, segment: int) -> tuple[int, ...]:
    for requirement in tables.offers[offer].requires:
        if requirement.segment == segment:
            return tuple(sorted(tables.shift_index[shift] for _, shift in requirement.shifts))
    return ()


def _by_establishment(tables: Tables, placements: PlacementVariables, block: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    columns = placements.columns
    for entry in np.flatnonzero(columns.block[columns.pair] == block).tolist():
        offer = int(columns.offer[columns.pair[entry]])
        found[tables.offers[offer].establishment].append(int(placements.entries[entry]))
    return found
