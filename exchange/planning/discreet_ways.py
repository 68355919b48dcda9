"""What one reader may know of a way to cover an unmet item: their own people by id, of everybody else the code alone.

Apart from `discretion`, so that the doors, which tell ways, load no explanation and none of its arrays. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exchange.matching.ways import COSTS, Change, Way


def own_way(way: Way, is_own: Callable[[str], bool], *, people: bool) -> Way:
    """Return a way without the people of others, who may be had by it all the same: their changes keep their code.

    `people`: it is about the people of a need, and its placements, which name situations, go too.
    """
    changes = tuple(_own_change(change, is_own) for change in way.changes)
    return replace(
        way,
        cost=sum(change.cost for change in changes),
        changes=changes,
        loans=tuple(line for line in way.loans if is_own(line.volunteer)),
        placements=() if people else way.placements,
    )


def _own_change(change: Change, is_own: Callable[[str], bool]) -> Change:
    """Somebody else's change keeps its code alone: minutes, hours, or a cost that counts them, would tell who."""
    if change.volunteer is None or is_own(change.volunteer):
        return change
    return Change(change.code, COSTS[change.code])
