"""The columns of the programme that say which offer serves each block, and those that price it."""

from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import BoolArray, IntArray, integers
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.tables import Tables


@dataclass(frozen=True, slots=True, eq=False)
class CandidateLines:
    """Pairs j = (`block[j]`, `offer[j]`), by block then by offer; a block may be a part of one, as in `Tables`.

    `completes[j]`: with it the wanted block is served, an end being taken with each beginning; of a block with one
    accepted part, what completes that part. `is_further[j]`: a second line of its block. `is_begun[j]`: some part of
    its block is accepted; one that no accepted part completes neither completes nor is further.
    """

    block: IntArray
    offer: IntArray
    completes: BoolArray
    is_further: BoolArray
    is_begun: BoolArray

    def pairs_of(self, block: int) -> range:
        """Positions j of the pairs of one block."""
        first, after = np.searchsorted(self.block, [block, block + 1])
        return range(int(first), int(after))

    def offers_of(self, tables: Tables, block: int) -> list[int]:
        """The offers that could serve a wanted block, whole or in part."""
        return sorted({int(self.offer[pair]) for one in tables.alike(block) for pair in self.pairs_of(one)})


@dataclass(frozen=True, slots=True, eq=False)
class PlacementVariables:
    """Numbers of the programme's columns.

    `served[j]`: the pair j of `lines` is taken. `uncovered[b]`, of a wanted block. `whole[i]`: every block of the
    person is served. `place[k]`: the person `place_person[k]` uses some offer, which the pairs j with
    `place_of_pair[j] == k` serve. `handover[h]` is at least 1 where the two blocks `handover_blocks[h]` are served by
    different offers, with `handover_times[h]` consecutive requested segments across them. Where one of the two may be
    cut, `moves[h]` counts those across which the first of `moves_blocks[h]` is at the offer `moves_offer[h]` and the
    second is not. All empty unless the burden is counted.
    """

    lines: CandidateLines
    served: IntArray
    uncovered: IntArray
    whole: IntArray
    place: IntArray
    place_person: IntArray
    place_of_pair: IntArray
    handover: IntArray
    handover_blocks: IntArray
    handover_times: IntArray
    moves: IntArray
    moves_blocks: IntArray
    moves_offer: IntArray


def candidate_lines(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> CandidateLines:
    """The pairs that no rule refuses; of parts, only those that another offer can complete."""
    candidates = eligibility.placements == 0
    block, offer = np.nonzero(candidates)
    is_part = block >= tables.wanted
    other = np.where(is_part, tables.wanted + ((block - tables.wanted) ^ 1), block)
    elsewhere = np.count_nonzero(candidates, axis=1)[other] - candidates[other, offer]
    two_places = np.array([one.max_places > 1 for one in tables.situations], dtype=bool)[tables.block_situation[block]]
    parts = [one for one in fixed.placements if one >= tables.wanted]
    begun = np.isin(tables.cut_from[block], tables.cut_from[integers(parts)])
    kept = np.flatnonzero(~is_part | begun | ((elsewhere > 0) & two_places))
    alone = [one for one in parts if tables.other_part(one) not in fixed.placements]
    waits = np.isin(other, alone)
    is_end = is_part & ((block - tables.wanted) % 2 == 1)
    is_alone = np.isin(block, alone)
    return CandidateLines(
        block=block[kept],
        offer=offer[kept],
        completes=(waits | ~(is_end | is_alone))[kept],
        is_further=(waits | (is_end & ~is_alone))[kept],
        is_begun=begun[kept],
    )


def without_new_cuts(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> Eligibility:
    """The candidates of whoever cuts no block but those begun by an accepted part."""
    placements = eligibility.placements.copy()
    placements[_parts_not_begun(tables, fixed)] = 1
    return Eligibility(eligibility.loans, placements)


def new_cuts_allowed(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> bool:
    lines = candidate_lines(tables, eligibility, fixed)
    return bool((lines.is_further & ~lines.is_begun).any())


def _parts_not_begun(tables: Tables, fixed: Fixed) -> IntArray:
    parts = np.arange(tables.wanted, len(tables.blocks))
    begun = tables.cut_from[integers(one for one in fixed.placements if one >= tables.wanted)]
    kept: IntArray = parts[~np.isin(tables.cut_from[parts], begun)]
    return kept
