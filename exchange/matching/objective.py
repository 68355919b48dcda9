"""The three levels: what a plan leaves unmet (critical, then other), then what it asks of people (burden).

Each level exists twice on purpose: as a weighted sum of variables, which the solver minimises, and as a direct
count on the lines of a plan, which is what gets reported.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from exchange.matching import figures
from exchange.matching.loans import LoanVariables
from exchange.matching.placements import PlacementVariables, consecutive_blocks
from exchange.matching.plan import Levels
from exchange.matching.tables import Tables

OpenPairs = tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]


@dataclass(slots=True)
class WeightedSum:
    """A linear expression kept as lists, with `most`, the largest value that it can take."""

    variables: list[cp_model.IntVar] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    constant: int = 0
    most: int = 0

    def add(self, variable: cp_model.IntVar, weight: int, largest: int = 1) -> None:
        if weight:
            self.variables.append(variable)
            self.weights.append(weight)
            self.most += max(weight, 0) * largest

    def expression(self) -> cp_model.LinearExpr:
        constant = self.constant
        return cp_model.LinearExpr.affine(cp_model.LinearExpr.weighted_sum(self.variables, self.weights), 1, constant)

    def before(self, second: "WeightedSum") -> tuple["WeightedSum", int]:
        """One sum that orders by this one, then by `second`, and the multiplier that separates the two."""
        multiplier = second.most + 1
        joint = WeightedSum(
            variables=[*self.variables, *second.variables],
            weights=[*(weight * multiplier for weight in self.weights), *second.weights],
            constant=self.constant * multiplier + second.constant,
            most=self.most * multiplier + second.most,
        )
        return joint, multiplier


def unmet_sum(tables: Tables, loans: LoanVariables, placements: PlacementVariables, critical: bool) -> WeightedSum:
    """Critical (urgency 3-4) or other (urgency 1-2) unmet weight."""
    total = WeightedSum()
    for shift, missing in enumerate(loans.missing):
        if tables.shift_is_critical(shift) == critical:
            total.add(missing, int(tables.seat_weight[shift]), tables.shifts[shift].headcount)
    for block, uncovered in enumerate(placements.uncovered):
        if tables.situation_is_critical(int(tables.block_situation[block])) == critical:
            total.add(uncovered, int(tables.block_weight[block]))
    for situation, whole in placements.whole.items():
        if tables.situation_is_critical(situation) == critical:
            weight = int(tables.situation_weight[situation])
            total.constant += weight
            total.most += weight
            total.add(whole, -weight)
    return total


def burden_sum(
    model: cp_model.CpModel,
    tables: Tables,
    loans: LoanVariables,
    placements: PlacementVariables,
    previous: OpenPairs,
) -> WeightedSum:
    """Continuity, fairness, travel and churn; `placements` must have its handovers."""
    total = WeightedSum()
    _add_persons_per_need(model, total, loans)
    for column, chosen in zip(loans.columns, loans.chosen, strict=True):
        for shift in column.shifts:
            total.add(chosen, _loan_price(tables, column.volunteer, shift))
            if (column.volunteer, shift) in previous[0]:
                total.add(chosen, -figures.CHURN_PRICE_PER_LINE)
    for (block, offer), served in placements.served.items():
        total.add(served, _placement_price(tables, block, offer))
        if (block, offer) in previous[1]:
            total.add(served, -figures.CHURN_PRICE_PER_LINE)
    for place in placements.place.values():
        total.add(place, figures.PLACE_PER_PERSON_PRICE)
    for handover, times in placements.handover.values():
        total.add(handover, figures.HANDOVER_PRICE * times)
    churn = figures.CHURN_PRICE_PER_LINE * (len(previous[0]) + len(previous[1]))
    total.constant += churn
    total.most += churn
    return total


def _add_persons_per_need(model: cp_model.CpModel, total: WeightedSum, loans: LoanVariables) -> None:
    singles: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    for column, chosen in zip(loans.columns, loans.chosen, strict=True):
        if column.is_pattern:
            total.add(chosen, figures.PERSON_PER_NEED_PRICE)
        else:
            singles[column.volunteer, column.need].append(chosen)
    for chosen_of_pair in singles.values():
        if len(chosen_of_pair) == 1:
            total.add(chosen_of_pair[0], figures.PERSON_PER_NEED_PRICE)
            continue
        used = model.new_bool_var("")
        for chosen in chosen_of_pair:
            model.add_implication(chosen, used)
        total.add(used, figures.PERSON_PER_NEED_PRICE)


def _loan_price(tables: Tables, volunteer: int, shift: int) -> int:
    travel = figures.TRAVEL_PRICE_PER_ONE_WAY_MINUTE * int(tables.loan_travel[volunteer, shift])
    return travel + int(tables.fairness_price[volunteer, shift])


def _placement_price(tables: Tables, block: int, offer: int) -> int:
    return figures.TRAVEL_PRICE_PER_ONE_WAY_MINUTE * int(tables.block_travel[block, offer])


def levels_of(
    tables: Tables, loans: Sequence[tuple[int, int]], placements: Mapping[int, int], previous: OpenPairs
) -> Levels:
    """The levels of a plan counted on its lines: loans (volunteer, shift), placements block → offer."""
    unmet = {True: 0, False: 0}
    filled = [0] * len(tables.shifts)
    for _, shift in loans:
        filled[shift] += 1
    for shift, asked in enumerate(tables.shifts):
        unmet[tables.shift_is_critical(shift)] += int(tables.seat_weight[shift]) * (asked.headcount - filled[shift])
    continuity = figures.PERSON_PER_NEED_PRICE * len({(who, int(tables.shift_need[shift])) for who, shift in loans})
    for situation in range(len(tables.situations)):
        critical = tables.situation_is_critical(situation)
        blocks = tables.blocks_of(situation)
        uncovered = [block for block in blocks if block not in placements]
        unmet[critical] += sum(int(tables.block_weight[block]) for block in uncovered)
        unmet[critical] += int(tables.situation_weight[situation]) if uncovered else 0
        places = {placements[block] for block in blocks if block in placements}
        continuity += figures.PLACE_PER_PERSON_PRICE * len(places)
        for (block, following), times in consecutive_blocks(tables, situation).items():
            both = block in placements and following in placements
            if both and placements[block] != placements[following]:
                continuity += figures.HANDOVER_PRICE * times
    prices = sum(_loan_price(tables, who, shift) for who, shift in loans)
    prices += sum(_placement_price(tables, block, offer) for block, offer in placements.items())
    absent = len(previous[0] - set(loans)) + len(previous[1] - set(placements.items()))
    burden = continuity + prices + figures.CHURN_PRICE_PER_LINE * absent
    return Levels(unmet[True], unmet[False], burden)
