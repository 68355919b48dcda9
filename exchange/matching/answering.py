"""The one door from explanations to the solver: the best lines of a problem, or of a small part of it.

What may change is said by the eligibility given: a pair refused there is no candidate, whatever the rules say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange.matching.eligibility import Eligibility
from exchange.matching.formulation import LARGEST_JOINT_OBJECTIVE, Lines, burden_formulation
from exchange.matching.frozen import Fixed
from exchange.matching.limits import Limits, Spending
from exchange.matching.objective import OpenPairs, levels_of
from exchange.matching.plan import Levels
from exchange.matching.search import search
from exchange.matching.tables import Tables

__all__ = ["Lines", "OpenPairs", "Outcome", "best_lines", "reached"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Loans (volunteer, shift) and placements block → offer, their levels, and what is proven of them."""

    lines: Lines
    levels: Levels
    coverage_proven: bool
    burden_proven: bool


def best_lines(
    tables: Tables, eligibility: Eligibility, fixed: Fixed, previous: OpenPairs, limits: Limits
) -> Outcome | None:
    """The lines that leave least unmet, critical before other, then ask least of people.

    Nothing where the limits end the search before any answer, or where the fixed lines allow none.
    """
    formulation = burden_formulation(tables, eligibility, fixed, previous)
    programme = formulation.programme
    coverage = [formulation.critical, formulation.other]
    if formulation.critical.most_before(formulation.other, programme.upper) <= LARGEST_JOINT_OBJECTIVE:
        coverage = [formulation.critical.before(formulation.other, programme.upper)[0]]
    lines: Lines | None = None
    proven: list[bool] = []
    for costs in (*coverage, formulation.burden):
        found = search(programme, costs, Spending(limits))
        while costs is formulation.burden and (missed := formulation.rows_missed(tables, found.point)) is not None:
            programme = programme.with_rows(missed)
            found = search(programme, costs, Spending(limits))
        if found.point is None:
            break
        lines = formulation.lines(found.point)
        proven.append(found.is_closed)
        programme = programme.with_row(costs.per_column, costs.of(found.point) - costs.constant)
    if lines is None:
        return None
    coverage_proven = len(proven) >= len(coverage) and all(proven[: len(coverage)])
    burden_proven = len(proven) > len(coverage) and all(proven)
    return Outcome(lines, reached(tables, *lines, previous), coverage_proven, burden_proven)


def reached(
    tables: Tables, loans: Sequence[tuple[int, int]], placements: Mapping[int, int], previous: OpenPairs
) -> Levels:
    """The levels of these lines, counted on the lines themselves."""
    return levels_of(tables, loans, placements, previous)
