"""What a first model of this problem looks like: every rule, one weighted sum, the solver as it comes."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from bench.evaluator import LoanPair, Placed
from bench.territory import (
    DAY,
    HOURS_OF_URGENCY,
    LAWFUL_WEEK,
    WEEK,
    Json,
    Territory,
    price_of_loan,
    refusals_of_loan,
    refusals_of_placement,
    rested,
    unmet_hours_of_seat,
)

# One critical hour is worth any number of other hours met in practice, one other hour any burden.
CRITICAL_HOUR, OTHER_HOUR = 10_000_000, 1_000


@dataclass(frozen=True, slots=True)
class NaiveAnswer:
    """The lines found within the limit, none where the solver had no answer yet."""

    loans: tuple[LoanPair, ...]
    placements: tuple[Placed, ...]
    proven: bool


def solve_naively(problem: Json, wall_seconds: float) -> NaiveAnswer:
    """One model, default parameters, one worker, stopped by the clock."""
    at = Territory.of(problem)
    model = cp_model.CpModel()
    price: list[cp_model.LinearExprT] = []
    takes = _loans(model, at, price)
    serves = _placements(model, at, takes, price)
    model.minimize(sum(price))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = wall_seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return NaiveAnswer((), (), proven=False)
    return NaiveAnswer(
        loans=tuple(pair for pair, chosen in takes.items() if solver.boolean_value(chosen)),
        placements=tuple(line for line, chosen in serves.items() if solver.boolean_value(chosen)),
        proven=status == cp_model.OPTIMAL,
    )


def _worth(urgency: int) -> int:
    return CRITICAL_HOUR if urgency >= 3 else OTHER_HOUR


def _loans(
    model: cp_model.CpModel, at: Territory, price: list[cp_model.LinearExprT]
) -> dict[LoanPair, cp_model.IntVar]:
    ledger = {one["id"]: one["ledger_hours"] for one in at.problem["associations"]}
    takes: dict[LoanPair, cp_model.IntVar] = {}
    for name, person in at.people.items():
        for shift_name, (need, shift) in at.shifts.items():
            if next(refusals_of_loan(at, person, need, shift), None) is None:
                takes[name, shift_name] = chosen = model.new_bool_var(f"{name} takes {shift_name}")
                price.append(price_of_loan(at, ledger, person, need, shift) * chosen)
    of_shift: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    of_person: dict[str, list[str]] = defaultdict(list)
    leaving: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    for (name, shift_name), chosen in takes.items():
        of_shift[shift_name].append(chosen)
        of_person[name].append(shift_name)
        leaving[at.people[name]["establishment"], at.shifts[shift_name][1]["start"] // DAY].append(chosen)
    for shift_name, (need, shift) in at.shifts.items():
        model.add(sum(of_shift[shift_name]) <= shift["headcount"])
        hours = unmet_hours_of_seat(need, shift) * _worth(need["urgency"])
        price.append(hours * (shift["headcount"] - sum(of_shift[shift_name])))
    for cap in at.problem["lend_caps"]:
        model.add(sum(leaving[cap["establishment"], cap["day"]]) <= cap["max_out"])
    for name, shift_names in of_person.items():
        _one_person(model, at, name, {one: takes[name, one] for one in shift_names}, price)
    return takes


def _one_person(
    model: cp_model.CpModel,
    at: Territory,
    name: str,
    chosen: dict[str, cp_model.IntVar],
    price: list[cp_model.LinearExprT],
) -> None:
    person = at.people[name]
    periods = {one: (at.shifts[one][1]["start"], at.shifts[one][1]["end"]) for one in chosen}
    for one, two in combinations(chosen, 2):
        if not rested(periods[one], periods[two]):
            model.add(chosen[one] + chosen[two] <= 1)
    minutes = {one: end - start for one, (start, end) in periods.items()}
    model.add(sum(minutes[one] * chosen[one] for one in chosen) <= person["max_loan_minutes"])
    for week, done in enumerate(person["week_minutes_done"]):
        here = [one for one in chosen if periods[one][0] // WEEK == week]
        if here:
            model.add(sum(minutes[one] * chosen[one] for one in here) <= LAWFUL_WEEK - done)
    for need in {at.shifts[one][0]["id"] for one in chosen}:
        joins = model.new_bool_var(f"{name} joins {need}")
        for one in chosen:
            if at.shifts[one][0]["id"] == need:
                model.add(chosen[one] <= joins)
        price.append(90 * joins)


def _placements(
    model: cp_model.CpModel,
    at: Territory,
    takes: dict[LoanPair, cp_model.IntVar],
    price: list[cp_model.LinearExprT],
) -> dict[Placed, cp_model.IntVar]:
    full = {
        shift_name: model.new_bool_var(f"{shift_name} is full")
        for offer in at.offers.values()
        for pairs in offer["requires"].values()
        for _, shift_name in pairs
    }
    for shift_name, one in full.items():
        staff = [chosen for (_, other), chosen in takes.items() if other == shift_name]
        model.add(sum(staff) >= at.shifts[shift_name][1]["headcount"] * one)
    serves: dict[Placed, cp_model.IntVar] = {}
    guests: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    for name, person in at.situations.items():
        for offer_name, offer in at.offers.items():
            if next(refusals_of_placement(at, person, offer), None) is not None:
                continue
            for block in person["blocks"]:
                if all(offer["capacity"][one] + offer["extra_capacity"][one] for one in block["segments"]):
                    serves[name, block["id"], offer_name] = chosen = model.new_bool_var(f"{offer_name} serves {name}")
                    price.append(2 * at.trip(person["commune"], offer["establishment"]) * chosen)
                    for segment in block["segments"]:
                        guests[offer_name, segment].append(chosen)
    for (offer_name, segment), inside in guests.items():
        offer = at.offers[offer_name]
        base, extra = offer["capacity"][segment], offer["extra_capacity"][segment]
        model.add(sum(inside) <= base + extra)
        for shift_name in at.staffing(offer, segment) if extra else ():
            model.add(sum(inside) <= base + extra * full[shift_name])
    for name, person in at.situations.items():
        _one_situation(model, person, {line[1:]: one for line, one in serves.items() if line[0] == name}, price)
    _apart(model, at, serves)
    return serves


def _one_situation(
    model: cp_model.CpModel,
    person: Json,
    chosen: dict[tuple[str, str], cp_model.IntVar],
    price: list[cp_model.LinearExprT],
) -> None:
    hour = HOURS_OF_URGENCY[person["urgency"]] * _worth(person["urgency"])
    solved = model.new_bool_var(f"{person['id']} is solved")
    price.append(16 * hour * (1 - solved))
    for block in person["blocks"]:
        served = sum(one for (name, _), one in chosen.items() if name == block["id"])
        model.add(served <= 1)
        model.add(solved <= served)
        price.append(4 * len(block["segments"]) * hour * (1 - served))
    used = {offer: model.new_bool_var(f"{person['id']} goes to {offer}") for offer in {key[1] for key in chosen}}
    for (_, offer), one in chosen.items():
        model.add(one <= used[offer])
    model.add(sum(used.values()) <= person["max_places"])
    price.append(150 * sum(used.values()))
    held = sorted((segment, block["id"]) for block in person["blocks"] for segment in block["segments"])
    for (_, one), (_, two) in pairwise(held):
        if one == two:
            continue
        for here in used:
            for there in used:
                if here != there and (one, here) in chosen and (two, there) in chosen:
                    moves = model.new_bool_var("moves")
                    model.add(chosen[one, here] + chosen[two, there] <= 1 + moves)
                    price.append(30 * moves)


def _apart(model: cp_model.CpModel, at: Territory, serves: dict[Placed, cp_model.IntVar]) -> None:
    present: dict[tuple[str, str, int], list[cp_model.IntVar]] = defaultdict(list)
    for (name, block, offer), one in serves.items():
        for segment in at.blocks[name, block]:
            present[name, at.offers[offer]["establishment"], segment].append(one)
    for (name, house, segment), here in present.items():
        for other in at.situations[name]["incompatible_with"]:
            model.add(sum(here) + sum(present.get((other, house, segment), [])) <= 1)
