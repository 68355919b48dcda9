"""The one place where the solver is set up."""

from ortools.sat.python import cp_model

from exchange.matching.limits import Limits


def bounded_solver(limits: Limits, deterministic_time: float, wall_seconds: float) -> cp_model.CpSolver:
    """A solver set for these models, with the given remainder of the limits.

    Probing, symmetry and repeated presolve cost more than they save on these models (measured); the linear
    relaxation at level 2 is what closes the burden. The zero inclusion limit keeps presolve away from the
    clause in which OR-Tools 9.15 may certify a wrong optimum (google/or-tools issue 5293).
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = limits.workers
    parameters.random_seed = limits.seed
    parameters.max_deterministic_time = deterministic_time
    parameters.max_time_in_seconds = wall_seconds
    # Otherwise the solver swallows Ctrl-C and the caller goes on as if nothing had been asked.
    parameters.catch_sigint_signal = False
    parameters.linearization_level = 2
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    parameters.max_presolve_iterations = 1
    parameters.presolve_inclusion_work_limit = 0
    parameters.merge_at_most_one_work_limit = 0
    return solver
