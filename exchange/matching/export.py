"""The coverage programme as plain arrays, so that another solver can be given the very same one."""

import numpy as np
from numpy.typing import NDArray

from exchange.matching.eligibility import examine
from exchange.matching.formulation import coverage_formulation
from exchange.matching.frozen import accepted_lines
from exchange.matching.problem import Problem
from exchange.matching.programme import FREE
from exchange.matching.tables import tabulate

MatrixArray = NDArray[np.int64] | NDArray[np.float64]


def coverage_matrix_of(problem: Problem) -> dict[str, MatrixArray]:
    """Minimise `cost · x + offset` over whole x, `lower <= x <= upper` and `row_lower <= A x <= row_upper`.

    `A` by rows: `columns` and `values` between two successive `starts`. The objective is critical × `multiplier` +
    other. A side that a row does not have is infinite.
    """
    tables = tabulate(problem)
    eligibility = examine(tables)
    formulation = coverage_formulation(tables, eligibility, accepted_lines(tables, eligibility))
    programme = formulation.programme
    both, multiplier = formulation.critical.before(formulation.other, programme.upper)
    return {
        "cost": both.per_column,
        "lower": programme.lower,
        "upper": programme.upper,
        "starts": programme.starts,
        "columns": programme.columns,
        "values": programme.values,
        "row_lower": np.where(programme.row_lower <= -FREE, -np.inf, programme.row_lower),
        "row_upper": np.where(programme.row_upper >= FREE, np.inf, programme.row_upper),
        "offset": np.array(both.constant),
        "multiplier": np.array(multiplier),
    }
