"""Joint matching of staff loans and placements: a frozen problem in, a plan with its proofs and reasons out.

Owns the problem and plan formats (`entraide-problem/1`, `entraide-plan/1`), the hard rules, the three levels
(critical, other, burden) and the model that solves them together. Every returned plan has passed `checker`, which
shares no code with the model. Never reads a clock, a database or the network; never imports the rest of the house.
"""

from typing import TYPE_CHECKING

from exchange.matching.errors import FileRefused, ProblemInvalid, UnlawfulPlan
from exchange.matching.limits import Limits
from exchange.matching.plan import Plan
from exchange.matching.problem import Problem

if TYPE_CHECKING:
    from exchange.matching.export import coverage_matrix_of
    from exchange.matching.solving import solve

__all__ = [
    "FileRefused",
    "Limits",
    "Plan",
    "Problem",
    "ProblemInvalid",
    "UnlawfulPlan",
    "coverage_matrix_of",
    "solve",
]


def __getattr__(name: str) -> object:
    # The solver is loaded by those who solve: the doors and the checker read problems and plans without its memory.
    if name == "solve":
        from exchange.matching.solving import solve

        return solve
    if name == "coverage_matrix_of":
        from exchange.matching.export import coverage_matrix_of

        return coverage_matrix_of
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
