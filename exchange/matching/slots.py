"""Shifts against periods of people: everything inside, or too near, worked out once per distinct slot of a shift.

Many shifts of a territory have the same hours, so a rule on hours alone is judged on distinct slots, then spread.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.problem import Period
from exchange.matching.tables import Tables

ShortArray = NDArray[np.int32]


def inside_a_period(tables: Tables, periods: Sequence[Sequence[Period]]) -> BoolArray:
    """Volunteers × shifts: whether the shift lies inside ONE of the volunteer's periods, edges included."""
    slots, shift_slot = np.unique(np.stack([tables.shift_start, tables.shift_end]), axis=1, return_inverse=True)
    starts, ends = slots.astype(np.int32)
    busiest_first, ranks = _by_rank(periods)
    inside = np.zeros((len(periods), len(starts)), dtype=bool)
    for opens, closes in ranks:
        inside[: len(opens)] |= (opens <= starts) & (ends <= closes)
    return _spread(inside, busiest_first, shift_slot)


def too_near_a_period(tables: Tables, periods: Sequence[Sequence[Period]]) -> BoolArray:
    """Volunteers × shifts: whether less than the rest due separates the shift from some of the volunteer's periods."""
    # The rest due on a shift depends on the host's rules, so shifts of one slot have these in common too.
    keys = np.stack([tables.shift_start, tables.shift_end, tables.shift_rules])
    slots, first, shift_slot = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    busiest_first, ranks = _by_rank(periods)
    due = tables.rest_minutes[np.ix_(busiest_first, first)]
    rested_from, rested_until = (slots[0] - due).astype(np.int32), (slots[1] + due).astype(np.int32)
    near = np.zeros(due.shape, dtype=bool)
    for opens, closes in ranks:
        some = len(opens)
        near[:some] |= (rested_from[:some] < closes) & (opens < rested_until[:some])
    return _spread(near, busiest_first, shift_slot)


def _by_rank(periods: Sequence[Sequence[Period]]) -> tuple[IntArray, list[tuple[ShortArray, ShortArray]]]:
    """Volunteers, those with most periods first; then the first period of each, the second of all who have one…

    Each rank is a pair of columns, starts and ends, for the first volunteers of that order.
    """
    counts = np.array([len(owned) for owned in periods], dtype=np.int64)
    busiest_first = np.argsort(-counts, kind="stable")
    ordered = [periods[row] for row in busiest_first.tolist()]
    ranks = []
    for rank in range(max(map(len, periods), default=0)):
        owners = int(np.count_nonzero(counts > rank))
        pairs = np.array([owned[rank] for owned in ordered[:owners]], dtype=np.int32)
        ranks.append((pairs[:, :1], pairs[:, 1:]))
    return busiest_first, ranks


def _spread(judged: BoolArray, busiest_first: IntArray, shift_slot: IntArray) -> BoolArray:
    """From the order of `_by_rank` and distinct slots back to volunteers × shifts."""
    return judged[np.argsort(busiest_first)][:, shift_slot.ravel()]
