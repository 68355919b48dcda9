"""What the linear relaxation proves in whole numbers, and the cuts that tighten it: no lawful plan is ever lost."""

import numpy as np
import pytest

from exchange.matching.cuts import Cutter
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.formulation import Formulation, burden_formulation, coverage_formulation
from exchange.matching.frozen import accepted_lines
from exchange.matching.limits import Limits, Spending
from exchange.matching.linear import relax
from exchange.matching.objective import Costs
from exchange.matching.programme import FREE, Programme, ProgrammeBuilder
from exchange.matching.search import search
from exchange.matching.stages import NOTHING_OPEN
from exchange.matching.tables import IntArray, Tables, tabulate
from tests.matching.tiny_problems import tiny_problem

SEEDS = range(12)


def _tables(seed: int) -> tuple[Tables, Formulation, Formulation]:
    tables = tabulate(problem_from_json(tiny_problem(seed, 4)))
    eligibility = examine(tables)
    fixed = accepted_lines(tables, eligibility)
    return (
        tables,
        coverage_formulation(tables, eligibility, fixed),
        burden_formulation(tables, eligibility, fixed, NOTHING_OPEN),
    )


def _cheapest(programme: Programme, costs: Costs) -> IntArray:
    found = search(programme, costs, Spending(Limits()))
    assert found.is_closed
    assert found.point is not None
    return found.point


def _covering(formulation: Formulation) -> Programme:
    """The plans that leave no critical weight beyond the least possible."""
    best = formulation.critical.of(_cheapest(formulation.programme, formulation.critical))
    return formulation.programme.with_row(formulation.critical.per_column, best - formulation.critical.constant)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_never_above_the_cheapest_plan(seed: int) -> None:
    _, coverage, burden = _tables(seed)
    for programme, costs in (
        (coverage.programme, coverage.critical),
        (coverage.programme, coverage.critical.before(coverage.other, coverage.programme.upper)[0]),
        (_covering(burden), burden.burden),
    ):
        relaxed = relax(programme, costs, 10)
        assert relaxed is not None
        assert relaxed.bound <= costs.of(_cheapest(programme, costs))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_column_priced_out_belongs_to_no_plan_as_cheap(seed: int) -> None:
    _, _, burden = _tables(seed)
    programme, costs = _covering(burden), burden.burden
    relaxed = relax(programme, costs, 10)
    assert relaxed is not None
    best = costs.of(_cheapest(programme, costs))
    left = relaxed.priced_out(programme, best + 1)
    out = np.flatnonzero((left.upper == left.lower) & (programme.upper > programme.lower))
    rng = np.random.default_rng(seed)
    for column in rng.permutation(out)[:8]:
        lower, upper = programme.lower.copy(), programme.upper.copy()
        if left.upper[column] == programme.lower[column]:
            lower[column] = programme.lower[column] + 1
        else:
            upper[column] = programme.upper[column] - 1
        found = search(programme.within(lower, upper), costs, Spending(Limits()))
        assert found.is_closed
        assert found.point is None or costs.of(found.point) > best


def test_pricing_out_leaves_fewer_columns_on_most_problems() -> None:
    """Otherwise the test above would look at nothing."""
    dropped = 0
    for seed in SEEDS:
        _, _, burden = _tables(seed)
        programme = _covering(burden)
        relaxed = relax(programme, burden.burden, 10)
        assert relaxed is not None
        left = relaxed.priced_out(programme, burden.burden.of(_cheapest(programme, burden.burden)) + 1)
        dropped += bool((left.upper < programme.upper).any())
    assert dropped > len(SEEDS) // 2


def test_multipliers_of_no_use_give_a_bound_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the linear solver answers, the bound holds: it is recomputed in whole numbers."""
    _, _, burden = _tables(3)
    programme, costs = _covering(burden), burden.burden
    best = costs.of(_cheapest(programme, costs))
    rng = np.random.default_rng(7)
    from exchange.matching import linear

    for scale in (0.5, 30.0, 5_000.0, 1e9):
        duals = rng.normal(0, scale, programme.height)
        floor, _, unit = linear._in_whole_numbers(programme, costs, duals)
        assert -(-floor // unit) + costs.constant <= best


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_loses_no_plan(seed: int) -> None:
    """Cuts found at a random fractional point hold for the cheapest plans of random prices."""
    tables, coverage, burden = _tables(seed)
    rng = np.random.default_rng(seed)
    for formulation in (coverage, burden):
        programme = formulation.programme
        cutter = Cutter(tables, formulation)
        everything = programme.upper * rng.uniform(0.2, 1.0, programme.width)
        stronger = cutter.strengthened(programme, everything)
        if stronger is None:
            continue
        for _ in range(6):
            prices = Costs(rng.integers(-50, 10, programme.width), 0)
            point = _cheapest(programme, prices)
            assert (stronger.activity(point) <= stronger.row_upper).all()


def test_cuts_are_found_where_persons_are_shared_and_where_minutes_are() -> None:
    """Otherwise the test above would hold for want of cuts."""
    rows = 0
    for seed in SEEDS:
        tables, _, burden = _tables(seed)
        programme = burden.programme
        stronger = Cutter(tables, burden).strengthened(programme, programme.upper * 0.6)
        rows += 0 if stronger is None else stronger.height - programme.height
    assert rows > 20


def test_a_row_without_a_side_is_never_broken_on_it() -> None:
    _, coverage, _ = _tables(0)
    point = _cheapest(coverage.programme, coverage.critical)
    activity = coverage.programme.activity(point)
    assert ((coverage.programme.row_lower <= activity) & (activity <= coverage.programme.row_upper)).all()
    assert (coverage.programme.row_lower <= -FREE).any()


def test_a_row_without_an_upper_side_has_none_for_the_search_either() -> None:
    """Clipped to some far number, the row would leave nothing to find, and the plan at hand would be called proven."""
    most = 2**41
    builder = ProgrammeBuilder()
    (column,) = builder.add_columns(np.array([most]))
    builder.add_row([int(column)], 1, most, FREE)
    found = search(builder.finished(), Costs(np.array([1]), 0), Spending(Limits()))
    assert found.point is not None
    assert found.point.tolist() == [most]
