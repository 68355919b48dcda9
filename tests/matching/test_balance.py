"""A second pass of fairness brings the balances of the associations closer, at no cost to anybody who waits."""

from dataclasses import replace

import pytest

from exchange.matching import Plan, solve
from exchange.matching.balance import balances_after, imbalance, priced_after
from exchange.matching.generate import generate_named
from exchange.matching.plan import PlanStatus
from exchange.matching.problem import Problem
from exchange.matching.tables import Tables, tabulate


def _rebalanced(problem: Problem, percent: int) -> Problem:
    return replace(problem, prices=replace(problem.prices, rebalance_percent=percent))


def _loans(tables: Tables, plan: Plan) -> list[tuple[int, int]]:
    return [(tables.volunteer_index[line.volunteer], tables.shift_index[line.shift]) for line in plan.loans]


def test_a_loan_adds_its_minutes_to_the_lender_and_takes_them_from_the_host() -> None:
    problem = generate_named(1, "tiny")
    tables = tabulate(problem)
    plan = solve(problem)
    loans = _loans(tables, plan)
    assert loans
    before, after = balances_after(tables, []), balances_after(tables, loans)
    assert before == {one.id: 60 * one.ledger_hours for one in problem.associations}
    assert sum(after.values()) == sum(before.values())
    for association in before:
        lent = sum(int(tables.shift_minutes[shift]) for who, shift in loans if _lender(tables, who) == association)
        borrowed = sum(int(tables.shift_minutes[shift]) for _, shift in loans if _host(tables, shift) == association)
        assert after[association] - before[association] == lent - borrowed


def _lender(tables: Tables, who: int) -> str:
    return tables.volunteers[who].association


def _host(tables: Tables, shift: int) -> str:
    return tables.establishments[tables.needs[int(tables.shift_need[shift])].establishment].association


def test_a_second_pass_makes_who_lent_dearer_and_who_borrowed_cheaper() -> None:
    problem = _rebalanced(generate_named(1, "tiny"), 100)
    tables = tabulate(problem)
    loans = _loans(tables, solve(problem))
    moved, after = priced_after(tables, loans), balances_after(tables, loans)
    for who, volunteer in enumerate(tables.volunteers):
        ledger = next(60 * one.ledger_hours for one in problem.associations if one.id == volunteer.association)
        change = moved.fairness_price[who] - tables.fairness_price[who]
        assert (change >= 0).all() if after[volunteer.association] >= ledger else (change <= 0).all()
    assert (moved.loan_price - moved.fairness_price == tables.loan_price - tables.fairness_price).all()
    assert (moved.fairness_price != tables.fairness_price).any()


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_balances_end_closer_with_the_same_coverage_and_an_honest_status(seed: int) -> None:
    problem = generate_named(seed, "bassin")
    tables = tabulate(problem)
    once, twice = solve(problem), solve(_rebalanced(problem, 50))
    assert (twice.levels.critical, twice.levels.other) == (once.levels.critical, once.levels.other)
    assert imbalance(balances_after(tables, _loans(tables, twice))) < imbalance(
        balances_after(tables, _loans(tables, once))
    )
    assert twice.bounds.burden == once.levels.burden <= twice.levels.burden
    assert twice.status is (PlanStatus.PROVEN if twice.levels == once.levels else PlanStatus.WITHIN_GAP)


def test_a_second_pass_that_would_part_the_balances_is_left() -> None:
    problem = generate_named(6, "bassin")
    once, twice = solve(problem), solve(_rebalanced(problem, 100))
    assert (twice.digest, twice.levels, twice.status) == (once.digest, once.levels, once.status)
