"""Solve a problem: coverage first (critical strictly before other), then the burden under both; always a plan."""

from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np

from exchange.matching.balance import balances_after, imbalance, priced_after
from exchange.matching.checker import check
from exchange.matching.cuts import Cutter
from exchange.matching.eligibility import Eligibility, examine
from exchange.matching.errors import UnlawfulPlan, refuse
from exchange.matching.explain import unlocks_of, unmet_items
from exchange.matching.files import problem_to_json
from exchange.matching.formulation import (
    LARGEST_JOINT_OBJECTIVE,
    Formulation,
    Lines,
    burden_formulation,
    coverage_formulation,
)
from exchange.matching.frozen import Fixed, accepted_lines, open_lines, remaining
from exchange.matching.incumbent import accepted_plan, completed_by_urgency
from exchange.matching.least import Least, least
from exchange.matching.limits import Limits, Spending
from exchange.matching.objective import Costs, OpenPairs, burden_costs, levels_of
from exchange.matching.placement_variables import new_cuts_allowed, without_new_cuts
from exchange.matching.plan import Levels, Plan, PlanStatus, SolverInfo, digest_of
from exchange.matching.plan_files import plan_to_json
from exchange.matching.problem import LoanLine, Problem
from exchange.matching.programme import Programme
from exchange.matching.tables import Tables, tabulate

# Candidates left after the rules taken pair by pair; a department has about 10,000.
MOST_CANDIDATES = 300_000
NOTHING_OPEN: OpenPairs = (frozenset(), frozenset())
# Coverage may use this share of the limits; the burden has all that is left.
COVERAGE_SHARE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is solved: the tables, the candidates that accepted lines leave, those lines, the open ones.

    `must_cut`: only among the plans that cut some block anew.
    """

    tables: Tables
    eligibility: Eligibility
    fixed: Fixed
    previous: OpenPairs
    must_cut: bool = False

    def programme_of(self, formulation: Formulation) -> Programme:
        if not self.must_cut:
            return formulation.programme
        lines = formulation.placements.lines
        cuts = np.zeros(formulation.programme.width, dtype=np.int64)
        cuts[formulation.placements.served[lines.is_further & ~lines.is_begun]] = -1
        return formulation.programme.with_row(cuts, -1)


@dataclass(frozen=True, slots=True)
class Progress:
    """The best lines so far, what is proven of their levels, and whether a search ever reached them."""

    lines: Lines
    levels: Levels
    bounds: Levels
    coverage_proven: bool = False
    burden_proven: bool = False
    found: bool = False


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
    """The lines of the best plan: coverage, then burden, starting from the accepted lines completed by urgency."""
    case = Case(tables, remaining(tables, eligibility, fixed), fixed, previous)
    start = completed_by_urgency(tables, case.eligibility, accepted_plan(tables, eligibility, fixed, spending.limits))
    outcome = Progress(start, levels_of(tables, *start, previous), Levels(0, 0, 0))
    spending.end_stage("start")
    whole = replace(case, eligibility=without_new_cuts(tables, case.eligibility, fixed))
    outcome = _cover(whole, spending, outcome)
    if not outcome.found or not new_cuts_allowed(tables, case.eligibility, fixed):
        return _lighten(whole, spending, outcome) if outcome.found else outcome
    # Every plan cuts some block anew or none: what is proven of both is proven of all, and the second rarely wins.
    cut = replace(case, must_cut=True)
    covered = _at_worst(outcome, _cover(cut, spending, outcome))
    if covered.levels < outcome.levels and covered.lines is not outcome.lines:
        return _lighten(cut, spending, covered)
    lightened = _lighten(whole, spending, covered)
    return _at_worst(lightened, _lighten(cut, spending, lightened))


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


def _cover(case: Case, spending: Spending, start: Progress) -> Progress:
    """Least critical unmet weight, then least other; in one objective where its size allows."""
    formulation = coverage_formulation(case.tables, case.eligibility, case.fixed)
    spending.end_stage("build")
    programme, critical, other = case.programme_of(formulation), formulation.critical, formulation.other
    cutter = Cutter(case.tables, formulation)
    if critical.most_before(other, programme.upper) <= LARGEST_JOINT_OBJECTIVE:
        both, multiplier = critical.before(other, programme.upper)
        known = start.levels.critical * multiplier + start.levels.other
        reached = least(
            programme, both, spending, COVERAGE_SHARE, known=known, strengthen=cutter.strengthened, is_nearly_whole=True
        )
        outcome = _reached(case, formulation, start, reached)
        critical_bound, other_bound = divmod(reached.bound, multiplier)
        # Short of a proof, a bound on the second level means nothing unless the first is closed.
        bounds = Levels(critical_bound, other_bound if critical_bound == outcome.levels.critical else 0, 0)
        outcome = replace(outcome, bounds=bounds, coverage_proven=reached.is_proven)
    else:
        outcome = _cover_in_turn(case, formulation, cutter, spending, start)
    spending.end_stage("coverage")
    return outcome


def _cover_in_turn(
    case: Case, formulation: Formulation, cutter: Cutter, spending: Spending, start: Progress
) -> Progress:
    programme, critical, other = case.programme_of(formulation), formulation.critical, formulation.other
    first = least(
        programme,
        critical,
        spending,
        COVERAGE_SHARE / 2,
        known=start.levels.critical,
        strengthen=cutter.strengthened,
        is_nearly_whole=True,
    )
    outcome = _reached(case, formulation, start, first)
    under = _under(programme, critical, outcome.levels.critical)
    second = least(
        under,
        other,
        spending,
        COVERAGE_SHARE,
        known=outcome.levels.other,
        strengthen=cutter.strengthened,
        is_nearly_whole=True,
    )
    outcome = _reached(case, formulation, outcome, second)
    bounds = Levels(first.bound, second.bound if first.is_proven else 0, 0)
    return replace(outcome, bounds=bounds, coverage_proven=first.is_proven and second.is_proven)


def _lighten(case: Case, spending: Spending, covered: Progress) -> Progress:
    """Least burden among the plans that cover as much."""
    formulation = burden_formulation(case.tables, case.eligibility, case.fixed, case.previous)
    spending.end_stage("build")
    programme = _under(case.programme_of(formulation), formulation.critical, covered.levels.critical)
    programme = _under(programme, formulation.other, covered.levels.other)
    outcome, bound = covered, 0
    while True:
        lightest = least(
            programme,
            formulation.burden,
            spending,
            1.0,
            known=outcome.levels.burden,
            strengthen=Cutter(case.tables, formulation).strengthened,
            is_nearly_whole=False,
        )
        outcome, bound = _reached(case, formulation, outcome, lightest), max(bound, lightest.bound)
        missed = formulation.rows_missed(case.tables, lightest.point)
        if missed is None:
            break
        programme = programme.with_rows(missed)
    spending.end_stage("burden")
    # Where coverage is open, a plan that covers more may carry less: nothing is proven of its burden.
    bounds = Levels(covered.bounds.critical, covered.bounds.other, bound if covered.coverage_proven else 0)
    outcome = replace(outcome, bounds=bounds, burden_proven=covered.coverage_proven and lightest.is_proven)
    if case.tables.problem.prices.rebalance_percent:
        outcome = _rebalance(case, replace(formulation, programme=programme), spending, outcome)
        spending.end_stage("balance")
    return outcome


def _rebalance(case: Case, formulation: Formulation, spending: Spending, lightest: Progress) -> Progress:
    """The lightest plan at prices told by where the first would leave the balances, where it leaves them closer."""
    moved = replace(case, tables=priced_after(case.tables, lightest.lines[0]))
    costs = burden_costs(
        moved.tables, formulation.loans, formulation.placements, formulation.programme.width, case.previous
    )
    found = least(
        formulation.programme,
        costs,
        spending,
        1.0,
        known=levels_of(moved.tables, *lightest.lines, case.previous).burden,
        strengthen=Cutter(moved.tables, formulation).strengthened,
        is_nearly_whole=False,
    )
    if found.point is None:
        return lightest
    lines = formulation.lines(found.point)
    before, after = (imbalance(balances_after(case.tables, loans)) for loans in (lightest.lines[0], lines[0]))
    if after >= before:
        return lightest
    levels = levels_of(case.tables, *lines, case.previous)
    return replace(lightest, lines=lines, levels=levels, burden_proven=levels.burden <= lightest.bounds.burden)


def _under(programme: Programme, costs: Costs, reached: int) -> Programme:
    return programme.with_row(costs.per_column, reached - costs.constant)


def _reached(case: Case, formulation: Formulation, before: Progress, reached: Least) -> Progress:
    """The lines of a search, recounted, where it found better ones; those before it otherwise."""
    found = before.found or reached.point is not None or reached.is_proven
    if reached.point is None:
        return replace(before, found=found)
    lines = formulation.lines(reached.point)
    levels = levels_of(case.tables, *lines, case.previous)
    if levels >= before.levels:
        return replace(before, found=found)
    return replace(before, lines=lines, levels=levels, found=found)


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
