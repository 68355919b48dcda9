"""The stages of a solve: cover as much as can be, then weigh as little as can be, then bring the balances closer."""

from dataclasses import dataclass, replace

import numpy as np

from exchange.matching.balance import balances_after, imbalance, priced_after
from exchange.matching.cuts import Cutter
from exchange.matching.eligibility import Eligibility
from exchange.matching.formulation import (
    LARGEST_JOINT_OBJECTIVE,
    Formulation,
    Lines,
    burden_formulation,
    coverage_formulation,
)
from exchange.matching.frozen import Fixed
from exchange.matching.least import Least, least
from exchange.matching.limits import Spending
from exchange.matching.objective import Costs, OpenPairs, levels_of
from exchange.matching.plan import Levels
from exchange.matching.programme import Programme
from exchange.matching.tables import Tables

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


def cover(case: Case, spending: Spending, start: Progress) -> Progress:
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


def lighten(case: Case, spending: Spending, covered: Progress) -> Progress:
    """Least burden among the plans that cover as much."""
    return _lightened(case, spending, covered, "burden")


def rebalance(case: Case, spending: Spending, lightest: Progress) -> Progress:
    """The lightest plan at prices told by where the first would leave the balances, where it leaves them closer."""
    moved = replace(case, tables=priced_after(case.tables, lightest.lines[0]))
    start = replace(lightest, levels=levels_of(moved.tables, *lightest.lines, case.previous))
    lines = _lightened(moved, spending, start, "balance").lines
    before, after = (imbalance(balances_after(case.tables, loans)) for loans in (lightest.lines[0], lines[0]))
    if after >= before:
        return lightest
    levels = levels_of(case.tables, *lines, case.previous)
    return replace(lightest, lines=lines, levels=levels, burden_proven=levels.burden <= lightest.bounds.burden)


def _lightened(case: Case, spending: Spending, covered: Progress, stage: str) -> Progress:
    formulation = burden_formulation(case.tables, case.eligibility, case.fixed, case.previous)
    spending.end_stage("build")
    programme = _covering_as_much(case, formulation, covered.levels)
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
    spending.end_stage(stage)
    # Where coverage is open, a plan that covers more may carry less: nothing is proven of its burden.
    bounds = Levels(covered.bounds.critical, covered.bounds.other, bound if covered.coverage_proven else 0)
    return replace(outcome, bounds=bounds, burden_proven=covered.coverage_proven and lightest.is_proven)


def _covering_as_much(case: Case, formulation: Formulation, levels: Levels) -> Programme:
    critical = _under(case.programme_of(formulation), formulation.critical, levels.critical)
    return _under(critical, formulation.other, levels.other)


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
