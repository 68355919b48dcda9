"""The single model: loans, placements, and the places that a loan opens, decided together."""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loans import Column, LoanVariables, add_loans
from exchange.matching.objective import WeightedSum, unmet_sum
from exchange.matching.placements import PlacementVariables, add_placements
from exchange.matching.tables import Tables


@dataclass(frozen=True, slots=True, eq=False)
class JointModel:
    """A model with every hard rule posted, its two coverage levels ready to minimise or to bound."""

    model: cp_model.CpModel
    loans: LoanVariables
    placements: PlacementVariables
    critical: WeightedSum
    other: WeightedSum

    def lines(self, solver: cp_model.CpSolver) -> tuple[tuple[tuple[int, int], ...], dict[int, int]]:
        """The solver's answer as loans (volunteer, shift) and placements block → offer, both sorted."""
        loans = {
            (column.volunteer, shift)
            for column, chosen in zip(self.loans.columns, self.loans.chosen, strict=True)
            if solver.boolean_value(chosen)
            for shift in column.shifts
        }
        served = sorted(pair for pair, one in self.placements.served.items() if solver.boolean_value(one))
        return tuple(sorted(loans)), dict(served)


def joint_model(tables: Tables, eligibility: Eligibility, fixed: Fixed, columns: Sequence[Column]) -> JointModel:
    """Assemble variables and rules over the given loan columns; no objective yet."""
    model = cp_model.CpModel()
    loans = add_loans(model, tables, columns, fixed)
    placements = add_placements(model, tables, eligibility, loans, fixed)
    return JointModel(
        model=model,
        loans=loans,
        placements=placements,
        critical=unmet_sum(tables, loans, placements, critical=True),
        other=unmet_sum(tables, loans, placements, critical=False),
    )
