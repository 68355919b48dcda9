"""A linear programme in whole numbers, kept as arrays: every solver reads the same one, and so does every proof.

Minimise a cost over `lower <= x <= upper`, `row_lower <= A x <= row_upper`, every x an integer. `A` is stored by rows:
the entries of row i are `columns[starts[i]:starts[i + 1]]` with the coefficients `values` at the same positions.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import IntArray

FREE = 2**62
"""Stands for "no limit on this side" of a row."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Shapes: `lower`, `upper` one entry per column, `row_lower`, `row_upper` per row, `starts` rows + 1."""

    lower: IntArray
    upper: IntArray
    starts: IntArray
    columns: IntArray
    values: IntArray
    row_lower: IntArray
    row_upper: IntArray

    @property
    def width(self) -> int:
        return len(self.upper)

    @property
    def height(self) -> int:
        return len(self.row_lower)

    def row_of_entries(self) -> IntArray:
        """The row of each stored entry."""
        return np.repeat(np.arange(self.height), np.diff(self.starts))

    def with_rows(self, more: "Programme") -> "Programme":
        """This programme and the rows of another, which speak of this one's columns."""
        return Programme(
            lower=self.lower,
            upper=self.upper,
            starts=np.concatenate((self.starts, more.starts[1:] + self.starts[-1])),
            columns=np.concatenate((self.columns, more.columns)),
            values=np.concatenate((self.values, more.values)),
            row_lower=np.concatenate((self.row_lower, more.row_lower)),
            row_upper=np.concatenate((self.row_upper, more.row_upper)),
        )

    def with_row(self, per_column: IntArray, at_most: int) -> "Programme":
        """This programme and one more row: `per_column · x <= at_most`."""
        used = np.flatnonzero(per_column)
        builder = ProgrammeBuilder()
        builder.add_row(used, per_column[used], -FREE, at_most)
        return self.with_rows(builder.finished())

    def within(self, lower: IntArray, upper: IntArray) -> "Programme":
        """The same rows over other bounds of the columns."""
        return Programme(lower, upper, self.starts, self.columns, self.values, self.row_lower, self.row_upper)

    def activity(self, x: IntArray) -> IntArray:
        """`A x`, one entry per row."""
        total = np.zeros(self.height, dtype=np.int64)
        np.add.at(total, self.row_of_entries(), self.values * x[self.columns])
        return total


class ProgrammeBuilder:
    """Columns and rows added in bulk, in the order in which the rules ask for them."""

    def __init__(self) -> None:
        self._lower: list[IntArray] = []
        self._upper: list[IntArray] = []
        self._entries: list[tuple[IntArray, IntArray, IntArray]] = []
        self._sides: list[tuple[IntArray, IntArray]] = []
        self._width = 0
        self._height = 0

    def add_columns(self, upper: IntArray) -> IntArray:
        """New columns from 0 to `upper`; returns their numbers."""
        numbers = np.arange(self._width, self._width + len(upper))
        self._lower.append(np.zeros(len(upper), dtype=np.int64))
        self._upper.append(np.asarray(upper, dtype=np.int64))
        self._width += len(upper)
        return numbers

    def add_choices(self, count: int) -> IntArray:
        """New columns from 0 to 1; returns their numbers."""
        return self.add_columns(np.ones(count, dtype=np.int64))

    def add_rows(
        self,
        rows: IntArray,
        columns: IntArray,
        values: IntArray | int,
        lower: IntArray | int,
        upper: IntArray | int,
        count: int | None = None,
    ) -> None:
        """New rows, given by entries: `rows` numbers them from 0 within this call, in any order."""
        if count is None:
            count = int(rows.max()) + 1 if len(rows) else 0
        if count == 0:
            return
        self._entries.append((rows + self._height, columns, _spread(values, len(rows))))
        self._sides.append((_spread(lower, count), _spread(upper, count)))
        self._height += count

    def add_row(self, columns: Iterable[int] | IntArray, values: IntArray | int, lower: int, upper: int) -> None:
        """One more row."""
        used = np.fromiter(columns, dtype=np.int64) if not isinstance(columns, np.ndarray) else columns
        self.add_rows(np.zeros(len(used), dtype=np.int64), used, values, lower, upper, count=1)

    def finished(self) -> Programme:
        """The programme, its entries sorted by row, then column."""
        rows = _joined([entry[0] for entry in self._entries])
        columns = _joined([entry[1] for entry in self._entries])
        values = _joined([entry[2] for entry in self._entries])
        order = np.lexsort((columns, rows))
        counts = np.bincount(rows, minlength=self._height)
        return Programme(
            lower=_joined(self._lower),
            upper=_joined(self._upper),
            starts=np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts))),
            columns=columns[order],
            values=values[order],
            row_lower=_joined([side[0] for side in self._sides]),
            row_upper=_joined([side[1] for side in self._sides]),
        )


def _spread(value: IntArray | int, count: int) -> IntArray:
    """One number for each of `count` entries, or the array of them as it is."""
    return value if isinstance(value, np.ndarray) else np.full(count, value, dtype=np.int64)


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
