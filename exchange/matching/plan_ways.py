"""The ways that go with a plan: those of its heaviest unmet items; the others wait until somebody asks for them."""

from collections.abc import Callable
from dataclasses import replace

from exchange.matching.plan import Plan, UnmetBlock, UnmetShift
from exchange.matching.relaxation import ways_for_block, ways_for_shift
from exchange.matching.standing import Standing
from exchange.matching.ways import Way

MOST_ITEMS = 12
"""Counted in items, so that the same problem gives the same file: each takes about a hundredth of a second."""


def with_ways(
    plan: Plan, standing: Standing, most_items: int = MOST_ITEMS, *, is_late: Callable[[], bool] = lambda: False
) -> Plan:
    """The plan, with `relaxations` for the unmet items that weigh most; a coupled shift weighs nothing and has none.

    `is_late` is asked before each item, the heaviest first: from then on the others are left without.
    """
    weighed = sorted((-_weight(standing, item), rank) for rank, item in enumerate(plan.unmet))
    unmet = list(plan.unmet)
    for weight, rank in weighed[:most_items]:
        if weight == 0 or is_late():
            break
        unmet[rank] = replace(unmet[rank], relaxations=_ways(standing, unmet[rank]))
    return replace(plan, unmet=tuple(unmet))


def _ways(standing: Standing, item: UnmetBlock | UnmetShift) -> tuple[Way, ...]:
    if isinstance(item, UnmetShift):
        return ways_for_shift(standing, standing.tables.shift_index[item.shift])
    block = standing.tables.block_index[item.situation, item.block]
    return ways_for_block(standing, next(one for one in standing.unserved if standing.tables.cut_from[one] == block))


def _weight(standing: Standing, item: UnmetBlock | UnmetShift) -> int:
    tables = standing.tables
    if isinstance(item, UnmetShift):
        return int(tables.seat_weight[tables.shift_index[item.shift]]) * item.missing
    block = tables.block_index[item.situation, item.block]
    return int(tables.block_weight[block] + tables.situation_weight[tables.block_situation[block]])
