"""Accepted lines, checked one by one and together before the model is built around them.

Only one rule is left to the solver: a place that opens once a shift is covered, since loans not yet accepted may
still cover that shift.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from exchange.matching.commitments import TakenLoans, TakenPlaces
from exchange.matching.eligibility import Eligibility
from exchange.matching.errors import refuse
from exchange.matching.tables import Tables

_LEFT_NOTHING = 255
"""Refused by accepted lines: no code of a rule, and never told."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Accepted lines as indices of `Tables`: loans (volunteer, shift), placements block or part → offer."""

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
        served = tables.line_index(line), tables.offer_index[line.offer]
        objection = places.objection(*served)
        if objection is not None:
            refuse(f"frozen.placements[{index}]", objection)
        places.take(*served)
    return Fixed(frozenset(loans.lines), places.lines)


def remaining(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> Eligibility:
    """The candidates that accepted lines leave: the programme of a plan half accepted is half as large.

    Only what no plan can use is refused, whatever the code of the refusal: seats all taken, people without rest
    around what they accepted, blocks placed, offers full.
    """
    loans, placements = eligibility.loans.copy(), eligibility.placements.copy()
    filled = np.zeros(len(tables.shifts), dtype=np.int64)
    for who, shift in fixed.loans:
        filled[shift] += 1
        due = np.maximum(tables.rest_minutes[who], tables.rest_minutes[who, shift])
        after = tables.shift_start >= tables.shift_end[shift] + due
        before = tables.shift_start[shift] >= tables.shift_end + due
        loans[who, ~(after | before)] = _LEFT_NOTHING
    headcount = np.array([shift.headcount for shift in tables.shifts], dtype=np.int64)
    loans[:, filled >= headcount] = _LEFT_NOTHING
    held = Counter(
        (offer, segment) for block, offer in fixed.placements.items() for segment in tables.blocks[block].segments
    )
    for (offer, segment), persons in held.items():
        if persons >= tables.offers[offer].capacity[segment] + tables.offers[offer].extra_capacity[segment]:
            wanting = [rank for rank, one in enumerate(tables.blocks) if segment in one.segments]
            placements[wanting, offer] = _LEFT_NOTHING
    for pair in fixed.loans:
        loans[pair] = 0
    for block in fixed.placements:
        placements[tables.rivals(block)] = _LEFT_NOTHING
    for line in fixed.placements.items():
        placements[line] = 0
    return Eligibility(loans, placements)


def open_lines(tables: Tables) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """The previous lines as pairs of indices (volunteer, shift) and (block, offer)."""
    lines = tables.problem.previous
    return (
        frozenset((tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in lines.loans),
        frozenset((tables.line_index(line), tables.offer_index[line.offer]) for line in lines.placements),
    )
