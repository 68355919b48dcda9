"""Which blocks may be served in two parts, and which parts those are.

A block is cut once at most: somebody begins in one place and ends in another. So its parts are its beginnings and its
ends, and a block of n segments has n - 1 of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.matching.problem import Block, Problem, Situation

# Longer than a month of nights, a request says itself where it may be cut, and its file has several blocks.
LONGEST_CUT_SEGMENTS = 31

Segments = tuple[int, ...]


def places_to_cut(problem: Problem, owner: Situation, block: Block) -> range:
    """How many segments the beginning may have.

    None where cutting has no price, nor of somebody to be kept together with others: their blocks stand as one.
    """
    length = len(block.segments)
    may = problem.prices.split > 0 and owner.together is None and length <= LONGEST_CUT_SEGMENTS
    return range(1, length) if may else range(0)


def cuts_of(problem: Problem, owner: Situation, block: Block) -> Iterator[tuple[Segments, Segments]]:
    """Each beginning with the end that completes it, the shortest beginning first."""
    ordered = tuple(sorted(block.segments))
    for count in places_to_cut(problem, owner, block):
        yield ordered[:count], ordered[count:]
