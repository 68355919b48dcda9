"""The linear relaxation of a programme, and what it proves in whole numbers.

The duals of a linear solver are floats. Rounded to fractions of `2**bits` they are still multipliers of the rows, and
any multipliers give a lower bound (Lagrangian duality; Geoffrion 1974). The bound and the reduced costs are therefore
recomputed here in integers: nothing that follows from them rests on a float.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper

from exchange.matching.arrays import IntArray
from exchange.matching.objective import Costs
from exchange.matching.programme import FREE, Programme

FloatArray = NDArray[np.float64]

_LARGEST = 2**62
_MOST_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """`point`: the optimum of the relaxation. `raises[j]`: what column j adds, in 1/`unit`; `floor` too is in 1/`unit`.

    A plan with x[j] one above its lower bound (or, where `raises[j]` is negative, one below its upper bound) costs at
    least `floor + |raises[j]| / unit`.
    """

    point: FloatArray
    floor: int
    raises: IntArray
    unit: int
    constant: int

    @property
    def bound(self) -> int:
        """The least cost of any plan, in whole units and rounded up."""
        return -(-self.floor // self.unit) + self.constant

    def priced_out(self, programme: Programme, below: int) -> Programme:
        """The programme where every column that no plan cheaper than `below` can use stands still."""
        room = (below - 1 - self.constant) * self.unit - self.floor
        return programme.within(
            lower=np.where(-self.raises > room, programme.upper, programme.lower),
            upper=np.where(self.raises > room, programme.lower, programme.upper),
        )


def relax(programme: Programme, costs: Costs, wall_seconds: float) -> Relaxation | None:
    """Solve the relaxation; `None` where it has no solution or the time ran out."""
    solver = model_builder_helper.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(max(wall_seconds, 0.001))
    solver.solve(_linear_model(programme, costs))
    if solver.status() != model_builder_helper.SolveStatus.OPTIMAL:
        return None
    point = np.array(solver.variable_values(), dtype=np.float64)
    floor, raises, unit = _in_whole_numbers(programme, costs, np.array(solver.dual_values(), dtype=np.float64))
    return Relaxation(point, floor, raises, unit, costs.constant)


def _linear_model(programme: Programme, costs: Costs) -> model_builder_helper.ModelBuilderHelper:
    model = model_builder_helper.ModelBuilderHelper()
    model.set_maximize(False)
    for column, (least, most) in enumerate(zip(programme.lower.tolist(), programme.upper.tolist(), strict=True)):
        model.add_var()
        model.set_var_lower_bound(column, least)
        model.set_var_upper_bound(column, most)
    for column in np.flatnonzero(costs.per_column).tolist():
        model.set_var_objective_coefficient(column, float(costs.per_column[column]))
    columns, values = programme.columns.tolist(), programme.values.astype(np.float64).tolist()
    starts = programme.starts.tolist()
    sides = zip(programme.row_lower.tolist(), programme.row_upper.tolist(), strict=True)
    for row, (lower, upper) in enumerate(sides):
        model.add_linear_constraint()
        model.set_constraint_lower_bound(row, -math.inf if lower <= -FREE else lower)
        model.set_constraint_upper_bound(row, math.inf if upper >= FREE else upper)
        for entry in range(starts[row], starts[row + 1]):
            model.add_term_to_constraint(row, columns[entry], values[entry])
    return model


def _in_whole_numbers(programme: Programme, costs: Costs, duals: FloatArray) -> tuple[int, IntArray, int]:
    """The bound and the reduced costs of the rounded duals, in 1/`unit`, without an overflow."""
    rows = programme.row_of_entries()
    reach = np.maximum(np.abs(programme.lower), np.abs(programme.upper)).astype(np.float64)
    entries = np.bincount(programme.columns, np.abs(duals[rows] * programme.values), minlength=programme.width)
    columns = (entries + np.abs(costs.per_column)) * np.maximum(reach, 1)
    sides = np.minimum(np.abs(programme.row_lower), np.abs(programme.row_upper)).astype(np.float64)
    most = float(columns.sum()) + float(np.abs(duals * np.where(sides >= FREE, 0, sides)).sum()) + 1
    bits = max(min(_MOST_BITS, int(math.log2(_LARGEST / most)) - 1), 0)
    unit = 2**bits
    whole = np.rint(duals * unit).astype(np.int64)
    # A multiplier counts only on a side that the row has.
    whole[(whole > 0) & (programme.row_lower <= -FREE)] = 0
    whole[(whole < 0) & (programme.row_upper >= FREE)] = 0
    raises = costs.per_column * unit
    np.subtract.at(raises, programme.columns, whole[rows] * programme.values)
    side = np.where(whole > 0, programme.row_lower, np.where(whole < 0, programme.row_upper, 0))
    floor = int((whole * side).sum()) + int(np.minimum(raises * programme.lower, raises * programme.upper).sum())
    return floor, raises, unit
