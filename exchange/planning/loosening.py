"""A promise that today's rules would refuse stays promised: it is taken off the problem instead of being argued with.

A director may have said yes to a near miss, a limit may have been lowered since, a stay may have begun: the matcher
refuses a problem whose accepted lines break a rule, so such a line is turned into the room that it takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from exchange.matching.errors import ProblemInvalid
from exchange.matching.figures import WEEK_MINUTES
from exchange.matching.problem import Block, Lines, LoanLine, Offer, PlacementLine, Problem, Situation, Volunteer

_LINE = re.compile(r"frozen\.(loans|placements)\[(\d+)\]")
_Line = TypeVar("_Line", LoanLine, PlacementLine)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A problem and how many of its first frozen lines are promises; the rest are open proposals."""

    problem: Problem
    promised_loans: int
    promised_placements: int


def without_refused_line(accepted: Accepted, refusal: ProblemInvalid) -> Accepted | None:
    """Return the problem without the accepted line that a rule refuses; nothing where the fault lies elsewhere.

    An open proposal is simply dropped: its block or seat is asked for again.
    """
    found = _LINE.match(refusal.key)
    if found is None:
        return None
    index = int(found[2])
    frozen = accepted.problem.frozen
    if found[1] == "loans":
        loans = _but(frozen.loans, index)
        problem = replace(accepted.problem, frozen=Lines(loans, frozen.placements))
        if index >= accepted.promised_loans:
            return replace(accepted, problem=problem)
        return replace(
            accepted,
            problem=_with_seat_taken(problem, frozen.loans[index]),
            promised_loans=accepted.promised_loans - 1,
        )
    placements = _but(frozen.placements, index)
    problem = replace(accepted.problem, frozen=Lines(frozen.loans, placements))
    if index >= accepted.promised_placements:
        return replace(accepted, problem=problem)
    return replace(
        accepted,
        problem=_with_place_taken(problem, frozen.placements[index]),
        promised_placements=accepted.promised_placements - 1,
    )


def _but(lines: tuple[_Line, ...], index: int) -> tuple[_Line, ...]:
    return lines[:index] + lines[index + 1 :]


def _with_seat_taken(problem: Problem, line: LoanLine) -> Problem:
    """One seat less to fill, and a person busy at that time as with the employer's own shifts."""
    start, end = next((s.start, s.end) for need in problem.needs for s in need.shifts if s.id == line.shift)
    needs = tuple(
        replace(
            need,
            shifts=tuple(
                replace(shift, headcount=max(0, shift.headcount - 1)) if shift.id == line.shift else shift
                for shift in need.shifts
            ),
        )
        for need in problem.needs
    )
    volunteers = tuple(
        _busy(volunteer, start, end) if volunteer.id == line.volunteer else volunteer
        for volunteer in problem.volunteers
    )
    return replace(problem, needs=needs, volunteers=volunteers)


def _busy(volunteer: Volunteer, start: int, end: int) -> Volunteer:
    week = start // WEEK_MINUTES
    done = tuple(
        minutes + (end - start if index == week else 0) for index, minutes in enumerate(volunteer.week_minutes_done)
    )
    return replace(
        volunteer,
        own_shifts=(*volunteer.own_shifts, (start, end)),
        week_minutes_done=done,
        max_loan_minutes=max(0, volunteer.max_loan_minutes - (end - start)),
    )


def _with_place_taken(problem: Problem, line: PlacementLine) -> Problem:
    """One place less on each segment of the line, and a block less to place, or the rest of it alone.

    Who must stay with that person, on a segment of the block, may still join them there, and goes nowhere else.
    """
    asked = next(
        block.segments
        for situation in problem.situations
        if situation.id == line.situation
        for block in situation.blocks
        if block.id == line.block
    )
    segments = line.segments or asked
    rest = tuple(segment for segment in asked if segment not in segments)
    situations = tuple(
        replace(situation, blocks=_left_to_place(situation.blocks, line.block, rest))
        if situation.id == line.situation
        else situation
        for situation in problem.situations
    )
    situations = tuple(_joining(problem, situation, line, frozenset(segments)) for situation in situations)
    offers = tuple(_fuller(offer, segments) if offer.id == line.offer else offer for offer in problem.offers)
    kept = frozenset(situation.id for situation in situations if situation.blocks)
    return replace(
        problem,
        frozen=_of_the_rest(problem.frozen, line, rest),
        previous=_of_the_rest(problem.previous, line, rest),
        offers=offers,
        situations=tuple(
            replace(situation, incompatible_with=tuple(other for other in situation.incompatible_with if other in kept))
            for situation in situations
            if situation.id in kept
        ),
    )


def _left_to_place(blocks: tuple[Block, ...], name: str, rest: tuple[int, ...]) -> tuple[Block, ...]:
    left = (replace(block, segments=rest) if block.id == name else block for block in blocks)
    return tuple(block for block in left if block.segments)


def _of_the_rest(lines: Lines, taken: PlacementLine, rest: tuple[int, ...]) -> Lines:
    """The lines on the rest of the block, which is now a whole one."""
    return Lines(
        lines.loans,
        tuple(
            replace(line, segments=()) if _same_block(line, taken) and set(line.segments) == set(rest) else line
            for line in lines.placements
        ),
    )


def _same_block(one: PlacementLine, other: PlacementLine) -> bool:
    return (one.situation, one.block) == (other.situation, other.block)


def _joining(problem: Problem, situation: Situation, line: PlacementLine, segments: frozenset[int]) -> Situation:
    group = next(one.together for one in problem.situations if one.id == line.situation)
    concerned = any(not segments.isdisjoint(block.segments) for block in situation.blocks)
    if group is None or situation.together != group or situation.id == line.situation or not concerned:
        return situation
    house = next(offer.establishment for offer in problem.offers if offer.id == line.offer)
    elsewhere = {one.id for one in problem.establishments if one.id != house}
    return replace(situation, excluded_establishments=tuple(sorted(elsewhere.union(situation.excluded_establishments))))


def _fuller(offer: Offer, segments: tuple[int, ...]) -> Offer:
    capacity, extra = list(offer.capacity), list(offer.extra_capacity)
    for segment in segments:
        if capacity[segment]:
            capacity[segment] -= 1
        elif extra[segment]:
            extra[segment] -= 1
    return replace(offer, capacity=tuple(capacity), extra_capacity=tuple(extra))
