"""The second pass of fairness: prices told by where the first plan would leave each association's balance.

Fairness is a price per hour lent, told by the balance before the run, and so blind to what the run itself lends. The
second pass moves the balances part of the way towards those of the first plan and looks again for the lightest plan at
the prices that follow. Levels are always counted at the file's own balances.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from exchange.matching.prices import fairness_prices
from exchange.matching.tables import Tables


def balances_after(tables: Tables, loans: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Minutes lent minus borrowed of each association, these loans included; moves inside one change nothing."""
    minutes = Counter({one.id: 60 * one.ledger_hours for one in tables.problem.associations})
    for who, shift in loans:
        need = int(tables.shift_need[shift])
        if tables.between_associations[who, need]:
            minutes[tables.volunteers[who].association] += int(tables.shift_minutes[shift])
            minutes[tables.establishments[tables.needs[need].establishment].association] -= int(
                tables.shift_minutes[shift]
            )
    return dict(minutes)


def imbalance(balances: dict[str, int]) -> int:
    """How far the balances are from zero, in minutes squared: one large debt weighs more than several small ones."""
    return sum(minutes**2 for minutes in balances.values())


def priced_after(tables: Tables, loans: Iterable[tuple[int, int]]) -> Tables:
    """The same tables, fairness priced at balances moved by the file's share towards those that these loans leave."""
    share = tables.problem.prices.rebalance_percent
    after = balances_after(tables, loans)
    moved = {
        one.id: one.ledger_hours + (after[one.id] - 60 * one.ledger_hours) * share // 6000
        for one in tables.problem.associations
    }
    fairness = fairness_prices(
        moved, tables.volunteers, tables.between_associations[:, tables.shift_need], tables.shift_minutes
    )
    return replace(tables, fairness_price=fairness, loan_price=tables.loan_price - tables.fairness_price + fairness)
