"""The one place where CP-SAT is set up and filled."""

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from exchange.matching.arrays import IntArray
from exchange.matching.errors import UnlawfulPlan
from exchange.matching.limits import Spending
from exchange.matching.objective import Costs
from exchange.matching.programme import FREE, Programme

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
"""How CP-SAT is told that a row has no lower side, no upper side."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """`point`: the best plan found, `None` where there is none. `bound`: no plan of this programme costs less.

    `is_closed`: the search ended by itself, so that `point` is the best there is, or nothing exists.
    """

    point: IntArray | None
    bound: int
    is_closed: bool


def search(
    programme: Programme, costs: Costs, spending: Spending, share: float = 1.0, below: int | None = None
) -> Found:
    """Look for the cheapest point of a programme, or one cheaper than `below`, within `share` of the limits.

    Probing, symmetry and repeated presolve cost more than they save on these programmes (measured); the linear
    relaxation at level 2 is what closes the burden. The zero inclusion limit keeps presolve away from the clause in
    which OR-Tools 9.15 may certify a wrong optimum (google/or-tools issue 5293).
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    work, wall = spending.left(share)
    parameters.num_workers = spending.limits.workers
    parameters.random_seed = spending.limits.seed
    parameters.max_deterministic_time = work
    parameters.max_time_in_seconds = wall
    # Otherwise the solver swallows Ctrl-C and the caller goes on as if nothing had been asked.
    parameters.catch_sigint_signal = False
    parameters.linearization_level = 2
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    parameters.max_presolve_iterations = 1
    parameters.presolve_inclusion_work_limit = 0
    parameters.merge_at_most_one_work_limit = 0
    model = _filled(programme, costs, below)
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise UnlawfulPlan((f"model-invalid: {model.validate()}",))
    is_closed = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    spending.count(solver.deterministic_time, work, solver.wall_time, wall, is_closed=is_closed)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # Without a point the solver's bound may be left from before it began.
        return Found(None, -FREE, is_closed)
    return Found(np.array(solver.response_proto.solution, dtype=np.int64), _bound(solver, costs), is_closed)


def _filled(programme: Programme, costs: Costs, below: int | None) -> cp_model.CpModel:
    model = cp_model.CpModel()
    proto = model.proto
    for lower, upper in zip(programme.lower.tolist(), programme.upper.tolist(), strict=True):
        proto.variables.add().domain.extend([lower, upper])
    columns, values, starts = programme.columns.tolist(), programme.values.tolist(), programme.starts.tolist()
    row_lower = np.where(programme.row_lower <= -FREE, _LOWEST, programme.row_lower).tolist()
    row_upper = np.where(programme.row_upper >= FREE, _HIGHEST, programme.row_upper).tolist()
    for row, (lower, upper) in enumerate(zip(row_lower, row_upper, strict=True)):
        held = slice(starts[row], starts[row + 1])
        linear = proto.constraints.add().linear
        linear.vars.extend(columns[held])
        linear.coeffs.extend(values[held])
        linear.domain.extend([lower, upper])
    priced = np.flatnonzero(costs.per_column)
    proto.objective.vars.extend(priced.tolist())
    proto.objective.coeffs.extend(costs.per_column[priced].tolist())
    if below is not None:
        proto.objective.domain.extend([_LOWEST, below - 1 - costs.constant])
    return model


def _bound(solver: cp_model.CpSolver, costs: Costs) -> int:
    """The solver's lower bound, rounded up: every cost is a whole number."""
    bound = solver.best_objective_bound
    return int(np.ceil(bound - 1e-6)) + costs.constant if np.isfinite(bound) else -FREE
