"""Whether a block may be served in two parts, and at what price. Pure."""

from __future__ import annotations

from exchange.matching.cutting import LONGEST_CUT_SEGMENTS
from exchange.planning.ground import Ground, SeenSituation

MOST_PAIRS_TO_CUT = 20_000
"""Blocks × offers: a living area has about 5,000, and is proven in twice the time; a department would not be proven."""


def may_be_cut(ground: Ground, owner: SeenSituation, segments: tuple[int, ...]) -> bool:
    """Whether a problem may state a part of a block of this person."""
    return cut_price(ground) > 0 and owner.together_id is None and len(segments) <= LONGEST_CUT_SEGMENTS


def cut_price(ground: Ground) -> int:
    """The price of a block in two parts, 0 where none may be: the community's choice, or a territory too wide."""
    pairs = len(ground.offers) * sum(len(one.blocks) for one in ground.situations.values())
    return ground.split_minutes if pairs <= MOST_PAIRS_TO_CUT else 0
