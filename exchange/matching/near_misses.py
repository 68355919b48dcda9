"""Candidates that one negotiable rule alone refuses: the plan's lines are judged as if that rule were relaxed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from exchange.matching.eligibility import BoolArray, LoanRefusal, PlacementRefusal
from exchange.matching.families import LOAN_EXCLUSIONS, PLACEMENT_EXCLUSIONS, Exclusion
from exchange.matching.standing import Standing
from exchange.matching.ways import Relaxation

_Refusal = TypeVar("_Refusal", LoanRefusal, PlacementRefusal)


def relaxations_of_loan(standing: Standing, who: int, shift: int) -> tuple[Relaxation, ...] | None:
    """What would have to be relaxed for the pair to be a candidate, empty for one; nothing where that is not asked."""
    return _lifting(standing.rules.loans, LOAN_EXCLUSIONS, (who, shift))


def relaxations_of_placement(standing: Standing, block: int, offer: int) -> tuple[Relaxation, ...] | None:
    """The same for a place; a group that finds no room is asked whole, so its own refusal is left aside."""
    refusals: dict[PlacementRefusal, BoolArray] = dict(standing.rules.placements)
    del refusals[PlacementRefusal.GROUP]
    roofs = standing.rules.roofs.get(block, frozenset())
    if roofs and roofs != {standing.tables.offers[offer].establishment}:
        return None
    return _lifting(refusals, PLACEMENT_EXCLUSIONS, (block, offer))


def travel_of_loan(standing: Standing, who: int, shift: int) -> tuple[int, int]:
    """One-way minutes to the host, and the volunteer's limit."""
    return int(standing.tables.loan_travel[who, shift]), standing.tables.volunteers[who].max_travel_min


def travel_of_placement(standing: Standing, block: int, offer: int) -> tuple[int, int]:
    """One-way minutes to the offer, and the situation's limit."""
    return int(standing.tables.block_travel[block, offer]), standing.tables.owner(block).max_travel_min


def lenient(standing: Standing, shifts: Sequence[int], blocks: Sequence[int]) -> Standing:
    """The same plan, where whoever a negotiable rule alone refuses for these shifts and blocks is a candidate."""
    loans, placements = standing.eligibility.loans.copy(), standing.eligibility.placements.copy()
    for shift in shifts:
        for who in range(len(standing.tables.volunteers)):
            if relaxations_of_loan(standing, who, shift) is not None:
                loans[who, shift] = 0
    for block in blocks:
        for offer in range(len(standing.tables.offers)):
            if relaxations_of_placement(standing, block, offer) is not None:
                placements[block, offer] = 0
    eligibility = replace(standing.eligibility, loans=loans, placements=placements)
    return replace(standing, eligibility=eligibility)


def _lifting(
    refusals: Mapping[_Refusal, BoolArray], exclusions: Mapping[_Refusal, Exclusion], pair: tuple[int, int]
) -> tuple[Relaxation, ...] | None:
    asked = []
    for code, refused in refusals.items():
        if refused[pair]:
            lifted_by = exclusions[code].lifted_by
            if lifted_by is None:
                return None
            asked.append(lifted_by)
    return tuple(dict.fromkeys(asked))
