"""The three levels: what a plan leaves unmet (critical, then other), then what it asks of people (burden).

Each level exists twice on purpose: as costs on the programme's columns, which solvers minimise, and as a direct count
on the lines of a plan, which is what gets reported.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exchange.matching import figures
from exchange.matching.arrays import IntArray
from exchange.matching.loan_variables import LoanVariables
from exchange.matching.moves import consecutive_blocks
from exchange.matching.placement_variables import PlacementVariables
from exchange.matching.plan import Levels
from exchange.matching.tables import Tables

OpenPairs = tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """`per_column · x + constant`: one entry of `per_column` for each column of the programme."""

    per_column: IntArray
    constant: int

    def most(self, upper: IntArray) -> int:
        """The largest value that the sum can take."""
        return self.constant + int((np.maximum(self.per_column, 0) * upper).sum())

    def of(self, x: IntArray) -> int:
        """The value at a point."""
        return self.constant + int(self.per_column @ x)

    def most_before(self, second: "Costs", upper: IntArray) -> int:
        """The largest value that the sum of `before` could take, beyond 64 bits too: to be looked at first."""
        return self.most(upper) * (second.most(upper) + 1) + second.most(upper)

    def before(self, second: "Costs", upper: IntArray) -> tuple["Costs", int]:
        """One sum that orders by this one, then by `second`, and the multiplier that separates the two."""
        multiplier = second.most(upper) + 1
        joint = self.per_column * multiplier + second.per_column
        return Costs(joint, self.constant * multiplier + second.constant), multiplier


def unmet_costs(
    tables: Tables, loans: LoanVariables, placements: PlacementVariables, width: int, *, critical: bool
) -> Costs:
    """Critical (urgency 3-4) or other (urgency 1-2) unmet weight."""
    costs = np.zeros(width, dtype=np.int64)
    need_critical = np.array([need.urgency >= figures.CRITICAL_URGENCY for need in tables.needs], dtype=bool)
    person_critical = np.array([one.urgency >= figures.CRITICAL_URGENCY for one in tables.situations], dtype=bool)
    of_shift = need_critical[tables.shift_need] == critical
    of_person = person_critical == critical
    costs[loans.missing] = np.where(of_shift, tables.seat_weight, 0)
    costs[placements.uncovered] = np.where(of_person[tables.block_situation[: tables.wanted]], tables.block_weight, 0)
    unsolved = np.where(of_person, tables.situation_weight, 0)
    costs[placements.whole] = -unsolved
    return Costs(costs, int(unsolved.sum()))


def burden_costs(
    tables: Tables, loans: LoanVariables, placements: PlacementVariables, width: int, previous: OpenPairs
) -> Costs:
    """Continuity, fairness, travel and churn, over variables made to price persons and handovers."""
    costs = np.zeros(width, dtype=np.int64)
    columns = loans.columns
    lines = tables.loan_price[columns.who[columns.column], columns.shift]
    if previous[0]:
        kept = [pair in previous[0] for pair in _pairs(columns.who[columns.column], columns.shift)]
        lines = lines - np.where(kept, figures.CHURN_PRICE_PER_LINE, 0)
    prices = np.bincount(columns.column, weights=lines, minlength=len(columns)).astype(np.int64)
    costs[loans.chosen] = prices + np.where(columns.is_pattern, tables.person_price[columns.who, columns.need], 0)
    costs[loans.used] = tables.person_price[loans.used_pairs[:, 0], loans.used_pairs[:, 1]]
    block, offer = placements.lines.block, placements.lines.offer
    served = tables.placement_price[block, offer] + tables.problem.prices.split * placements.lines.is_further
    if previous[1]:
        kept = [pair in previous[1] for pair in _pairs(block, offer)]
        served = served - np.where(kept, figures.CHURN_PRICE_PER_LINE, 0)
    costs[placements.served] = served
    costs[placements.place] = figures.PLACE_PER_PERSON_PRICE
    costs[placements.handover] = figures.HANDOVER_PRICE * placements.handover_times
    costs[placements.moves] = figures.HANDOVER_PRICE
    return Costs(costs, figures.CHURN_PRICE_PER_LINE * (len(previous[0]) + len(previous[1])))


def _pairs(left: IntArray, right: IntArray) -> list[tuple[int, int]]:
    return list(zip(left.tolist(), right.tolist(), strict=True))


def levels_of(
    tables: Tables, loans: Sequence[tuple[int, int]], placements: Mapping[int, int], previous: OpenPairs
) -> Levels:
    """The levels of a plan counted on its lines: loans (volunteer, shift), placements block or part → offer."""
    unmet = {True: 0, False: 0}
    filled = [0] * len(tables.shifts)
    for _, shift in loans:
        filled[shift] += 1
    for shift, asked in enumerate(tables.shifts):
        unmet[tables.shift_is_critical(shift)] += int(tables.seat_weight[shift]) * (asked.headcount - filled[shift])
    persons = {(who, int(tables.shift_need[shift])) for who, shift in loans}
    continuity = sum(int(tables.person_price[pair]) for pair in persons)
    uncovered: dict[int, list[int]] = defaultdict(list)
    for block in tables.unserved(placements):
        uncovered[int(tables.block_situation[block])].append(int(tables.cut_from[block]))
    for situation in range(len(tables.situations)):
        critical = tables.situation_is_critical(situation)
        unmet[critical] += sum(int(tables.block_weight[block]) for block in uncovered[situation])
        unmet[critical] += int(tables.situation_weight[situation]) if uncovered[situation] else 0
        lines = [one for one in tables.lines_of(situation) if one in placements]
        place_on = {segment: placements[one] for one in lines for segment in tables.blocks[one].segments}
        continuity += figures.PLACE_PER_PERSON_PRICE * len(set(place_on.values()))
        continuity += tables.problem.prices.split * (len(lines) - len({int(tables.cut_from[one]) for one in lines}))
        across = [pair for pairs in consecutive_blocks(tables, situation).values() for pair in pairs]
        continuity += figures.HANDOVER_PRICE * sum(
            one in place_on and two in place_on and place_on[one] != place_on[two] for one, two in across
        )
    prices = sum(int(tables.loan_price[line]) for line in loans)
    prices += sum(int(tables.placement_price[line]) for line in placements.items())
    absent = len(previous[0] - set(loans)) + len(previous[1] - set(placements.items()))
    burden = continuity + prices + figures.CHURN_PRICE_PER_LINE * absent
    return Levels(unmet[True], unmet[False], burden)
