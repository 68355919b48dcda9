"""Shifts against periods of people, inside or too near: worked out once per distinct slot of a shift.

Many shifts of a territory have the same hours, so a rule on hours alone is judged on distinct slots, then spread.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.problem import Period

ShortArray = NDArray[np.int32]


def inside_a_period(starts: IntArray, ends: IntArray, periods: Sequence[Sequence[Period]]) -> BoolArray:
    """Persons × shifts: whether the shift lies inside ONE of the person's periods, edges included."""
    slots, shift_slot = np.unique(np.stack([starts, ends]), axis=1, return_inverse=True)
    starts_of, ends_of = slots.astype(np.int32)
    busiest_first, ranks = _by_rank(periods)
    inside = np.zeros((len(periods), slots.shape[1]), dtype=bool)
    for ranked in ranks:
        opens, closes = ranked[:, :1], ranked[:, 1:2]
        inside[: len(ranked)] |= (opens <= starts_of) & (ends_of <= closes)
    return _spread(inside, busiest_first, shift_slot)


def too_near_own_work(
    starts: IntArray, ends: IntArray, alike: IntArray, due: IntArray, own: Sequence[Sequence[tuple[int, int, bool]]]
) -> BoolArray:
    """Persons × shifts: whether less than the rest due separates the shift from some own work of the person.

    `due`: persons × shifts, minutes, the same for all shifts with the same value of `alike`. `own`: start, end, and
    whether this work is no obstacle to a shift that lies inside it.
    """
    keys = np.stack([starts, ends, alike])
    slots, first, shift_slot = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    busiest_first, ranks = _by_rank(own)
    rest = due[np.ix_(busiest_first, first)]
    starts_of, ends_of = slots[:2].astype(np.int32)
    rested_from, rested_until = (starts_of - rest).astype(np.int32), (ends_of + rest).astype(np.int32)
    near = np.zeros(rest.shape, dtype=bool)
    for ranked in ranks:
        opens, closes, yields = ranked[:, :1], ranked[:, 1:2], ranked[:, 2:]
        some = len(ranked)
        too_near = (rested_from[:some] < closes) & (opens < rested_until[:some])
        if yields.any():
            too_near &= ~((yields > 0) & (opens <= starts_of) & (ends_of <= closes))
        near[:some] |= too_near
    return _spread(near, busiest_first, shift_slot)


def _by_rank(periods: Sequence[Sequence[tuple[int, ...]]]) -> tuple[IntArray, list[ShortArray]]:
    """Persons, those with most periods first; then the first period of each, the second of all who have one…

    Each rank has one row per person, for the first persons of that order.
    """
    counts = np.array([len(owned) for owned in periods], dtype=np.int64)
    busiest_first = np.argsort(-counts, kind="stable")
    ordered = [periods[row] for row in busiest_first.tolist()]
    ranks = []
    for rank in range(max(map(len, periods), default=0)):
        owners = int(np.count_nonzero(counts > rank))
        ranks.append(np.array([owned[rank] for owned in ordered[:owners]], dtype=np.int32))
    return busiest_first, ranks


def _spread(judged: BoolArray, busiest_first: IntArray, shift_slot: IntArray) -> BoolArray:
    """From the order of `_by_rank` and distinct slots back to persons × shifts."""
    return judged[np.argsort(busiest_first)][:, shift_slot.ravel()]
