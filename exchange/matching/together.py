"""Persons to be kept together: which of their blocks stand or fall as one, and which roof they already have.

Two blocks concern each other where their persons share a group and the blocks share a segment.
"""

from collections import defaultdict
from collections.abc import Iterator

from exchange.matching.tables import Tables


def bound_blocks(tables: Tables) -> tuple[tuple[int, ...], ...]:
    """The sets of blocks that one establishment serves whole, or nobody; each ascending, two blocks or more.

    Bonds carry over: a block that shares one segment with each of two others binds all three. Accepted blocks are
    left out: they stand whatever becomes of the others.
    """
    bound: dict[int, list[int]] = {}
    for _, waiting in _met_on_each_segment(tables):
        for block in waiting:
            bound.setdefault(block, [block])
        for other in waiting[1:]:
            kept, joined = bound[waiting[0]], bound[other]
            if kept is not joined:
                kept.extend(joined)
                bound.update(dict.fromkeys(joined, kept))
    distinct = {id(blocks): tuple(sorted(blocks)) for blocks in bound.values() if len(blocks) > 1}
    return tuple(sorted(distinct.values()))


def given_roofs(tables: Tables) -> dict[int, frozenset[str]]:
    """Block → establishments where companions are already accepted on its segments; it joins them or stays out."""
    roofs: dict[int, set[str]] = defaultdict(set)
    for accepted, waiting in _met_on_each_segment(tables):
        for block in waiting:
            if accepted:
                roofs[block].update(accepted)
    return {block: frozenset(houses) for block, houses in roofs.items()}


def _met_on_each_segment(tables: Tables) -> Iterator[tuple[list[str], list[int]]]:
    """For each group and segment: the establishments of accepted blocks, and the blocks not accepted yet."""
    accepted: dict[int, list[str]] = defaultdict(list)
    for line in tables.problem.frozen.placements:
        house = tables.offers[tables.offer_index[line.offer]].establishment
        accepted[tables.line_index(line)].append(house)
    wanted: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, block in enumerate(tables.blocks):
        group = tables.owner(index).together
        if group is not None:
            for segment in block.segments:
                wanted[group, segment].append(index)
    for blocks in wanted.values():
        houses = [house for block in blocks if block in accepted for house in accepted[block]]
        yield houses, [block for block in blocks if block not in accepted]
