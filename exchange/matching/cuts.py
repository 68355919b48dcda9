"""Rows that every lawful plan obeys and that the relaxation does not yet: they close most of its gap.

Both kinds round a row down after dividing it (Chvátal-Gomory): no plan is lost, whatever the prices. Without them the
relaxation shares one person between two halves of a schedule, or three shifts between three people at a half each.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.formulation import Formulation
from exchange.matching.linear import FloatArray
from exchange.matching.loans import loan_minutes, week_minutes
from exchange.matching.programme import FREE, Programme, ProgrammeBuilder
from exchange.matching.tables import Tables

Cut = tuple[IntArray, IntArray, int]
"""Columns, coefficients, and the most that their sum may be."""

_VIOLATED = 1e-3
# Three shifts say most of it; five add little (measured).
_SHIFTS_OF_A_CUT = 3
_MOST_SHIFTS_OF_A_NEED = 24


class Cutter:
    """Finds rows that a point violates; the rows on which it looks are read once from the formulation."""

    def __init__(self, tables: Tables, formulation: Formulation) -> None:
        self._minutes = list(_minutes_of_persons(tables, formulation))
        self._seats = list(_seats_of_needs(tables, formulation))

    def strengthened(self, programme: Programme, point: FloatArray) -> Programme | None:
        """The programme with the rows that `point` violates; `None` where there is none."""
        found = [*self._rounded_minutes(point), *self._shared_seats(point)]
        if not found:
            return None
        builder = ProgrammeBuilder()
        for columns, values, most in found:
            builder.add_row(columns, values, -FREE, most)
        return programme.with_rows(builder.finished())

    def _rounded_minutes(self, point: FloatArray) -> Iterator[Cut]:
        """Of `sum(minutes) <= limit`: so many shifts at least as long as a divisor, at most."""
        for columns, minutes, limit in self._minutes:
            taken = point[columns]
            if not taken.any():
                continue
            worst: tuple[float, Cut] | None = None
            shares = {limit // (count + 1) + 1 for count in range(1, 7)}
            for divisor in sorted(shares | set(minutes.tolist())):
                rounded = minutes // divisor
                beyond = float(rounded @ taken) - limit // divisor
                if beyond > _VIOLATED:
                    beyond /= float(np.sqrt((rounded * rounded).sum()))
                    if worst is None or beyond > worst[0]:
                        used = np.flatnonzero(rounded)
                        worst = (beyond, (columns[used], rounded[used], limit // divisor))
            if worst is not None:
                yield worst[1]

    def _shared_seats(self, point: FloatArray) -> Iterator[Cut]:
        """Of three shifts with an odd number of seats: people who take two of them fill half of it, rounded down.

        Subset-row inequalities (Jepsen, Petersen, Spoorendonk, Pisinger 2008).
        """
        for columns, takes, headcounts in self._seats:
            taken = point[columns]
            for chosen in combinations(range(len(headcounts)), _SHIFTS_OF_A_CUT):
                seats = sum(headcounts[shift] for shift in chosen)
                if seats % 2 == 0:
                    continue
                rounded = takes[:, chosen].sum(axis=1) // 2
                if float(rounded @ taken) > seats // 2 + _VIOLATED:
                    used = np.flatnonzero(rounded)
                    yield columns[used], rounded[used], seats // 2


def _minutes_of_persons(tables: Tables, formulation: Formulation) -> Iterator[tuple[IntArray, IntArray, int]]:
    """The rows on minutes: columns of one person, minutes that each takes, and the most of them."""
    for sums in (loan_minutes(tables, formulation.loans), week_minutes(tables, formulation.loans)):
        starts = np.searchsorted(sums.row, np.arange(len(sums.limit) + 1)).tolist()
        for row, limit in enumerate(sums.limit.tolist()):
            held = slice(starts[row], starts[row + 1])
            yield sums.columns[held], sums.values[held], limit


def _seats_of_needs(tables: Tables, formulation: Formulation) -> Iterator[tuple[IntArray, IntArray, tuple[int, ...]]]:
    """Per need: its columns of two shifts or more, which shifts each takes (columns × shifts), and the headcounts."""
    loans = formulation.loans
    columns = loans.columns
    sizes = np.bincount(columns.column, minlength=len(columns))
    several = columns.is_pattern & (sizes > 1)
    for need in np.unique(columns.need[several]).tolist():
        listed = np.flatnonzero(several & (columns.need == need))
        entries = np.flatnonzero(np.isin(columns.column, listed))
        shifts, place = np.unique(columns.shift[entries], return_inverse=True)
        if not _SHIFTS_OF_A_CUT <= len(shifts) <= _MOST_SHIFTS_OF_A_NEED:
            continue
        takes = np.zeros((len(listed), len(shifts)), dtype=np.int64)
        takes[np.searchsorted(listed, columns.column[entries]), place] = 1
        yield loans.chosen[listed], takes, tuple(tables.shifts[shift].headcount for shift in shifts.tolist())
