"""HiGHS on an exported matrix, in a process of its own: OR-Tools and highspy cannot share one.

`python -m bench.highs MATRIX.npz SECONDS` prints one JSON object. The matrix file holds `cost`, `lower`, `upper` (one
entry per column, every column a whole number), the rows as `starts`, `columns`, `values` (compressed rows, `starts`
one longer than the rows), `row_lower` and `row_upper`; `offset` (0 where absent) completes the
objective, which is critical × `multiplier` + other where that array is given.
"""

import json
import sys
import time
from pathlib import Path

import highspy
import numpy as np

from bench.memory import peak_memory_mb


def solve_matrix(path: Path, wall_seconds: float) -> dict[str, float | bool | None]:
    """Seconds of the solve alone, the best objective found (offset included), and whether it is proven."""
    with np.load(path) as arrays:
        cost = arrays["cost"].astype(np.float64)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(cost), len(arrays["row_lower"])
        program.col_cost_ = cost
        program.col_lower_, program.col_upper_ = arrays["lower"].astype(np.float64), arrays["upper"].astype(np.float64)
        program.row_lower_ = np.maximum(arrays["row_lower"].astype(np.float64), -highspy.kHighsInf)
        program.row_upper_ = np.minimum(arrays["row_upper"].astype(np.float64), highspy.kHighsInf)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = arrays["starts"].astype(np.int32)
        program.a_matrix_.index_ = arrays["columns"].astype(np.int32)
        program.a_matrix_.value_ = arrays["values"].astype(np.float64)
        program.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
        multiplier = int(arrays["multiplier"]) if "multiplier" in arrays else None
        program.offset_ = float(arrays["offset"]) if "offset" in arrays else 0.0
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", wall_seconds)
    # The sums compared are whole numbers: the default relative gap would stop short of the optimum.
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.5)
    if solver.passModel(program) == highspy.HighsStatus.kError:
        raise ValueError(f"HiGHS ne lit pas la matrice {path.name}")
    started = time.perf_counter()
    solver.run()
    seconds = time.perf_counter() - started
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        # The empty plan always exists: such a matrix is a fault of whoever wrote it.
        raise ValueError(f"la matrice {path.name} n'admet aucune solution")
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return {
        "seconds": seconds,
        "objective": info.objective_function_value if found else None,
        "proven": solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
        "multiplier": multiplier,
        "peak_mb": peak_memory_mb(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(solve_matrix(Path(sys.argv[1]), float(sys.argv[2]))))
