"""The cheapest point of a programme, with its proof.

A programme whose relaxation is nearly whole (coverage) is guided by it from the start; another (burden) is first given
to the search as it is, which an ordinary living area closes in half a second, and is guided only where that is not
enough (both measured: see the decision on the formulation).

Guided: on a wide programme, a dive keeps what the relaxation takes whole, drops what it finds dear, and searches the
small rest: nearly always a good plan, and soon. Then every column that no cheaper plan can use is held still by its
reduced cost, and only strictly cheaper plans are looked for: finding none is the proof. Where that does not end, cuts
tighten the relaxation, a narrower search around it tightens what "cheaper" means, and the last search has all that is
left.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.limits import Spending
from exchange.matching.linear import FloatArray, Relaxation, relax
from exchange.matching.objective import Costs
from exchange.matching.programme import Programme
from exchange.matching.search import Found, search

Strengthen = Callable[[Programme, FloatArray], Programme | None]

_WHOLE = 1 - 1e-6
_MOST_ROUNDS_OF_CUTS = 8
# A round of cuts that moves the bound by less than this share of it is the last one.
_LEAST_PROGRESS = 2e-4
# Columns from which a dive is worth its search: a living area, of 2,000 to 3,000, closes as soon without (measured).
_WIDE = 4_500
# The dive drops what would raise the bound by more than this share of it.
_DEAR = 0.01
# The narrow search keeps the columns within this share of the gap.
_NARROW = 0.3
# Shares of the limits. A department closes within the direct one, which a quarter would cut (measured).
_DIRECT_SHARE, _DIVE_SHARE, _FIRST_SHARE, _NARROW_SHARE = 0.8, 0.4, 0.5, 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Least:
    """`cost`: of the cheapest plan known; `point`: that plan, where it was found here; `bound`: no point costs less."""

    point: IntArray | None
    cost: int
    bound: int

    @property
    def is_proven(self) -> bool:
        return self.cost <= self.bound

    def at_least(self, bound: int) -> "Least":
        """The same plan under a bound that may be higher."""
        return Least(self.point, self.cost, max(self.bound, bound))


def least(
    programme: Programme,
    costs: Costs,
    spending: Spending,
    share: float,
    *,
    known: int,
    strengthen: Strengthen,
    is_nearly_whole: bool,
) -> Least:
    """Minimise `costs`, nowhere negative, within `share` of the limits; `known`: the cost of a plan at hand.

    `is_nearly_whole`: the relaxation is expected to take nearly everything whole or not at all. Where a known plan is
    already the cheapest, `point` is `None`, and `cost` and `bound` are its cost.
    """
    best = Least(None, known, 0)
    if not is_nearly_whole:
        best = _closed(programme, None, costs, spending, share * _DIRECT_SHARE, best)
    relaxed = None if best.is_proven else relax(programme, costs, spending.left(share)[1])
    if relaxed is None:
        return best if best.is_proven else _closed(programme, None, costs, spending, share, best)
    best = best.at_least(relaxed.bound)
    if not best.is_proven and is_nearly_whole and programme.width >= _WIDE:
        best = _better(best, search(_dived(programme, relaxed), costs, spending, share * _DIVE_SHARE), costs)
    if not best.is_proven and is_nearly_whole:
        best = _closed(programme, relaxed, costs, spending, share * _FIRST_SHARE, best)
    if not best.is_proven:
        programme, relaxed = _tightened(programme, relaxed, costs, spending, share, strengthen)
        best = best.at_least(relaxed.bound)
    if not best.is_proven:
        around = relaxed.priced_out(programme, best.bound + max(int((best.cost - best.bound) * _NARROW), 1))
        best = _better(best, search(around, costs, spending, share * _NARROW_SHARE), costs)
    return best if best.is_proven else _closed(programme, relaxed, costs, spending, share, best)


def _tightened(
    programme: Programme,
    relaxed: Relaxation,
    costs: Costs,
    spending: Spending,
    share: float,
    strengthen: Strengthen,
) -> tuple[Programme, Relaxation]:
    for _ in range(_MOST_ROUNDS_OF_CUTS):
        stronger = strengthen(programme, relaxed.point)
        again = relax(stronger, costs, spending.left(share)[1]) if stronger is not None else None
        if stronger is None or again is None:
            break
        progress = again.bound - relaxed.bound
        programme, relaxed = stronger, again
        if progress <= _LEAST_PROGRESS * relaxed.bound:
            break
    return programme, relaxed


def _dived(programme: Programme, relaxed: Relaxation) -> Programme:
    """What the relaxation takes whole is taken, what it finds dear is left."""
    cheap = relaxed.priced_out(programme, relaxed.bound + int(relaxed.bound * _DEAR) + 1)
    whole = (relaxed.point > _WHOLE) & (programme.upper == 1)
    return cheap.within(np.where(whole, 1, cheap.lower), np.where(whole, 1, cheap.upper))


def _better(best: Least, found: Found, costs: Costs) -> Least:
    if found.point is None or costs.of(found.point) >= best.cost:
        return best
    return Least(found.point, costs.of(found.point), best.bound)


def _closed(
    programme: Programme, relaxed: Relaxation | None, costs: Costs, spending: Spending, share: float, best: Least
) -> Least:
    """Look for a strictly cheaper point among the columns that one could use."""
    left = programme if relaxed is None else relaxed.priced_out(programme, best.cost)
    found = search(left, costs, spending, share, below=best.cost)
    better = _better(best, found, costs)
    # What was left out costs at least what was known.
    return better.at_least(better.cost if found.is_closed else min(found.bound, best.cost))
