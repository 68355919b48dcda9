"""Solve a problem: coverage first (critical strictly before other), then the burden under both; always a plan."""

import math
import time
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from ortools.sat.python import cp_model

from exchange.matching.checker import check
from exchange.matching.eligibility import Eligibility, examine
from exchange.matching.errors import UnlawfulPlan, refuse
from exchange.matching.explain import unlocks_of, unmet_items
from exchange.matching.files import problem_to_json
from exchange.matching.frozen import Fixed, accepted_lines, open_lines
from exchange.matching.incumbent import Lines, accepted_plan, completed_by_urgency
from exchange.matching.limits import Limits
from exchange.matching.loans import pattern_columns, single_columns
from exchange.matching.model import joint_model
from exchange.matching.objective import OpenPairs, burden_sum, levels_of
from exchange.matching.placements import add_handovers
from exchange.matching.plan import Levels, Plan, PlanStatus, SolverInfo, digest_of
from exchange.matching.plan_files import plan_to_json
from exchange.matching.problem import LoanLine, PlacementLine, Problem
from exchange.matching.search import bounded_solver
from exchange.matching.tables import Tables, tabulate

# Candidates left after the rules taken pair by pair; a department has about 10,000.
MOST_CANDIDATES = 300_000
# Both coverage levels share one objective while it stays well inside 32 bits; beyond, they are solved in turn.
LARGEST_JOINT_OBJECTIVE = 2**31 - 1
NOTHING_OPEN: OpenPairs = (frozenset(), frozenset())
# Coverage may use this share of the limits; the burden has all that is left.
COVERAGE_SHARE = 0.6


@dataclass(slots=True)
class _Spending:
    """What remains of the limits across the stages of one solve."""

    limits: Limits
    started: float
    deterministic_time: float = 0.0
    wall_cap_reached: bool = False

    def run(self, model: cp_model.CpModel, share: float) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        work = max(self.limits.deterministic_time * share - self.deterministic_time, 0.0)
        wall = max(self.limits.wall_seconds * share - self.wall_seconds(), 0.0)
        solver = bounded_solver(self.limits, work, wall)
        status = solver.solve(model)
        if status == cp_model.MODEL_INVALID:
            raise UnlawfulPlan((f"model-invalid: {model.validate()}",))
        spent = solver.deterministic_time
        self.deterministic_time += spent
        open_ended = status in (cp_model.FEASIBLE, cp_model.UNKNOWN)
        self.wall_cap_reached |= open_ended and spent < work and solver.wall_time >= wall
        return solver, status

    def wall_seconds(self) -> float:
        return time.perf_counter() - self.started


@dataclass(frozen=True, slots=True)
class _Answer:
    """Lines, what is proven of their levels, and whether the last stage that ran found them."""

    lines: Lines
    bounds: Levels
    coverage_proven: bool
    burden_proven: bool
    found: bool


def solve(problem: Problem, limits: Limits | None = None) -> Plan:
    """The best plan found for a problem, checked independently before it is returned.

    The same problem, in whatever order its lists are given, gives the same plan as long as the wall cap does not
    fire. Raises `ProblemInvalid` where an accepted line breaks a rule, `UnlawfulPlan` where the check fails.
    """
    spending = _Spending(limits or Limits(), time.perf_counter())
    tables = tabulate(problem)
    eligibility = examine(tables)
    _refuse_too_many_candidates(eligibility)
    fixed = accepted_lines(tables, eligibility)
    previous = open_lines(tables)
    accepted = accepted_plan(tables, eligibility, fixed, spending.limits)
    answer = _Answer(
        lines=completed_by_urgency(tables, eligibility, accepted),
        bounds=Levels(0, 0, 0),
        coverage_proven=False,
        burden_proven=False,
        found=False,
    )
    answer = _cover(tables, eligibility, fixed, spending, answer)
    if answer.found:
        answer = _lighten(tables, eligibility, fixed, previous, spending, answer)
    plan = _plan(tables, eligibility, previous, spending, answer)
    breaches = check(problem_to_json(problem), plan_to_json(plan))
    if breaches:
        raise UnlawfulPlan(tuple(f"{breach.code.value} ({breach.key})" for breach in breaches))
    return plan


def _refuse_too_many_candidates(eligibility: Eligibility) -> None:
    for key, codes in (("volunteers", eligibility.loans), ("offers", eligibility.placements)):
        candidates = int(np.count_nonzero(codes == 0))
        if candidates > MOST_CANDIDATES:
            refuse(key, f"{candidates} paires possibles dépassent {MOST_CANDIDATES} : découpez le territoire")


def _cover(tables: Tables, eligibility: Eligibility, fixed: Fixed, spending: _Spending, incumbent: _Answer) -> _Answer:
    """Least critical unmet weight, then least other; in one objective where its size allows."""
    joint = joint_model(tables, eligibility, fixed, single_columns(tables, eligibility))
    critical, other = joint.critical, joint.other
    both, multiplier = critical.before(other)
    if both.most <= LARGEST_JOINT_OBJECTIVE:
        joint.model.minimize(both.expression())
        solver, status = spending.run(joint.model, COVERAGE_SHARE)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return incumbent
        critical_bound, other_bound = divmod(_bound(solver), multiplier)
        lines = _covering_most(tables, joint.lines(solver), incumbent.lines)
        reached = levels_of(tables, *lines, NOTHING_OPEN)
        proven = status == cp_model.OPTIMAL
        # Short of a proof, a bound on the second level means nothing unless the first is closed.
        bounds = Levels(critical_bound, other_bound if critical_bound == reached.critical else 0, 0)
        return _Answer(lines, bounds, proven, burden_proven=False, found=True)
    joint.model.minimize(critical.expression())
    solver, status = spending.run(joint.model, COVERAGE_SHARE / 2)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return incumbent
    lines = _covering_most(tables, joint.lines(solver), incumbent.lines)
    critical_bound, critical_proven = _bound(solver), status == cp_model.OPTIMAL
    reached = levels_of(tables, *lines, NOTHING_OPEN)
    joint.model.add(critical.expression() <= reached.critical)
    joint.model.minimize(other.expression())
    solver, status = spending.run(joint.model, COVERAGE_SHARE)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        lines = _covering_most(tables, joint.lines(solver), lines)
    other_bound = _bound(solver) if critical_proven else 0
    proven = critical_proven and status == cp_model.OPTIMAL
    return _Answer(lines, Levels(critical_bound, other_bound, 0), proven, burden_proven=False, found=True)


def _covering_most(tables: Tables, first: Lines, second: Lines) -> Lines:
    """The lines that leave less unmet, critical before other; the first where they are level."""
    one, two = (levels_of(tables, *lines, NOTHING_OPEN) for lines in (first, second))
    return second if (two.critical, two.other) < (one.critical, one.other) else first


def _lighten(
    tables: Tables, eligibility: Eligibility, fixed: Fixed, previous: OpenPairs, spending: _Spending, covered: _Answer
) -> _Answer:
    """Least burden among the plans that cover as much; not hinted, since a hint slows this stage (measured)."""
    reached = levels_of(tables, *covered.lines, previous)
    joint = joint_model(tables, eligibility, fixed, pattern_columns(tables, eligibility, fixed))
    joint.model.add(joint.critical.expression() <= reached.critical)
    joint.model.add(joint.other.expression() <= reached.other)
    add_handovers(joint.model, tables, joint.placements)
    burden = burden_sum(joint.model, tables, joint.loans, joint.placements, previous)
    joint.model.minimize(burden.expression())
    solver, status = spending.run(joint.model, 1.0)
    # Where coverage is open, a plan that covers more may carry less: nothing is proven of its burden.
    burden_bound = _bound(solver) if covered.coverage_proven else 0
    bounds = Levels(covered.bounds.critical, covered.bounds.other, burden_bound)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return _Answer(covered.lines, bounds, covered.coverage_proven, burden_proven=False, found=False)
    lines = joint.lines(solver)
    proven = status == cp_model.OPTIMAL
    if proven and round(solver.objective_value) != levels_of(tables, *lines, previous).burden:
        raise UnlawfulPlan(("objective-mismatch",))
    return _Answer(lines, bounds, covered.coverage_proven, burden_proven=proven, found=True)


def _bound(solver: cp_model.CpSolver) -> int:
    """The solver's lower bound, rounded up: every level is a whole number and none is negative."""
    bound = solver.best_objective_bound
    return max(math.ceil(bound - 1e-6), 0) if math.isfinite(bound) else 0


def _plan(tables: Tables, eligibility: Eligibility, previous: OpenPairs, spending: _Spending, answer: _Answer) -> Plan:
    pairs, placed = answer.lines
    levels = levels_of(tables, pairs, placed, previous)
    loans = tuple(LoanLine(tables.volunteers[who].id, tables.shifts[shift].id) for who, shift in pairs)
    placements = tuple(
        PlacementLine(tables.owner(block).id, tables.blocks[block].id, tables.offers[offer].id)
        for block, offer in placed.items()
    )
    return Plan(
        problem=tables.problem.id,
        status=_status(answer),
        loans=tuple(sorted(loans)),
        placements=tuple(sorted(placements)),
        levels=levels,
        bounds=answer.bounds,
        unmet=unmet_items(tables, eligibility, pairs, placed),
        unlocks=unlocks_of(tables, placed),
        solver=SolverInfo(
            name="cp-sat",
            version=version("ortools"),
            seed=spending.limits.seed,
            workers=spending.limits.workers,
            deterministic_limit=spending.limits.deterministic_time,
            deterministic_time=spending.deterministic_time,
            wall_limit_seconds=spending.limits.wall_seconds,
            wall_seconds=spending.wall_seconds(),
            wall_cap_reached=spending.wall_cap_reached,
        ),
        digest=digest_of(loans, placements),
    )


def _status(answer: _Answer) -> PlanStatus:
    if not answer.found:
        return PlanStatus.FALLBACK
    return PlanStatus.PROVEN if answer.coverage_proven and answer.burden_proven else PlanStatus.WITHIN_GAP
