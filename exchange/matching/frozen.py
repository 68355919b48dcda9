"""Accepted lines, checked one by one and together before the model is built around them.

Only one rule is left to the solver: a place that opens once a shift is covered, since loans not yet accepted may
still cover that shift.
"""

from dataclasses import dataclass

from exchange.matching.commitments import TakenLoans, TakenPlaces
from exchange.matching.eligibility import Eligibility
from exchange.matching.errors import refuse
from exchange.matching.tables import Tables


@dataclass(frozen=True, slots=True)
class Fixed:
    """Accepted lines as indices of `Tables`: loans (volunteer, shift), placements block → offer."""

    loans: frozenset[tuple[int, int]]
    placements: dict[int, int]


def accepted_lines(tables: Tables, eligibility: Eligibility) -> Fixed:
    """The frozen lines; raises `ProblemInvalid` naming the first line that breaks a rule."""
    lines = tables.problem.frozen
    loans = TakenLoans(tables, eligibility)
    for index, loan in enumerate(lines.loans):
        pair = tables.volunteer_index[loan.volunteer], tables.shift_index[loan.shift]
        objection = loans.objection(*pair)
        if objection is not None:
            refuse(f"frozen.loans[{index}]", objection)
        loans.take(*pair)
    places = TakenPlaces(tables, eligibility, is_open=lambda offer, segment: True)
    for index, line in enumerate(lines.placements):
        served = tables.block_index[line.situation, line.block], tables.offer_index[line.offer]
        objection = places.objection(*served)
        if objection is not None:
            refuse(f"frozen.placements[{index}]", objection)
        places.take(*served)
    return Fixed(frozenset(loans.lines), places.lines)


def open_lines(tables: Tables) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """The previous lines as pairs of indices (volunteer, shift) and (block, offer)."""
    lines = tables.problem.previous
    return (
        frozenset((tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in lines.loans),
        frozenset(
            (tables.block_index[line.situation, line.block], tables.offer_index[line.offer])
            for line in lines.placements
        ),
    )
