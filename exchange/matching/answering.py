"""The one door from explanations to the solver: the best lines of a problem, or of a small part of it.

What may change is said by the eligibility given: a pair refused there is no candidate, whatever the rules say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.limits import Limits
from exchange.matching.loans import pattern_columns
from exchange.matching.model import joint_model
from exchange.matching.objective import OpenPairs, WeightedSum, burden_sum, levels_of
from exchange.matching.placements import add_handovers
from exchange.matching.plan import Levels
from exchange.matching.search import bounded_solver
from exchange.matching.tables import Tables

__all__ = ["Lines", "OpenPairs", "Outcome", "best_lines", "reached"]

Lines = tuple[tuple[tuple[int, int], ...], dict[int, int]]
_LARGEST_JOINT_OBJECTIVE = 2**31 - 1


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
    joint = joint_model(tables, eligibility, fixed, pattern_columns(tables, eligibility, fixed))
    add_handovers(joint.model, tables, joint.placements)
    both, _ = joint.critical.before(joint.other)
    coverage = [both] if both.most <= _LARGEST_JOINT_OBJECTIVE else [joint.critical, joint.other]
    burden = burden_sum(joint.model, tables, joint.loans, joint.placements, previous)
    lines: Lines | None = None
    proven: list[bool] = []
    for level in (*coverage, burden):
        joint.model.minimize(level.expression())
        solver = bounded_solver(limits, limits.deterministic_time, limits.wall_seconds)
        status = solver.solve(joint.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        lines = joint.lines(solver)
        proven.append(status == cp_model.OPTIMAL)
        joint.model.add(level.expression() <= _value(level, solver))
    if lines is None:
        return None
    coverage_proven = len(proven) >= len(coverage) and all(proven[: len(coverage)])
    burden_proven = len(proven) > len(coverage) and all(proven)
    return Outcome(lines, reached(tables, *lines, previous), coverage_proven, burden_proven)


def _value(level: WeightedSum, solver: cp_model.CpSolver) -> int:
    return int(solver.value(level.expression()))


def reached(
    tables: Tables, loans: Sequence[tuple[int, int]], placements: Mapping[int, int], previous: OpenPairs
) -> Levels:
    """The levels of these lines, counted on the lines themselves."""
    return levels_of(tables, loans, placements, previous)
