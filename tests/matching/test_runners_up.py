"""What an answer's replacement is said to cost is what exhaustive search over that part of the plan finds."""

from typing import Any

import pytest

from exchange.matching.explanation import Difference
from exchange.matching.runner_up import runners_up_of_situation, runners_up_of_volunteer
from exchange.matching.unlocking import opening_of
from tests.matching import hand_made
from tests.matching.part_search import best_of_part, is_lawful, levels_of_lines
from tests.matching.plans_in_place import InPlace, in_place, tiny_in_place

Json = dict[str, Any]

# The last ones have places that a loan opens.
SEEDS = (*range(24), 53, 58, 59, 62, 66, 79, 112, 126)


def _added(found: tuple[int, int, int] | None, at: InPlace) -> Difference:
    assert found is not None
    return Difference(*(after - before for after, before in zip(found, at.levels, strict=True)))


def _frozen(at: InPlace) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    frozen = at.problem.get("frozen", {})
    return (
        {(line["volunteer"], line["shift"]) for line in frozen.get("loans", [])},
        {(line["situation"], line["block"]) for line in frozen.get("placements", [])},
    )


def _offers(at: InPlace) -> list[str]:
    return [offer["id"] for offer in at.problem["offers"]]


def _bound_to(at: InPlace, blocks: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """These blocks and those that stand or fall with them."""
    tables, companions = at.standing.tables, at.standing.rules.companions
    indices = {bound for key in blocks for bound in companions.get(tables.block_index[key], (tables.block_index[key],))}
    return {(tables.owner(index).id, tables.blocks[index].id) for index in indices}


def _resting(at: InPlace, shifts: set[str]) -> set[tuple[str, str]]:
    """Blocks in offers that use, on some segment, places which one of these shifts opens."""
    segments = {(s["id"], b["id"]): b["segments"] for s in at.problem["situations"] for b in s["blocks"]}
    found = set()
    for offer in at.problem["offers"]:
        for segment, required in offer["requires"].items():
            here = [(s, b) for s, b, o in at.placements if o == offer["id"] and int(segment) in segments[s, b]]
            if len(here) > offer["capacity"][int(segment)] and shifts & {shift for _, shift in required}:
                found |= set(here)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_next_answer_of_a_situation_costs_what_exhaustive_search_says(seed: int) -> None:
    at = tiny_in_place(seed)
    for index, situation in enumerate(at.standing.tables.situations):
        served = {(s, b): o for s, b, o in at.placements if s == situation.id and (s, b) not in _frozen(at)[1]}
        runners_up = runners_up_of_situation(at.standing, index)
        assert bool(runners_up) == bool(served)
        barred = {key: {offer} for key, offer in served.items()}
        for runner_up in runners_up:
            free = _bound_to(at, set(served)) - _frozen(at)[1]
            kept = frozenset(line for line in at.placements if line[:2] not in free)
            blocks = {key: [o for o in _offers(at) if o not in barred.get(key, ())] for key in sorted(free)}
            assert runner_up.cost == _added(best_of_part(at.problem, (at.loans, kept), {}, blocks), at)
            for line in runner_up.placements:
                barred[line.situation, line.block].add(line.offer)


@pytest.mark.parametrize("seed", SEEDS)
def test_next_person_for_a_need_costs_what_exhaustive_search_says(seed: int) -> None:
    at = tiny_in_place(seed)
    tables = at.standing.tables
    shifts_of = {need["id"]: [shift["id"] for shift in need["shifts"]] for need in at.problem["needs"]}
    for who, person in enumerate(tables.volunteers):
        for shifts in shifts_of.values():
            mine = {shift for volunteer, shift in at.loans if volunteer == person.id and shift in shifts}
            freed = {(person.id, shift) for shift in mine} - _frozen(at)[0]
            runners_up = runners_up_of_volunteer(at.standing, who, [tables.shift_index[shift] for shift in mine])
            barred = {person.id}
            for runner_up in runners_up:
                found = _without(at, freed, barred)
                assert runner_up.cost == _added(found, at)
                barred |= {line.volunteer for line in runner_up.loans}


def _without(at: InPlace, freed: set[tuple[str, str]], barred: set[str]) -> tuple[int, int, int] | None:
    free = _bound_to(at, _resting(at, {shift for _, shift in freed})) - _frozen(at)[1]
    kept = at.loans - freed, frozenset(line for line in at.placements if line[:2] not in free)
    able = [person["id"] for person in at.problem["volunteers"] if person["id"] not in barred]
    seats = dict.fromkeys(sorted({shift for _, shift in freed}), able)
    return best_of_part(at.problem, kept, seats, {key: _offers(at) for key in sorted(free)})


@pytest.mark.parametrize("seed", SEEDS)
def test_places_that_a_loan_opens_close_without_it(seed: int) -> None:
    at = tiny_in_place(seed)
    tables = at.standing.tables
    everybody = {person["id"] for person in at.problem["volunteers"]}
    for volunteer, shift in sorted(at.loans - _frozen(at)[0]):
        opening = opening_of(at.standing, tables.volunteer_index[volunteer], [tables.shift_index[shift]])
        if opening is None:
            continue
        assert not is_lawful(at.problem, at.loans - {(volunteer, shift)}, at.placements)
        assert opening.closed
        assert all(one.moves_to != one.offer for one in opening.closed)
        closed = {(one.situation, one.block, one.offer) for one in opening.closed}
        moved = {(one.situation, one.block, one.moves_to) for one in opening.closed if one.moves_to}
        left = at.loans - {(volunteer, shift)}, (at.placements - closed) | moved
        assert is_lawful(at.problem, *left)
        assert opening.cost == _added(levels_of_lines(at.problem, *left), at)
        assert opening.cost == _added(_without(at, {(volunteer, shift)}, everybody), at)


def test_the_problems_have_openings_and_answers_without_replacement() -> None:
    """Otherwise the three tests above would say little."""
    openings = ends = replaced = 0
    for seed in SEEDS:
        at = tiny_in_place(seed)
        for who, shift in at.standing.loans:
            openings += opening_of(at.standing, who, [shift]) is not None
        for index in range(len(at.standing.tables.situations)):
            runners_up = runners_up_of_situation(at.standing, index)
            ends += any(not one.placements for one in runners_up)
            replaced += any(one.placements for one in runners_up)
    assert min(openings, ends, replaced) >= 5


def _night_house(places: int, workers: int = 1) -> Json:
    """One night that opens `places` places, asked for by three persons."""
    problem = hand_made.problem()
    (conditional,) = [offer for offer in problem["offers"] if offer["id"] == "conditional"]
    conditional["extra_capacity"][hand_made.NIGHT_4] = places
    problem["offers"] = [conditional]
    problem["situations"] = [hand_made.situation(name, {"night": [hand_made.NIGHT_4]}) for name in ("p1", "p2", "p3")]
    problem["volunteers"] = [hand_made.volunteer(f"worker-{n}") for n in range(workers)]
    problem["needs"] = [need for need in problem["needs"] if need["id"] == "night-team"]
    return problem


def test_a_night_worker_who_opens_three_places_says_which_and_at_what_cost() -> None:
    at = in_place(_night_house(3))
    (who, shift), *_ = at.standing.loans
    opening = opening_of(at.standing, who, [shift])
    assert opening is not None
    assert [(one.situation, one.offer, one.moves_to) for one in opening.closed] == [
        (name, "conditional", None) for name in ("p1", "p2", "p3")
    ]
    assert opening.segments == (hand_made.NIGHT_4,)
    assert opening.cost.critical == 3 * (4 * 4 + 4 * 16)


def test_a_replaceable_night_worker_is_no_less_needed_but_costs_little() -> None:
    at = in_place(_night_house(3, workers=2))
    (who, shift), *_ = at.standing.loans
    replaced, nobody = runners_up_of_volunteer(at.standing, who, [shift])
    assert replaced.loans
    assert (replaced.cost.critical, replaced.cost.other) == (0, 0)
    assert nobody.loans == ()
    opening = opening_of(at.standing, who, [shift])
    assert opening is not None
    assert nobody.cost == opening.cost


def test_a_loan_that_opens_nothing_has_no_opening() -> None:
    at = in_place(hand_made.problem())
    tables = at.standing.tables
    day = tables.shift_index["day"]
    (who,) = [who for who, shift in at.standing.loans if shift == day]
    assert opening_of(at.standing, who, [day]) is None


def test_accepted_lines_are_not_put_in_question() -> None:
    problem = _night_house(1)
    problem["frozen"] = {
        "loans": [{"volunteer": "worker-0", "shift": "night"}],
        "placements": [{"situation": "p2", "block": "night", "offer": "conditional"}],
    }
    at = in_place(problem)
    (pair,) = at.standing.loans
    assert runners_up_of_volunteer(at.standing, pair[0], [pair[1]]) == ()
    assert opening_of(at.standing, pair[0], [pair[1]]) is None
    assert all(runners_up_of_situation(at.standing, index) == () for index in range(3))


def test_persons_kept_together_move_together_to_their_next_answer() -> None:
    problem = hand_made.problem()
    two_places = [2] * (2 * hand_made.DAYS)
    near, far = (hand_made.offer(name, capacity=two_places) for name in ("near", "far"))
    problem["offers"] = [near, {**far, "establishment": "other-house", "ages": [0, 20]}]
    problem["situations"] = [
        hand_made.situation(name, {"night": [hand_made.NIGHT_4]}, together="pair") for name in ("ana", "bob")
    ]
    at = in_place(problem)
    next_one, nothing = runners_up_of_situation(at.standing, 0)
    assert [line.situation for line in next_one.placements] == ["ana"]
    assert (next_one.cost.critical, next_one.cost.other) == (0, 0)
    assert nothing.cost.critical == 2 * (4 * 4 + 4 * 16)
