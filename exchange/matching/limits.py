"""How long a solve may search, stated so that the same problem gives the same plan on any machine."""

from dataclasses import dataclass

from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Limits:
    """`deterministic_time` is CP-SAT's work unit (one to three seconds of a core); `wall_seconds` is a safety net.

    Both are for the whole solve. Only the deterministic limit can be replayed: a plan whose wall cap fired says so.
    One worker, because several share the search by wall clock and so answer differently from run to run.
    """

    deterministic_time: float = 20.0
    wall_seconds: float = 90.0
    seed: int = 1
    workers: int = 1

    def __post_init__(self) -> None:
        if not (self.deterministic_time > 0 and self.wall_seconds > 0):
            raise ValueError("une limite de durée est un nombre positif")
        if self.workers < 1:
            raise ValueError("il faut au moins un fil de calcul")
        if not 0 <= self.seed < 2**31:
            raise ValueError("la graine va de 0 à 2147483647")


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
