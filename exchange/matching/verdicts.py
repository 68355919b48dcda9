"""A verdict on every candidate that the plan does not choose for one item: refused, in the way, or simply dearer.

Costs are arithmetic where the rest of the plan can stay; the few most promising of the others are solved again with
the lines in their way set free.
"""

from collections.abc import Callable, Mapping, Sequence

from exchange.matching.answering import reached
from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.explanation import (
    Difference,
    FacilityVerdicts,
    Obstacle,
    OfferVerdict,
    Reason,
    Verdict,
    VolunteerVerdict,
)
from exchange.matching.near_misses import travel_of_loan, travel_of_placement
from exchange.matching.obstacles import Obstacles
from exchange.matching.standing import Pair, Question, Standing, difference, re_solve

MOST_REPAIRS = 3
"""Candidates held elsewhere for whom the repair is worked out, per item: each takes one small solve."""
_MOVABLE = frozenset(
    {
        Obstacle.REST,
        Obstacle.WEEK,
        Obstacle.WEEKLY_REST,
        Obstacle.DAYS_IN_ROW,
        Obstacle.AVERAGE_WEEK,
        Obstacle.LOAN_MINUTES,
        Obstacle.LENDER_FLOOR,
        Obstacle.FULL,
        Obstacle.INCOMPATIBLE,
    }
)


def verdicts_on_offers(standing: Standing, obstacles: Obstacles, situation: int) -> tuple[FacilityVerdicts, ...]:
    """One entry per establishment of the file, those that serve first, each with its offers by id."""
    tables = standing.tables
    served = [one for one in tables.lines_of(situation) if one in standing.placements]
    blocks = sorted({*served, *(one for one in standing.unserved if tables.block_situation[one] == situation)})
    seen: dict[Pair, Verdict] = {}
    for offer in range(len(tables.offers)):
        for block in blocks:
            # Where the other part already is, one more would make it the whole block.
            if all(standing.placements.get(one) != offer for one in tables.alike(block)):
                seen[block, offer] = _placement_seen(standing, obstacles, block, offer)
    for pair in _most_promising(seen, lambda pair: pair[0] not in standing.placements):
        seen[pair] = Verdict(seen[pair].reasons, _repaired_placement(standing, *pair, seen[pair].reasons))
    serving = {standing.placements[block] for block in served}
    found = []
    for house in sorted(tables.establishments):
        here = [index for index, offer in enumerate(tables.offers) if offer.establishment == house]
        verdicts = tuple(verdict for offer in here for verdict in _of_offer(standing, seen, blocks, offer))
        found.append(FacilityVerdicts(house, verdicts, serves=not serving.isdisjoint(here)))
    return tuple(sorted(found, key=lambda facility: not facility.serves))


def verdicts_on_volunteers(
    standing: Standing, obstacles: Obstacles, shifts: Sequence[int]
) -> tuple[VolunteerVerdict, ...]:
    """One entry or more per volunteer of the file who does not take all these shifts, by id."""
    seen = {
        (who, shift): _loan_seen(standing, obstacles, who, shift)
        for who in range(len(standing.tables.volunteers))
        for shift in shifts
        if (who, shift) not in standing.loans
    }
    for pair in _most_promising(seen, lambda pair: standing.missing(pair[1]) > 0):
        seen[pair] = Verdict(seen[pair].reasons, _repaired_loan(standing, *pair, seen[pair].reasons))
    found: list[VolunteerVerdict] = []
    for who, person in enumerate(standing.tables.volunteers):
        grouped = _grouped({shift: seen[who, shift] for shift in shifts if (who, shift) in seen})
        for verdict, of_it in grouped.items():
            names = tuple(standing.tables.shifts[shift].id for shift in of_it)
            found.append(VolunteerVerdict(person.id, person.association, names, verdict))
    return tuple(found)


def _of_offer(
    standing: Standing, seen: Mapping[Pair, Verdict], blocks: Sequence[int], offer: int
) -> list[OfferVerdict]:
    tables = standing.tables
    grouped = _grouped({block: seen[block, offer] for block in blocks if (block, offer) in seen})
    return [
        OfferVerdict(tables.offers[offer].id, tuple(tables.blocks[block].id for block in of_it), verdict)
        for verdict, of_it in grouped.items()
    ]


def _grouped(seen: Mapping[int, Verdict]) -> dict[Verdict, list[int]]:
    grouped: dict[Verdict, list[int]] = {}
    for part, one in seen.items():
        grouped.setdefault(one, []).append(part)
    return grouped


def _placement_seen(standing: Standing, obstacles: Obstacles, block: int, offer: int) -> Verdict:
    refusals = [code for code, refused in standing.rules.placements.items() if refused[block, offer]]
    if refusals:
        travel = travel_of_placement(standing, block, offer)
        return Verdict(tuple(_refused(code, travel) for code in refusals), None)
    reasons = obstacles.of_placement(block, offer)
    if reasons or block in standing.accepted.placements:
        return Verdict(reasons, None)
    moved = {**standing.placements, block: offer}
    levels = reached(standing.tables, sorted(standing.loans), moved, standing.previous)
    return Verdict((), difference(standing, levels))


def _loan_seen(standing: Standing, obstacles: Obstacles, who: int, shift: int) -> Verdict:
    refusals = [code for code, refused in standing.rules.loans.items() if refused[who, shift]]
    if refusals:
        travel = travel_of_loan(standing, who, shift)
        return Verdict(tuple(_refused(code, travel) for code in refusals), None)
    reasons = obstacles.of_loan(who, shift)
    return Verdict(reasons, None if reasons else _exchanged(standing, who, shift))


def _refused(code: LoanRefusal | PlacementRefusal, travel: tuple[int, int]) -> Reason:
    is_travel = code in (LoanRefusal.TRAVEL, PlacementRefusal.TRAVEL)
    return Reason(code.value, *travel) if is_travel else Reason(code.value)


def _exchanged(standing: Standing, who: int, shift: int) -> Difference | None:
    """The least that this person adds in an empty seat, or in the seat of one who has it; nothing if all are kept."""
    leaving: list[frozenset[Pair]] = [frozenset()]
    if not standing.missing(shift):
        leaving = [frozenset({pair}) for pair in standing.loans - standing.accepted.loans if pair[1] == shift]
    changed = (sorted(standing.loans - one | {(who, shift)}) for one in leaving)
    levels = [reached(standing.tables, loans, standing.placements, standing.previous) for loans in changed]
    return difference(standing, min(levels)) if levels else None


def _most_promising(seen: Mapping[Pair, Verdict], is_unmet: Callable[[Pair], bool]) -> list[Pair]:
    """Pairs with lines in their way that a solve may move: those of an unmet part first, then fewest lines to move."""
    held = [
        (pair, sum(len(reason.loans) + len(reason.placements) for reason in one.reasons)) for pair, one in seen.items()
    ]
    movable = [
        (not is_unmet(pair), lines, pair)
        for pair, lines in held
        if lines and all(reason.code in _MOVABLE for reason in seen[pair].reasons)
    ]
    return [pair for _, _, pair in sorted(movable)[:MOST_REPAIRS]]


def _repaired_placement(standing: Standing, block: int, offer: int, reasons: Sequence[Reason]) -> Difference | None:
    tables = standing.tables
    freed = {tables.line_index(line) for reason in reasons for line in reason.placements}
    if freed & standing.accepted.placements.keys() or block in standing.accepted.placements:
        return None
    outcome = re_solve(standing, Question(free_blocks=frozenset({*freed, block}), imposed_placements={block: offer}))
    return None if outcome is None else difference(standing, outcome.levels)


def _repaired_loan(standing: Standing, who: int, shift: int, reasons: Sequence[Reason]) -> Difference | None:
    tables, pair = standing.tables, (who, shift)
    lines = [line for reason in reasons for line in reason.loans]
    freed = {(tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in lines}
    if not standing.missing(shift):
        freed |= {held for held in standing.loans - standing.accepted.loans if held[1] == shift}
    if freed & standing.accepted.loans:
        return None
    outcome = re_solve(standing, Question(free_loans=frozenset(freed), imposed_loans=frozenset({pair})))
    return None if outcome is None else difference(standing, outcome.levels)
