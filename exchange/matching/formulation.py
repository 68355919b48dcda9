"""The single programme: loans, placements, and the places that a loan opens, decided together."""

from dataclasses import dataclass

import numpy as np

from exchange.matching.arrays import IntArray
from exchange.matching.columns import LoanColumns, pattern_columns, single_columns
from exchange.matching.eligibility import Eligibility
from exchange.matching.frozen import Fixed
from exchange.matching.loan_variables import LoanVariables
from exchange.matching.loans import add_loans
from exchange.matching.moves import rows_on_missed_moves
from exchange.matching.objective import Costs, OpenPairs, burden_costs, unmet_costs
from exchange.matching.placement_variables import PlacementVariables
from exchange.matching.placements import add_placements
from exchange.matching.programme import Programme, ProgrammeBuilder
from exchange.matching.tables import Tables

LARGEST_JOINT_OBJECTIVE = 2**31 - 1
"""Both coverage levels share one objective while it stays well inside 32 bits; beyond, they are solved in turn."""

Lines = tuple[tuple[tuple[int, int], ...], dict[int, int]]
"""A plan by indices of `Tables`: loans (volunteer, shift), sorted, and placements block or part → offer, sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Formulation:
    """A programme with every hard rule in it, and its levels as costs; `burden` is zero where not asked for."""

    programme: Programme
    loans: LoanVariables
    placements: PlacementVariables
    critical: Costs
    other: Costs
    burden: Costs

    def lines(self, x: IntArray) -> Lines:
        """The plan that a point of the programme stands for."""
        columns = self.loans.columns
        taken = x[self.loans.entries] > 0
        pairs = zip(columns.who[columns.column[taken]].tolist(), columns.shift[taken].tolist(), strict=True)
        served = x[self.placements.served] > 0
        lines = self.placements.lines
        placed = zip(lines.block[served].tolist(), lines.offer[served].tolist(), strict=True)
        return tuple(sorted(set(pairs))), dict(sorted(placed))

    def rows_missed(self, tables: Tables, x: IntArray | None) -> Programme | None:
        """Rows that this point of the burden breaks and every plan obeys, to be added before the next search."""
        return None if x is None else rows_on_missed_moves(tables, self.placements, x)


def coverage_formulation(tables: Tables, eligibility: Eligibility, fixed: Fixed) -> Formulation:
    """One column per possible shift of a person: the smallest programme that says what can be covered."""
    return _formulation(tables, eligibility, fixed, single_columns(tables, eligibility), None)


def burden_formulation(tables: Tables, eligibility: Eligibility, fixed: Fixed, previous: OpenPairs) -> Formulation:
    """One column per lawful pattern of shifts of a need, with what the burden counts."""
    return _formulation(tables, eligibility, fixed, pattern_columns(tables, eligibility, fixed), previous)


def _formulation(
    tables: Tables, eligibility: Eligibility, fixed: Fixed, columns: LoanColumns, previous: OpenPairs | None
) -> Formulation:
    builder = ProgrammeBuilder()
    prices = previous is not None
    loans = add_loans(builder, tables, columns, fixed, prices_persons=prices)
    placements = add_placements(builder, tables, eligibility, loans, fixed, prices_handovers=prices)
    programme = builder.finished()
    return Formulation(
        programme=programme,
        loans=loans,
        placements=placements,
        critical=unmet_costs(tables, loans, placements, programme.width, critical=True),
        other=unmet_costs(tables, loans, placements, programme.width, critical=False),
        burden=Costs(np.zeros(programme.width, dtype=np.int64), 0)
        if previous is None
        else burden_costs(tables, loans, placements, programme.width, previous),
    )
