"""Who may serve what: the first refusal of every pair, in the order of the enums; 0 means that it is a candidate.

Rules that join several lines (rest between loans, weekly total, capacity shared, incompatibility, places per person,
persons kept together) are rows of the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange.matching.arrays import BoolArray, IntArray
from exchange.matching.loan_rules import LOAN_RULES, LoanRefusal
from exchange.matching.placement_rules import PLACEMENT_RULES, PlacementRefusal
from exchange.matching.tables import Tables

__all__ = [
    "LOAN_RULES",
    "PLACEMENT_RULES",
    "BoolArray",
    "Eligibility",
    "LoanRefusal",
    "PlacementRefusal",
    "examine",
]

CodeArray = NDArray[np.uint8]

_LOAN_CODES = tuple(LoanRefusal)
_PLACEMENT_CODES = tuple(PlacementRefusal)


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """First refusal of each pair, as 1 + its rank in the enum; 0 for a candidate.

    Shapes: `loans` volunteers × shifts, `placements` blocks × offers.
    """

    loans: CodeArray
    placements: CodeArray

    def loan_refusal(self, volunteer: int, shift: int) -> LoanRefusal | None:
        code = int(self.loans[volunteer, shift])
        return _LOAN_CODES[code - 1] if code else None

    def placement_refusal(self, block: int, offer: int) -> PlacementRefusal | None:
        code = int(self.placements[block, offer])
        return _PLACEMENT_CODES[code - 1] if code else None


def examine(tables: Tables) -> Eligibility:
    """Apply every rule to every pair."""
    return Eligibility(
        loans=_first_refusals(tables, [LOAN_RULES[refusal] for refusal in LoanRefusal], tables.loan_travel),
        placements=_first_refusals(tables, [PLACEMENT_RULES[one] for one in PlacementRefusal], tables.block_travel),
    )


def _first_refusals(tables: Tables, rules: Sequence[Callable[[Tables], BoolArray]], like: IntArray) -> CodeArray:
    """For each pair, 1 + the place of the first rule that refuses it, or 0; the shape of `like`."""
    # The largest of numbers that count down: many times faster than writing a code where a mask is true.
    latest = np.zeros(like.shape, dtype=np.uint8)
    for place, rule in enumerate(rules):
        np.maximum(latest, rule(tables).view(np.uint8) * np.uint8(len(rules) - place), out=latest)
    codes = np.array([0, *range(len(rules), 0, -1)], dtype=np.uint8)
    return codes[latest]
