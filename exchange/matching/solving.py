"""Solve a problem: coverage first (critical strictly before other), then the burden under both; always a plan."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np

from exchange.matching.checker import check
from exchange.matching.eligibility import Eligibility, examine
from exchange.matching.errors import UnlawfulPlan, refuse
from exchange.matching.explain import unlocks_of, unmet_items
from exchange.matching.files import problem_to_json
from exchange.matching.frozen import Fixed, accepted_lines, open_lines, remaining
from exchange.matching.incumbent import accepted_plan, completed_by_urgency
from exchange.matching.limits import Limits, Spending
from exchange.matching.objective import OpenPairs, levels_of
from exchange.matching.placement_variables import new_cuts_allowed, without_new_cuts
from exchange.matching.plan import Levels, Plan, PlanStatus, SolverInfo, digest_of
from exchange.matching.plan_files import plan_to_json
from exchange.matching.problem import LoanLine, Problem
from exchange.matching.stages import Case, Progress, cover, lighten, rebalance
from exchange.matching.tables import Tables, tabulate

# Candidates left after the rules taken pair by pair; a department has about 10,000.
MOST_CANDIDATES = 300_000


def solve(problem: Problem, limits: Limits | None = None) -> Plan:
    """The best plan found for a problem, checked independently before it is returned.

    The same problem, in whatever order its lists are given, gives the same plan as long as the wall cap does not
    fire. Raises `ProblemInvalid` where an accepted line breaks a rule, `UnlawfulPlan` where the check fails.
    """
    spending = Spending(limits or Limits())
    tables = tabulate(problem)
    eligibility = examine(tables)
    _refuse_too_many_candidates(eligibility)
    fixed = accepted_lines(tables, eligibility)
    previous = open_lines(tables)
    spending.end_stage("build")
    outcome = planned_lines(tables, eligibility, fixed, previous, spending)
    plan = _plan(tables, eligibility, spending, outcome)
    breaches = check(problem_to_json(problem), plan_to_json(plan))
    if breaches:
        raise UnlawfulPlan(tuple(f"{breach.code.value} ({breach.key})" for breach in breaches))
    return plan


def planned_lines(
    tables: Tables, eligibility: Eligibility, fixed: Fixed, previous: OpenPairs, spending: Spending
) -> Progress:
    """The lines of the best plan: coverage, then burden, then balances where the file asks for it.

    The search starts from the accepted lines completed by urgency.
    """
    case = Case(tables, remaining(tables, eligibility, fixed), fixed, previous)
    start = completed_by_urgency(tables, case.eligibility, accepted_plan(tables, eligibility, fixed, spending.limits))
    outcome = Progress(start, levels_of(tables, *start, previous), Levels(0, 0, 0))
    spending.end_stage("start")
    case, outcome = _lightest(case, spending, outcome)
    is_second_pass = outcome.burden_proven and tables.problem.prices.rebalance_percent > 0
    return rebalance(case, spending, outcome) if is_second_pass else outcome


def _lightest(case: Case, spending: Spending, start: Progress) -> tuple[Case, Progress]:
    """The lightest plan of those that cover most, and the case that it was found in."""
    whole = replace(case, eligibility=without_new_cuts(case.tables, case.eligibility, case.fixed))
    outcome = cover(whole, spending, start)
    if not outcome.found:
        return whole, outcome
    if not new_cuts_allowed(case.tables, case.eligibility, case.fixed):
        return whole, lighten(whole, spending, outcome)
    # Every plan cuts some block anew or none: what is proven of both is proven of all, and the second rarely wins.
    cut = replace(case, must_cut=True)
    covered = _at_worst(outcome, cover(cut, spending, outcome))
    if covered.levels < outcome.levels and covered.lines is not outcome.lines:
        return cut, lighten(cut, spending, covered)
    lightened = lighten(whole, spending, covered)
    found = lighten(cut, spending, lightened)
    return whole if found.lines is lightened.lines else cut, _at_worst(lightened, found)


def _at_worst(without: Progress, within: Progress) -> Progress:
    """The second, which began where the first ended, with what is proven of both."""
    return replace(
        within,
        bounds=min(without.bounds, within.bounds),
        coverage_proven=without.coverage_proven and within.coverage_proven,
        burden_proven=without.burden_proven and within.burden_proven,
    )


def _refuse_too_many_candidates(eligibility: Eligibility) -> None:
    for key, codes in (("volunteers", eligibility.loans), ("offers", eligibility.placements)):
        candidates = int(np.count_nonzero(codes == 0))
        if candidates > MOST_CANDIDATES:
            refuse(key, f"{candidates} paires possibles dépassent {MOST_CANDIDATES} : découpez le territoire")


def _plan(tables: Tables, eligibility: Eligibility, spending: Spending, outcome: Progress) -> Plan:
    pairs, placed = outcome.lines
    loans = tuple(LoanLine(tables.volunteers[who].id, tables.shifts[shift].id) for who, shift in pairs)
    placements = tuple(tables.placement_line(*line) for line in placed.items())
    return Plan(
        problem=tables.problem.id,
        status=_status(outcome),
        loans=tuple(sorted(loans)),
        placements=tuple(sorted(placements)),
        levels=outcome.levels,
        bounds=outcome.bounds,
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
            stages=tuple(spending.stages),
        ),
        digest=digest_of(loans, placements),
    )


def _status(outcome: Progress) -> PlanStatus:
    if not outcome.found:
        return PlanStatus.FALLBACK
    return PlanStatus.PROVEN if outcome.burden_proven else PlanStatus.WITHIN_GAP
