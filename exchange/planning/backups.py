"""The next best offers of each block, once the plan has taken its own: ranks 2 and 3 of an answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from exchange.matching.eligibility import BoolArray, examine
from exchange.matching.plan import Plan
from exchange.matching.problem import PlacementLine, Problem
from exchange.matching.tables import Tables, tabulate

BACKUP_RANKS = (2, 3)


def backups_of(problem: Problem, plan: Plan) -> tuple[tuple[int, PlacementLine], ...]:
    """Return the backups of every block that the plan places, each with its rank.

    A backup is an offer that every rule allows for the block and that has room left on all its segments. Offers that
    serve more blocks of the person come first, then the nearest, then by id. Two persons may share a last free place
    as a backup: it is promised to nobody until it is held. Persons to be kept together have, at each rank, another
    establishment with room for all their blocks at once, or nothing.
    """
    tables = tabulate(problem)
    allowed = examine(tables).placements == 0
    free = _room_left(tables, plan)
    taken = {tables.line_index(line): {tables.offer_index[line.offer]} for line in plan.placements}
    found: list[tuple[int, PlacementLine]] = []
    groups = _groups(tables)
    for members in groups:
        for rank, roof in zip(BACKUP_RANKS, _other_roofs(tables, allowed, free, taken, members), strict=False):
            found += [(rank, _line(tables, block, offer)) for block, offer in roof.items()]
    grouped = {member for members in groups for member in members}
    for situation in sorted(set(range(len(tables.situations))) - grouped):
        blocks = [block for block in tables.blocks_of(situation) if block in taken]
        usable = {
            block: [
                offer
                for offer in map(int, np.flatnonzero(allowed[block]))
                if all(free[offer, segment] > 0 for segment in tables.blocks[block].segments)
            ]
            for block in blocks
        }
        reach = Counter(offer for offers in usable.values() for offer in offers)
        for rank in BACKUP_RANKS:
            for block in blocks:
                left = [offer for offer in usable[block] if offer not in taken[block]]
                if not left:
                    continue
                best = min(left, key=lambda offer: (-reach[offer], int(tables.block_travel[block, offer]), offer))
                taken[block].add(best)
                found.append((rank, _line(tables, block, best)))
    return tuple(found)


def _room_left(tables: Tables, plan: Plan) -> dict[tuple[int, int], int]:
    """What each offer still has on each segment; extra capacity counts where the plan covers what it requires."""
    seats = Counter(line.shift for line in plan.loans)
    covered = {shift.id for shift in tables.shifts if seats[shift.id] >= shift.headcount}
    free: dict[tuple[int, int], int] = defaultdict(int)
    for index, offer in enumerate(tables.offers):
        open_extras = {
            requirement.segment
            for requirement in offer.requires
            if all(shift in covered for _, shift in requirement.shifts)
        }
        for segment, capacity in enumerate(offer.capacity):
            free[index, segment] = capacity + (offer.extra_capacity[segment] if segment in open_extras else 0)
    for line in plan.placements:
        offer_index = tables.offer_index[line.offer]
        for segment in tables.blocks[tables.line_index(line)].segments:
            free[offer_index, segment] -= 1
    return free


def _line(tables: Tables, block: int, offer: int) -> PlacementLine:
    return PlacementLine(tables.owner(block).id, tables.blocks[block].id, tables.offers[offer].id)


def _groups(tables: Tables) -> list[list[int]]:
    members: dict[str, list[int]] = defaultdict(list)
    for index, situation in enumerate(tables.situations):
        if situation.together is not None:
            members[situation.together].append(index)
    return [group for group in members.values() if len(group) > 1]


def _other_roofs(
    tables: Tables,
    allowed: BoolArray,
    free: Mapping[tuple[int, int], int],
    taken: Mapping[int, set[int]],
    members: list[int],
) -> list[dict[int, int]]:
    """Block → offer in each establishment that the group does not use and that has room for all of it, nearest first.

    None for a group that the plan itself does not serve whole.
    """
    blocks = [block for member in members for block in tables.blocks_of(member)]
    if not all(block in taken for block in blocks):
        return []
    used = {tables.offers[offer].establishment for block in blocks for offer in taken[block]}
    found: list[tuple[int, str, dict[int, int]]] = []
    for house in {offer.establishment for offer in tables.offers} - used:
        here = [index for index, offer in enumerate(tables.offers) if offer.establishment == house]
        roof = _room_for_all(tables, allowed, free, blocks, here)
        if roof is not None:
            found.append((sum(int(tables.block_travel[pair]) for pair in roof.items()), house, roof))
    return [roof for _, _, roof in sorted(found, key=lambda each: each[:2])]


def _room_for_all(
    tables: Tables, allowed: BoolArray, free: Mapping[tuple[int, int], int], blocks: list[int], offers: list[int]
) -> dict[int, int] | None:
    wanted = {segment for block in blocks for segment in tables.blocks[block].segments}
    left = {(offer, segment): free[offer, segment] for offer in offers for segment in wanted}
    roof: dict[int, int] = {}
    for block in blocks:
        segments = tables.blocks[block].segments
        able = [o for o in offers if allowed[block, o] and all(left[o, segment] > 0 for segment in segments)]
        if not able:
            return None
        mine = {roof[other] for other in tables.blocks_of(int(tables.block_situation[block])) if other in roof}
        roof[block] = min(able, key=lambda offer: (offer not in mine, offer))
        for segment in segments:
            left[roof[block], segment] -= 1
    return roof
