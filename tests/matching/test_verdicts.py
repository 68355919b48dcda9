"""Every candidate has its verdict, and what a verdict claims of the levels is what the oracle counts."""

import pytest

from exchange.matching.explain import explain_need, explain_situation, why_not_loan, why_not_placement
from exchange.matching.explanation import Difference, NeedExplained, Obstacle, Reason, SituationExplained, Verdict
from exchange.matching.files import problem_from_json
from exchange.matching.obstacles import Obstacles
from tests.matching import hand_made
from tests.matching.hand_made import NIGHT_4, situation, volunteer
from tests.matching.part_search import is_lawful, levels_of_lines
from tests.matching.plans_in_place import InPlace, in_place, tiny_in_place

SEEDS = (*range(20), 53, 58, 59, 62)
PAIR_CODES = {"awaits-staff", *(code.value for code in Obstacle)}


def _need(at: InPlace, need: str) -> NeedExplained:
    told = explain_need(at.standing, need)
    assert told is not None
    return told


def _situation(at: InPlace, name: str) -> SituationExplained:
    told = explain_situation(at.standing, name)
    assert told is not None
    return told


def _codes(verdict: Verdict) -> tuple[str, ...]:
    return tuple(str(reason.code) for reason in verdict.reasons)


def _added(at: InPlace, after: tuple[int, int, int]) -> Difference:
    return Difference(*(one - before for one, before in zip(after, at.levels, strict=True)))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_volunteer_has_one_verdict_for_each_shift_not_taken_and_every_rule_broken(seed: int) -> None:
    at = tiny_in_place(seed)
    for need in at.problem["needs"]:
        told = _need(at, need["id"])
        seen = {(one.volunteer, shift): one.verdict for one in told.others for shift in one.shifts}
        chosen = {(one.volunteer, shift) for one in told.chosen for shift in one.shifts}
        assert sum(len(one.shifts) for one in told.others) == len(seen)
        assert chosen == {line for line in at.loans if line[1] in {shift["id"] for shift in need["shifts"]}}
        for shift in need["shifts"]:
            refusals = why_not_loan(problem_from_json(at.problem), shift["id"])
            for person, codes in refusals.items():
                assert ((person, shift["id"]) in seen) != ((person, shift["id"]) in chosen)
                if codes:
                    assert _codes(seen[person, shift["id"]]) == codes


@pytest.mark.parametrize("seed", SEEDS)
def test_every_establishment_and_offer_has_its_verdict_and_every_rule_broken(seed: int) -> None:
    at = tiny_in_place(seed)
    for person in at.problem["situations"]:
        told = _situation(at, person["id"])
        houses = [facility.establishment for facility in told.facilities]
        assert sorted(houses) == sorted(house["id"] for house in at.problem["establishments"])
        serving = {one.establishment for one in told.chosen}
        assert {facility.establishment for facility in told.facilities if facility.serves} == serving
        assert set(houses[: len(serving)]) == serving
        seen = {(one.offer, block): one.verdict for f in told.facilities for one in f.offers for block in one.blocks}
        for block in person["blocks"]:
            for offer, codes in why_not_placement(problem_from_json(at.problem), person["id"], block["id"]).items():
                is_chosen = (person["id"], block["id"], offer) in at.placements
                assert ((offer, block["id"]) in seen) != is_chosen
                if codes:
                    assert _codes(seen[offer, block["id"]]) == codes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_volunteer_with_nothing_in_the_way_costs_what_the_oracle_counts(seed: int) -> None:
    at = tiny_in_place(seed)
    accepted = {(line["volunteer"], line["shift"]) for line in at.problem.get("frozen", {}).get("loans", [])}
    for need in at.problem["needs"]:
        for one in _need(at, need["id"]).others:
            for shift in one.shifts if not one.verdict.reasons else ():
                (asked,) = [s["headcount"] for s in need["shifts"] if s["id"] == shift]
                here = {line for line in at.loans if line[1] == shift}
                leaving = [set()] if len(here) < asked else [{line} for line in here - accepted]
                changed = [at.loans - left | {(one.volunteer, shift)} for left in leaving]
                assert all(is_lawful(at.problem, loans, at.placements) for loans in changed)
                found = [levels_of_lines(at.problem, loans, at.placements) for loans in changed]
                assert one.verdict.cost == (_added(at, min(found)) if found else None)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_volunteer_with_lines_in_the_way_could_not_come_while_they_stay(seed: int) -> None:
    at = tiny_in_place(seed)
    for need in at.problem["needs"]:
        for one in _need(at, need["id"]).others:
            if one.verdict.reasons and set(_codes(one.verdict)) <= PAIR_CODES:
                assert all({(line.volunteer, line.shift) for line in r.loans} <= at.loans for r in one.verdict.reasons)
                for shift in one.shifts:
                    others = {line for line in at.loans if line[1] != shift}
                    assert not is_lawful(at.problem, others | {(one.volunteer, shift)}, at.placements)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_offer_costs_what_the_oracle_counts_or_could_not_serve(seed: int) -> None:
    at = tiny_in_place(seed)
    for person in at.problem["situations"]:
        told = _situation(at, person["id"])
        for one in (offer for facility in told.facilities for offer in facility.offers):
            if not set(_codes(one.verdict)) <= PAIR_CODES:
                continue
            for block in one.blocks:
                others = {line for line in at.placements if line[:2] != (person["id"], block)}
                moved = others | {(person["id"], block, one.offer)}
                assert is_lawful(at.problem, at.loans, moved) == (not one.verdict.reasons)
                if not one.verdict.reasons and one.verdict.cost is not None:
                    assert one.verdict.cost == _added(at, levels_of_lines(at.problem, at.loans, moved))


def test_the_problems_meet_most_obstacles_and_costs() -> None:
    met: set[str] = set()
    costs = 0
    for at in map(tiny_in_place, SEEDS):
        verdicts = [one.verdict for need in at.problem["needs"] for one in _need(at, need["id"]).others]
        for person in at.problem["situations"]:
            verdicts += [one.verdict for f in _situation(at, person["id"]).facilities for one in f.offers]
        met |= {code for verdict in verdicts for code in _codes(verdict)}
        costs += sum(1 for verdict in verdicts if verdict.cost is not None)
    # `several-lines` is for rules that `obstacles` does not know: it has its own test. So have rules of rule sets.
    of_rule_sets = {Obstacle.WEEKLY_REST, Obstacle.DAYS_IN_ROW, Obstacle.AVERAGE_WEEK}
    assert set(Obstacle) - {Obstacle.SEVERAL_LINES, *of_rule_sets} <= met
    assert costs > 30


def test_competition_names_the_line_that_holds_the_person_and_the_price_of_having_them() -> None:
    problem = hand_made.problem()
    problem["volunteers"] = [volunteer("only")]
    problem["needs"][0]["shifts"] = problem["needs"][0]["shifts"][:2]
    at = in_place(problem)
    (taken,) = [shift for _, shift in at.loans if shift in ("day", "evening")]
    (one,) = _need(at, "reinforcement").others
    (reason,) = one.verdict.reasons
    assert (reason.code, [line.shift for line in reason.loans]) == (Obstacle.REST, [taken])
    assert one.verdict.cost is not None
    assert (one.verdict.cost.critical, one.verdict.cost.other) >= (0, 0)


def test_a_full_offer_names_who_is_there_and_the_price_of_their_place() -> None:
    problem = hand_made.problem()
    problem["offers"] = [hand_made.offer("o")]
    problem["situations"] = [
        situation("urgent", {"night": [NIGHT_4]}, urgency=4),
        situation("less", {"night": [NIGHT_4]}, urgency=3),
    ]
    at = in_place(problem)
    (facility,) = [one for one in _situation(at, "less").facilities if one.offers]
    (reason,) = facility.offers[0].verdict.reasons
    assert (reason.code, reason.segments) == (Obstacle.FULL, (NIGHT_4,))
    assert [(line.situation, line.block) for line in reason.placements] == [("urgent", "night")]
    assert facility.offers[0].verdict.cost == Difference(8 * 20 - 4 * 20, 0, 0)


def test_whoever_could_replace_two_people_is_priced_in_the_seat_that_asks_least() -> None:
    problem = hand_made.problem()
    problem["needs"] = [problem["needs"][0]]
    problem["needs"][0]["shifts"] = [{"id": "day", "start": 1440 + 480, "end": 1440 + 960, "headcount": 2}]
    problem["communes"].append({"id": "next", "bassin": 0})
    problem["travel_min"] = [[2, 90, 9], [31, 0, 9], [20, 9, 0]]
    problem["volunteers"] = [volunteer("near"), volunteer("next", commune="next"), volunteer("third", commune="next")]
    problem["volunteers"][2]["max_travel_min"] = 25
    problem["offers"], problem["situations"] = [], []
    at = in_place(problem)
    (third,) = _need(at, "reinforcement").others
    assert third.verdict.cost == Difference(0, 0, 0)


def test_a_rule_that_names_no_line_is_told_all_the_same() -> None:
    standing = in_place(hand_made.problem()).standing
    tables, obstacles = standing.tables, Obstacles(standing)
    unknown = (Reason(Obstacle.SEVERAL_LINES),)
    assert obstacles.of_loan(tables.volunteer_index["no-consent"], tables.shift_index["day"]) == unknown
    assert obstacles.of_placement(tables.block_index["cleo", "monday"], tables.offer_index["age"]) == unknown


def test_items_without_parts_are_explained_as_they_are() -> None:
    problem = hand_made.problem()
    problem["needs"][0]["shifts"] = []
    problem["situations"].append(situation("empty", {}))
    problem["volunteers"], problem["offers"], problem["lend_caps"] = [], [], []
    at = in_place(problem)
    assert _need(at, "reinforcement") == NeedExplained("reinforcement", (), (), ())
    told = _situation(at, "empty")
    assert (told.chosen, told.runner_ups, told.gaps) == ((), (), ())
    assert all(facility.offers == () for facility in told.facilities)


def test_a_travel_refusal_tells_both_figures() -> None:
    told = _need(in_place(hand_made.problem()), "reinforcement")
    (far,) = [one for one in told.others if one.volunteer == "loan-travel" and "day" in one.shifts]
    assert [(reason.code, reason.found, reason.limit) for reason in far.verdict.reasons] == [("travel", 31, 30)]


def test_what_is_not_in_the_problem_has_no_explanation() -> None:
    at = in_place(hand_made.problem())
    assert explain_need(at.standing, "ana") is None
    assert explain_situation(at.standing, "night-team") is None
