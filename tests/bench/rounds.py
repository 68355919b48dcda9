"""Lines of plans over generated territories, lawful or spoilt, in the forms that the two judges read."""

from random import Random
from typing import Any

from exchange.matching.files import problem_to_json
from exchange.matching.generate import generate_named, with_accepted_lines
from exchange.matching.phone_chain import CallOrder, phone_chain

Json = dict[str, Any]
Loan = tuple[str, str]
Placed = tuple[str, str, str]


def territory(shape: str, seed: int, frozen_percent: int = 0) -> Json:
    problem = generate_named(seed, shape)
    return problem_to_json(with_accepted_lines(problem, frozen_percent, seed) if frozen_percent else problem)


def lines_of_calls(shape: str, seed: int) -> tuple[list[Loan], list[Placed]]:
    lines = phone_chain(generate_named(seed, shape), CallOrder.URGENCY)
    loans = [(line.volunteer, line.shift) for line in lines.loans]
    return loans, [(line.situation, line.block, line.offer) for line in lines.placements]


def spoilt(problem: Json, loans: list[Loan], placements: list[Placed], seed: int) -> tuple[list[Loan], list[Placed]]:
    """The same lines, some dropped and some drawn at random among all that could be written."""
    rng = Random(seed)
    people = [one["id"] for one in problem["volunteers"]]
    shifts = [shift["id"] for need in problem["needs"] for shift in need["shifts"]]
    offers = [one["id"] for one in problem["offers"]]
    blocks = [(one["id"], block["id"]) for one in problem["situations"] for block in one["blocks"]]
    some_loans = [line for line in loans if rng.random() < 0.9]
    some_loans += [(rng.choice(people), rng.choice(shifts)) for _ in range(rng.randrange(6))]
    some_loans += [(rng.choice(some_loans)[0], rng.choice(shifts)) for _ in range(rng.randrange(4)) if some_loans]
    some_placements = [line for line in placements if rng.random() < 0.9]
    free = [block for block in blocks if all(line[:2] != block for line in some_placements)]
    drawn = rng.sample(free, min(len(free), rng.randrange(8)))
    some_placements += [(*block, rng.choice(offers)) for block in drawn]
    if rng.random() < 0.2 and some_placements:
        some_placements.append((*rng.choice(some_placements)[:2], rng.choice(offers)))
    return list(dict.fromkeys(some_loans)), list(dict.fromkeys(some_placements))
