"""Three judges that share no code: lines taken one by one, the checker, the exhaustive search."""

from random import Random
from typing import Any

from exchange.matching.checker import check
from exchange.matching.commitments import TakenLoans, TakenPlaces
from exchange.matching.eligibility import examine
from exchange.matching.files import problem_from_json
from exchange.matching.tables import tabulate
from tests.matching import hand_made
from tests.matching.oracle import Oracle

Json = dict[str, Any]


def judge_loans_alike(problem: Json, seed: int) -> None:
    """Which further loan is lawful, after some taken at random."""
    rng, oracle, tables = Random(seed), Oracle(problem), tabulate(problem_from_json(problem))
    eligibility = examine(tables)
    for _ in range(3):
        taken, chosen = TakenLoans(tables, eligibility), list[tuple[str, str]]()
        pairs = [(who, shift) for who in oracle.people for shift in oracle.shifts]
        rng.shuffle(pairs)
        for who, shift in pairs:
            line = tables.volunteer_index[who], tables.shift_index[shift]
            seats = oracle.shifts[shift][1]["headcount"]
            allowed = (
                oracle.loan_pair_allowed(oracle.people[who], *oracle.shifts[shift])
                and oracle.loan_set_allowed([*chosen, (who, shift)])
                and [other for _, other in chosen].count(shift) < seats
            )
            assert (taken.objection(*line) is None) == allowed
            plan = hand_made.plan(problem, [*chosen, (who, shift)], [])
            assert (not _breaches(problem, plan)) == allowed
            if allowed and rng.random() < 0.8:
                taken.take(*line)
                chosen.append((who, shift))


def judge_places_alike(problem: Json) -> None:
    """Which offer may serve each block, were it alone and every shift covered."""
    oracle, tables = Oracle(problem), tabulate(problem_from_json(problem))
    eligibility = examine(tables)
    for person in oracle.situations.values():
        for block in person["blocks"]:
            for offer in oracle.offers.values():
                room = all(offer["capacity"][at] + offer["extra_capacity"][at] > 0 for at in block["segments"])
                allowed = oracle.offer_allowed(person, block, offer) and room and person["max_places"] > 0
                line = tables.block_index[person["id"], block["id"]], tables.offer_index[offer["id"]]
                empty = TakenPlaces(tables, eligibility, is_open=lambda offer, segment: True)
                assert (empty.objection(*line) is None) == allowed
                plan = hand_made.plan(problem, [], [(person["id"], block["id"], offer["id"])])
                assert (not _breaches(problem, plan) - {"conditional-capacity"}) == allowed


def _breaches(problem: Json, plan: Json) -> set[str]:
    return {violation.code.value for violation in check(problem, plan)}
