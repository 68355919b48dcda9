"""Exhaustive search over a part of a plan: a few blocks and seats set free, every other line kept.

Lawfulness is the independent checker's, levels are the oracle's: nothing here comes from the library's explanations.
"""

from collections import Counter
from collections.abc import Iterator, Set
from itertools import combinations, product
from typing import Any

from exchange.matching.checker import check
from tests.matching import hand_made
from tests.matching.oracle import Levels, Oracle
from tests.matching.oracle_places import served_by

Json = dict[str, Any]
Loan = tuple[str, str]
Placement = tuple[Any, ...]


def levels_of_lines(problem: Json, loans: Set[Loan], placements: Set[Placement]) -> Levels:
    oracle = Oracle(problem)
    staffed = oracle.loan_levels(sorted(loans), Counter(shift for _, shift in loans))
    placed = oracle.placement_levels(served_by(placements))
    return staffed[0] + placed[0], staffed[1] + placed[1], staffed[2] + placed[2]


def is_lawful(problem: Json, loans: Set[Loan], placements: Set[Placement]) -> bool:
    return check(problem, hand_made.plan(problem, sorted(loans), sorted(placements))) == []


def best_of_part(
    problem: Json,
    kept: tuple[Set[Loan], Set[Placement]],
    seats: dict[str, list[str]],
    blocks: dict[tuple[str, str], list[str]],
) -> Levels | None:
    """The least levels with these lines kept; `seats`: shift → volunteers who may take it, `blocks`: block → offers."""
    found: list[Levels] = []
    for loans in _loans(problem, kept[0], seats):
        for choice in product(*([None, *offers] for offers in blocks.values())):
            chosen = {(*block, offer) for block, offer in zip(blocks, choice, strict=True) if offer is not None}
            placements = kept[1] | chosen
            if is_lawful(problem, loans, placements):
                found.append(levels_of_lines(problem, loans, placements))
    return min(found, default=None)


def _loans(problem: Json, kept: Set[Loan], seats: dict[str, list[str]]) -> Iterator[Set[Loan]]:
    headcount = {shift["id"]: shift["headcount"] for need in problem["needs"] for shift in need["shifts"]}
    options = []
    for shift, people in seats.items():
        room = headcount[shift] - sum(1 for _, taken in kept if taken == shift)
        able = [who for who in people if (who, shift) not in kept]
        options.append([{(who, shift) for who in some} for n in range(room + 1) for some in combinations(able, n)])
    for choice in product(*options):
        yield kept.union(*choice)
