"""Why an item is unmet, rule after rule: how many candidates each rule is the first to refuse, and what is left.

The counts of a plan file (`unmet[].reasons`) and the fuller account of one item (`Gap`) read the same codes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import numpy as np

from exchange.matching.eligibility import CodeArray, Eligibility, LoanRefusal, PlacementRefusal
from exchange.matching.explanation import Obstacle, Reason, Shortage, Step
from exchange.matching.families import LOAN_EXCLUSIONS, PLACEMENT_EXCLUSIONS
from exchange.matching.obstacles import Obstacles
from exchange.matching.plan import ReasonCount, UnmetBlock, UnmetShift
from exchange.matching.problem import LoanLine, PlacementLine
from exchange.matching.standing import Standing
from exchange.matching.tables import Tables
from exchange.matching.together import bound_blocks

_Refusal = TypeVar("_Refusal", LoanRefusal, PlacementRefusal)


class Contention(StrEnum):
    """Why a candidate that no rule refuses alone still does not serve: others have it, or its staff is missing."""

    COMPETITION = "competition"
    AWAITS_STAFF = "awaits-staff"


def unmet_items(
    tables: Tables, eligibility: Eligibility, loans: Sequence[tuple[int, int]], placements: Mapping[int, int]
) -> tuple[UnmetBlock | UnmetShift, ...]:
    """One entry per uncovered block, then one per unfilled shift, each with its counts of reasons.

    Of a block that an accepted line serves in part, the entry speaks of the part that is missing.
    """
    filled = Counter(shift for _, shift in loans)
    companions = {block: bound for bound in bound_blocks(tables) for block in bound}
    items: list[UnmetBlock | UnmetShift] = []
    for index in tables.unserved(placements):
        block, situation = tables.blocks[index], tables.owner(index)
        reasons = _block_reasons(tables, eligibility, companions.get(index, (index,)), index, filled)
        items.append(UnmetBlock(situation.id, block.id, len(block.segments), reasons))
    for index, shift in enumerate(tables.shifts):
        if filled[index] < shift.headcount:
            need = tables.needs[int(tables.shift_need[index])]
            reasons = _shift_reasons(eligibility, index, filled[index])
            items.append(UnmetShift(need.id, shift.id, shift.headcount - filled[index], reasons))
    return tuple(items)


def steps_of_shift(standing: Standing, shift: int) -> tuple[Step, ...]:
    """How many volunteers each rule is the first to refuse, in the order of the rules."""
    counts = _first_refusals(standing.eligibility.loans[:, shift], LoanRefusal)
    return tuple(Step(LOAN_EXCLUSIONS[code].family, code.value, count) for code, count in counts)


def steps_of_block(standing: Standing, block: int) -> tuple[Step, ...]:
    """How many offers each rule is the first to refuse, in the order of the rules."""
    counts = _first_refusals(standing.eligibility.placements[block], PlacementRefusal)
    return tuple(Step(PLACEMENT_EXCLUSIONS[code].family, code.value, count) for code, count in counts)


def contention_of_shift(
    standing: Standing, obstacles: Obstacles, shift: int
) -> tuple[int, Shortage, tuple[LoanLine | PlacementLine, ...]]:
    """Candidates not already there, the shortage that this makes, and the lines that hold them."""
    here = [int(who) for who in np.flatnonzero(standing.eligibility.loans[:, shift] == 0)]
    free = [who for who in here if (who, shift) not in standing.loans]
    reasons = [reason for who in free for reason in obstacles.of_loan(who, shift)]
    return len(free), Shortage.COMPETITION if free else Shortage.STRUCTURAL, lines_in_the_way(reasons)


def contention_of_block(
    standing: Standing, obstacles: Obstacles, block: int
) -> tuple[int, Shortage, tuple[LoanLine | PlacementLine, ...]]:
    """The same for a block: its places may also all be waiting for staff."""
    offers = [int(offer) for offer in np.flatnonzero(standing.eligibility.placements[block] == 0)]
    of_each = [obstacles.of_placement(block, offer) for offer in offers]
    waiting = [any(one.code == Obstacle.AWAITS_STAFF for one in reasons) for reasons in of_each]
    shortage = Shortage.AWAITS_STAFF if all(waiting) else Shortage.COMPETITION
    if not offers:
        shortage = Shortage.STRUCTURAL
    return len(offers), shortage, lines_in_the_way([reason for reasons in of_each for reason in reasons])


def lines_in_the_way(reasons: Sequence[Reason]) -> tuple[LoanLine | PlacementLine, ...]:
    """Every line that these reasons name, once, loans first."""
    loans = sorted({line for reason in reasons for line in reason.loans})
    placements = sorted({line for reason in reasons for line in reason.placements})
    return (*loans, *placements)


def _first_refusals(codes: CodeArray, refusals: type[_Refusal]) -> list[tuple[_Refusal, int]]:
    counted = np.bincount(codes, minlength=len(refusals) + 1)
    found = [(refusal, int(counted[rank])) for rank, refusal in enumerate(refusals, start=1)]
    return [(refusal, count) for refusal, count in found if count]


def _counted(
    codes: CodeArray, refusals: type[_Refusal], contended: Sequence[tuple[Contention, int]]
) -> tuple[ReasonCount, ...]:
    first: list[ReasonCount] = [
        ReasonCount(refusal.value, count) for refusal, count in _first_refusals(codes, refusals)
    ]
    return (*first, *(ReasonCount(code.value, count) for code, count in contended if count > 0))


def _shift_reasons(eligibility: Eligibility, shift: int, filled: int) -> tuple[ReasonCount, ...]:
    codes = eligibility.loans[:, shift]
    competing = int(np.count_nonzero(codes == 0)) - filled
    return _counted(codes, LoanRefusal, [(Contention.COMPETITION, competing)])


def _block_reasons(
    tables: Tables, eligibility: Eligibility, companions: tuple[int, ...], block: int, filled: Counter[int]
) -> tuple[ReasonCount, ...]:
    codes = eligibility.placements[block]
    candidates = [int(offer) for offer in np.flatnonzero(codes == 0)]
    waiting = sum(_awaits_staff(tables, offer, companions, block, filled) for offer in candidates)
    contended = [(Contention.AWAITS_STAFF, waiting), (Contention.COMPETITION, len(candidates) - waiting)]
    return _counted(codes, PlacementRefusal, contended)


def _awaits_staff(tables: Tables, offer: int, companions: tuple[int, ...], block: int, filled: Counter[int]) -> bool:
    """Whether a segment of the block has too few ordinary places there, and the extra places miss people.

    A person alone needs one place of the offer; `companions` kept together need one each in the establishment.
    """
    at = tables.offers[offer]
    house = [at] if len(companions) == 1 else [one for one in tables.offers if one.establishment == at.establishment]
    wanted = Counter(segment for one in companions for segment in tables.blocks[one].segments)
    short = {
        segment
        for segment in tables.blocks[block].segments
        if sum(one.capacity[segment] for one in house) < wanted[segment]
    }
    required = {
        tables.shift_index[shift]
        for one in house
        for requirement in one.requires
        if requirement.segment in short
        for _, shift in requirement.shifts
    }
    return any(filled[shift] < tables.shifts[shift].headcount for shift in required)
