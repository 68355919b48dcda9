"""The changes of place between the blocks of a person, where some block may be cut.

Which of two cut blocks is where, segment by segment, would take a column for each segment. Here one column counts the
moves away from an offer between two blocks, and one row bounds it from below: exact, but where one block begins and the
other ends in the same offer while both are elsewhere in between. A plan that does so is rare: then one more row, on
those segments alone, tells its moves, and the search goes on.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.placement_variables import PlacementVariables
from exchange.matching.programme import FREE, Programme, ProgrammeBuilder
from exchange.matching.tables import Tables

Across = list[tuple[int, int]]
"""Consecutive requested segments, the first of one block, the second of another, in either order of time."""


def consecutive_blocks(tables: Tables, situation: int) -> dict[tuple[int, int], Across]:
    """The consecutive requested segments held by two blocks of a person, smaller block first, for each such pair."""
    held = sorted(
        (segment, block) for block in tables.blocks_of(situation) for segment in tables.blocks[block].segments
    )
    across: dict[tuple[int, int], Across] = defaultdict(list)
    for (segment, block), (after, following) in pairwise(held):
        if block < following:
            across[block, following].append((segment, after))
        elif block > following:
            across[following, block].append((after, segment))
    return dict(across)


def count_moves(builder: ProgrammeBuilder, tables: Tables, placements: PlacementVariables) -> None:
    """So many consecutive segments across two blocks, as the first is at the offer and the second, served, is not."""
    rows = _Rows(tables, placements)
    for move, blocks, _ in rows.moves():
        rows.add(builder, move, rows.across[blocks])


def rows_on_missed_moves(tables: Tables, placements: PlacementVariables, point: IntArray) -> Programme | None:
    """The rows that a point of the programme breaks, each on the segments across which it moves; `None` for none."""
    builder, rows = ProgrammeBuilder(), _Rows(tables, placements)
    taken = np.flatnonzero(point[placements.served] > 0)
    offer_on = {
        (int(tables.block_situation[block]), segment): offer
        for block, offer in zip(
            placements.lines.block[taken].tolist(), placements.lines.offer[taken].tolist(), strict=True
        )
        for segment in tables.blocks[block].segments
    }
    for move, blocks, offer in rows.moves():
        person = int(tables.block_situation[blocks[0]])
        moving = [
            (one, two)
            for one, two in rows.across[blocks]
            if offer_on.get((person, one)) == offer and offer_on.get((person, two), offer) != offer
        ]
        if len(moving) > point[placements.moves[move]]:
            rows.add(builder, move, moving)
    missed = builder.finished()
    return missed if missed.height else None


class _Rows:
    """What the rows on moves read of the programme, gathered once."""

    def __init__(self, tables: Tables, placements: PlacementVariables) -> None:
        self._tables, self._placements = tables, placements
        self.across: dict[tuple[int, int], Across] = {}
        for situation in np.unique(tables.block_situation[placements.moves_blocks[:, 0]]).tolist():
            self.across.update(consecutive_blocks(tables, situation))
        blocks = np.unique(placements.moves_blocks).tolist()
        self._at_offer = {block: _by_offer(tables, placements, block) for block in blocks}
        self._left = {block: _left_to_serve(tables, placements, block) for block in blocks}

    def moves(self) -> Iterator[tuple[int, tuple[int, int], int]]:
        """Each count of moves: its position, its two blocks, the offer left."""
        placements = self._placements
        pairs = zip(placements.moves_blocks.tolist(), placements.moves_offer.tolist(), strict=True)
        for move, ((one, two), offer) in enumerate(pairs):
            yield move, (one, two), offer

    def add(self, builder: ProgrammeBuilder, move: int, across: Across) -> None:
        """At least one move for each of these pairs of segments with the first at the offer, the second elsewhere."""
        placements = self._placements
        (one, two), offer = placements.moves_blocks[move].tolist(), int(placements.moves_offer[move])
        columns, values = [int(placements.moves[move])], [-1]
        for block, held, sign in zip((one, two), zip(*across, strict=True), (1, -1), strict=True):
            for column, segments in self._at_offer[block].get(offer, ()):
                columns.append(column)
                values.append(sign * sum(segment in segments for segment in held))
        columns.append(int(placements.uncovered[two]))
        values.append(-sum(segment in self._left[two] for _, segment in across))
        builder.add_row(columns, np.array(values), -FREE, 0)


def _by_offer(
    tables: Tables, placements: PlacementVariables, block: int
) -> dict[int, list[tuple[int, frozenset[int]]]]:
    """By offer, the columns that serve a wanted block or a part of it, with the segments of each."""
    found: dict[int, list[tuple[int, frozenset[int]]]] = defaultdict(list)
    for one in tables.alike(block):
        segments = frozenset(tables.blocks[one].segments)
        for pair in placements.lines.pairs_of(one):
            found[int(placements.lines.offer[pair])].append((int(placements.served[pair]), segments))
    return found


def _left_to_serve(tables: Tables, placements: PlacementVariables, block: int) -> frozenset[int]:
    """The segments of a wanted block that nobody serves where it counts as uncovered."""
    lines = placements.lines
    alone = lines.is_begun & ~lines.completes & ~lines.is_further & (tables.cut_from[lines.block] == block)
    served = {segment for pair in np.flatnonzero(alone) for segment in tables.blocks[int(lines.block[pair])].segments}
    return frozenset(tables.blocks[block].segments) - served
