"""What the rows on loans speak of: the programme's columns that stand for loans, and their shifts."""

from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.columns import LoanColumns


@dataclass(frozen=True, slots=True, eq=False)
class LoanVariables:
    """Numbers of the programme's columns: `chosen[k]` takes loan column k, `missing[s]` counts empty seats of shift s.

    `full[s]`, where a place rests on shift s, can be 1 only where the shift misses nobody; -1 elsewhere.
    `used[j]`: 1 where the pair `used_pairs[j]` (volunteer, need), priced by single shifts, serves at all.
    """

    columns: LoanColumns
    chosen: IntArray
    missing: IntArray
    full: IntArray
    used: IntArray
    used_pairs: IntArray

    @property
    def entries(self) -> IntArray:
        """The programme's column of each (loan column, shift) entry."""
        return self.chosen[self.columns.column]


def by_person(loans: LoanVariables) -> list[IntArray]:
    """Entries (column, shift) of each person who has any."""
    who = loans.columns.who[loans.columns.column]
    order = np.argsort(who, kind="stable")
    return [part for part in np.split(order, np.flatnonzero(np.diff(who[order])) + 1) if len(part)]
