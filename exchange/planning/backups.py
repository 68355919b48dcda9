"""The next best offers of each block, once the plan has taken its own: ranks 2 and 3 of an answer."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from exchange.matching.eligibility import examine
from exchange.matching.plan import Plan
from exchange.matching.problem import PlacementLine, Problem
from exchange.matching.tables import Tables, tabulate

BACKUP_RANKS = (2, 3)


def backups_of(problem: Problem, plan: Plan) -> tuple[tuple[int, PlacementLine], ...]:
    """Return the backups of every block that the plan places, each with its rank.

    A backup is an offer that every rule allows for the block and that has room left on all its segments. Offers that
    serve more blocks of the person come first, then the nearest, then by id. Two persons may share a last free place
    as a backup: it is promised to nobody until it is held.
    """
    tables = tabulate(problem)
    allowed = examine(tables).placements == 0
    free = _room_left(tables, plan)
    taken = {
        tables.block_index[line.situation, line.block]: {tables.offer_index[line.offer]} for line in plan.placements
    }
    found: list[tuple[int, PlacementLine]] = []
    for situation in range(len(tables.situations)):
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
                found.append((rank, _line(tables, situation, block, best)))
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
        for segment in tables.blocks[tables.block_index[line.situation, line.block]].segments:
            free[offer_index, segment] -= 1
    return free


def _line(tables: Tables, situation: int, block: int, offer: int) -> PlacementLine:
    return PlacementLine(tables.situations[situation].id, tables.blocks[block].id, tables.offers[offer].id)
