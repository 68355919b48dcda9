"""What a coordinator with a telephone obtains: requests one after the other, the nearest answer that fits, no regret.

It is the measure of what proofs are worth, and gives generated problems their accepted lines. Every line is lawful.
"""

from collections.abc import Iterator
from enum import Enum

import numpy as np

from exchange.matching.commitments import TakenLoans, TakenPlaces
from exchange.matching.eligibility import Eligibility, examine
from exchange.matching.problem import Lines, LoanLine, Need, Problem, Situation
from exchange.matching.tables import Tables, tabulate
from exchange.matching.together import bound_blocks


class CallOrder(Enum):
    """Who is served first: whoever called first, or the most urgent (then whoever called first)."""

    CREATED = "created"
    URGENCY = "urgency"


def phone_chain(problem: Problem, order: CallOrder) -> Lines:
    """The lines of one round of calls, accepted lines first, both lists sorted.

    A request for staff asks each person, nearest first, for all the shifts that they can take. A situation asks each
    place, nearest first, for all the blocks that it can serve. Situations still without a full answer are tried once
    more at the end, since staff found meanwhile may have opened places. Accepted places are taken as open.
    """
    tables = tabulate(problem)
    eligibility = examine(tables)
    loans = TakenLoans(tables, eligibility)
    for line in problem.frozen.loans:
        loans.take(tables.volunteer_index[line.volunteer], tables.shift_index[line.shift])
    places = TakenPlaces(tables, eligibility, lambda offer, segment: _is_open(tables, loans, offer, segment))
    for placed in problem.frozen.placements:
        places.take(tables.line_index(placed), tables.offer_index[placed.offer])
    for request in _in_turn(problem, order):
        match request:
            case Need():
                _staff(tables, eligibility, loans, request)
            case Situation():
                _host(tables, eligibility, places, request)
    for request in _in_turn(problem, order):
        if isinstance(request, Situation):
            _host(tables, eligibility, places, request)
    _give_back_broken_groups(tables, places)
    return Lines(
        loans=tuple(sorted(LoanLine(tables.volunteers[who].id, tables.shifts[shift].id) for who, shift in loans.lines)),
        placements=tuple(sorted(tables.placement_line(block, offer) for block, offer in places.lines.items())),
    )


def _in_turn(problem: Problem, order: CallOrder) -> Iterator[Need | Situation]:
    requests: list[Need | Situation] = [*problem.needs, *problem.situations]
    first = {CallOrder.CREATED: 0, CallOrder.URGENCY: -1}[order]
    yield from sorted(requests, key=lambda request: (first * request.urgency, str(request.created), request.id))


def _staff(tables: Tables, eligibility: Eligibility, loans: TakenLoans, need: Need) -> None:
    shifts = [tables.shift_index[shift.id] for shift in sorted(need.shifts, key=lambda shift: (shift.start, shift.id))]
    if not shifts:
        return
    candidates = np.flatnonzero((eligibility.loans[:, shifts] == 0).any(axis=1)).tolist()
    for who in sorted(candidates, key=lambda who: (int(tables.loan_travel[who, shifts[0]]), who)):
        for shift in shifts:
            if (who, shift) not in loans.lines and loans.objection(who, shift) is None:
                loans.take(who, shift)


def _host(tables: Tables, eligibility: Eligibility, places: TakenPlaces, situation: Situation) -> None:
    blocks = [tables.block_index[situation.id, block.id] for block in situation.blocks]
    blocks.sort(key=lambda block: min(tables.blocks[block].segments))
    if not blocks:
        return
    candidates = np.flatnonzero((eligibility.placements[blocks] == 0).any(axis=0)).tolist()
    for offer in sorted(candidates, key=lambda offer: (int(tables.block_travel[blocks[0], offer]), offer)):
        for block in blocks:
            if places.objection(block, offer) is None:
                places.take(block, offer)


def _is_open(tables: Tables, loans: TakenLoans, offer: int, segment: int) -> bool:
    required = [one.shifts for one in tables.offers[offer].requires if one.segment == segment]
    indices = [tables.shift_index[shift] for shifts in required for _, shift in shifts]
    return all(loans.seats[index] >= tables.shifts[index].headcount for index in indices)


def _give_back_broken_groups(tables: Tables, places: TakenPlaces) -> None:
    """Persons to be kept together who could not all be hosted are hosted by nobody."""
    for bound in bound_blocks(tables):
        houses = {tables.offers[places.lines[block]].establishment for block in bound if block in places.lines}
        if len(houses) > 1 or any(block not in places.lines for block in bound):
            for block in bound:
                if block in places.lines:
                    places.give_back(block)
