"""Reasons taken from the rules themselves, never from the solver: why a candidate is out, why a gap remains."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from exchange.matching.eligibility import (
    LOAN_RULES,
    PLACEMENT_RULES,
    Eligibility,
    LoanRefusal,
    PlacementRefusal,
)
from exchange.matching.plan import ReasonCount, Unlock, UnmetBlock, UnmetShift
from exchange.matching.problem import Problem
from exchange.matching.tables import Tables, tabulate
from exchange.matching.together import bound_blocks


class Contention(StrEnum):
    """Why a candidate that no rule refuses alone still does not serve: others have it, or its staff is missing."""

    COMPETITION = "competition"
    AWAITS_STAFF = "awaits-staff"


def why_not_loan(problem: Problem, shift: str) -> dict[str, tuple[LoanRefusal, ...]]:
    """Every rule that refuses each volunteer for one shift, by volunteer id; empty for a candidate."""
    tables = tabulate(problem)
    column = tables.shift_index[shift]
    refused = {refusal: rule(tables)[:, column] for refusal, rule in LOAN_RULES.items()}
    return {
        volunteer.id: tuple(refusal for refusal, by_volunteer in refused.items() if by_volunteer[index])
        for index, volunteer in enumerate(tables.volunteers)
    }


def why_not_placement(problem: Problem, situation: str, block: str) -> dict[str, tuple[PlacementRefusal, ...]]:
    """Every rule that refuses each offer for one block, by offer id; empty for a candidate."""
    tables = tabulate(problem)
    row = tables.block_index[situation, block]
    refused = {refusal: rule(tables)[row] for refusal, rule in PLACEMENT_RULES.items()}
    return {
        offer.id: tuple(refusal for refusal, by_offer in refused.items() if by_offer[index])
        for index, offer in enumerate(tables.offers)
    }


def unmet_items(
    tables: Tables, eligibility: Eligibility, loans: Sequence[tuple[int, int]], placements: Mapping[int, int]
) -> tuple[UnmetBlock | UnmetShift, ...]:
    """One entry per uncovered block, then one per unfilled shift, each with its counts of reasons."""
    filled = Counter(shift for _, shift in loans)
    companions = {block: bound for bound in bound_blocks(tables) for block in bound}
    items: list[UnmetBlock | UnmetShift] = []
    for index, block in enumerate(tables.blocks):
        if index not in placements:
            situation = tables.owner(index)
            reasons = _block_reasons(tables, eligibility, companions.get(index, (index,)), index, filled)
            items.append(UnmetBlock(situation.id, block.id, len(block.segments), reasons))
    for index, shift in enumerate(tables.shifts):
        if filled[index] < shift.headcount:
            need = tables.needs[int(tables.shift_need[index])]
            reasons = _shift_reasons(eligibility, index, filled[index])
            items.append(UnmetShift(need.id, shift.id, shift.headcount - filled[index], reasons))
    return tuple(items)


def unlocks_of(tables: Tables, placements: Mapping[int, int]) -> tuple[Unlock, ...]:
    """The covered shifts on which places used beyond the ordinary capacity rest."""
    used: Counter[tuple[int, int]] = Counter()
    for block, place in placements.items():
        used.update((place, segment) for segment in tables.blocks[block].segments)
    opened: dict[tuple[str, str, str], list[int]] = {}
    for index, offer in enumerate(tables.offers):
        for requirement in offer.requires:
            if used[index, requirement.segment] > offer.capacity[requirement.segment]:
                for need, shift in requirement.shifts:
                    opened.setdefault((need, shift, offer.id), []).append(requirement.segment)
    return tuple(Unlock(*key, tuple(sorted(segments))) for key, segments in sorted(opened.items()))


def _shift_reasons(eligibility: Eligibility, shift: int, filled: int) -> tuple[ReasonCount, ...]:
    codes = np.bincount(eligibility.loans[:, shift], minlength=len(LoanRefusal) + 1)
    counts = [(refusal.value, int(codes[rank])) for rank, refusal in enumerate(LoanRefusal, start=1)]
    return _counted([*counts, (Contention.COMPETITION.value, int(codes[0]) - filled)])


def _block_reasons(
    tables: Tables, eligibility: Eligibility, companions: tuple[int, ...], block: int, filled: Counter[int]
) -> tuple[ReasonCount, ...]:
    codes = np.bincount(eligibility.placements[block], minlength=len(PlacementRefusal) + 1)
    counts = [(refusal.value, int(codes[rank])) for rank, refusal in enumerate(PlacementRefusal, start=1)]
    candidates = [int(offer) for offer in np.flatnonzero(eligibility.placements[block] == 0)]
    waiting = sum(_awaits_staff(tables, offer, companions, block, filled) for offer in candidates)
    contended = [(Contention.AWAITS_STAFF.value, waiting), (Contention.COMPETITION.value, len(candidates) - waiting)]
    return _counted([*counts, *contended])


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


def _counted(counts: Sequence[tuple[str, int]]) -> tuple[ReasonCount, ...]:
    return tuple(ReasonCount(code, count) for code, count in counts if count > 0)
