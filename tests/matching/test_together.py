"""Persons to be kept together go to one establishment or nowhere: by search, by hand, by mutants, at any limit."""

import copy
import functools
from collections.abc import Callable
from typing import Any

import pytest

from exchange.matching import Limits, ProblemInvalid, UnlawfulPlan, placement_rules, placements, solve
from exchange.matching.checker import check
from exchange.matching.eligibility import PlacementRefusal
from exchange.matching.explain import Contention, why_not_placement
from exchange.matching.files import problem_from_json, problem_to_json
from exchange.matching.plan import Plan, PlanStatus, ReasonCount, UnmetBlock
from exchange.matching.plan_files import plan_to_json
from exchange.matching.problem import PlacementLine
from exchange.matching.tables import Tables, tabulate
from exchange.matching.together import bound_blocks
from tests.matching import hand_made
from tests.matching.hand_made import DAYS, NIGHT_4, offer, situation
from tests.matching.oracle import GROUP_RULE, best_levels, with_accepted_lines
from tests.matching.test_invariance import renamed, shuffled
from tests.matching.tiny_problems import tiny_problem_with_groups

Json = dict[str, Any]

SEEDS = range(1000, 1045)
TIMES = (1e-9, 1e-3, 0.05, 20.0)


@functools.cache
def problem_of(seed: int) -> Json:
    problem = tiny_problem_with_groups(seed)
    return with_accepted_lines(problem, loans=0, placements=1 + seed % 2) if seed % 3 == 0 else problem


@functools.cache
def plan_of(seed: int) -> Plan:
    return solve(problem_from_json(problem_of(seed)))


@functools.cache
def least_levels(seed: int) -> tuple[int, int, int]:
    levels = best_levels(problem_of(seed))
    assert levels is not None
    return levels


def _solve(problem: Json, limits: Limits | None = None) -> Plan:
    return solve(problem_from_json(problem), limits)


def _levels(plan: Plan) -> tuple[int, int, int]:
    return plan.levels.critical, plan.levels.other, plan.levels.burden


def _alone(problem: Json) -> Json:
    people = [{key: value for key, value in one.items() if key != "together"} for one in problem["situations"]]
    return {**problem, "situations": people}


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_with_groups_reaches_the_levels_of_exhaustive_search(seed: int) -> None:
    plan = plan_of(seed)
    assert _levels(plan) == least_levels(seed)
    assert plan.status is PlanStatus.PROVEN
    assert check(problem_of(seed), plan_to_json(plan)) == []


def test_the_problems_need_the_rule() -> None:
    """Otherwise the comparison above would not notice that the model forgot it."""
    assert sum(best_levels(problem_of(seed), without=GROUP_RULE) != least_levels(seed) for seed in SEEDS) >= 10


def _tables(seed: int) -> Tables:
    return tabulate(problem_from_json(problem_of(seed)))


def _members(problem: Json, group: str) -> set[str]:
    return {person["id"] for person in problem["situations"] if person.get("together") == group}


def _groups_served(seed: int) -> list[set[str]]:
    """For each group wholly served, the offers that its members use."""
    problem, plan = problem_of(seed), plan_of(seed)
    unmet = {item.situation for item in plan.unmet if isinstance(item, UnmetBlock)}
    groups = {person["together"] for person in problem["situations"] if "together" in person}
    return [
        {line.offer for line in plan.placements if line.situation in members}
        for members in (_members(problem, group) for group in sorted(groups))
        if len(members) > 1 and members.isdisjoint(unmet)
    ]


def _frozen_in_part(seed: int) -> bool:
    problem = problem_of(seed)
    accepted = {line["situation"] for line in problem.get("frozen", {}).get("placements", [])}
    groups = [_members(problem, person["together"]) for person in problem["situations"] if "together" in person]
    return any(members & accepted and members - accepted for members in groups)


def test_the_problems_with_groups_meet_every_feature() -> None:
    met = {
        "groups wholly served": sum(len(_groups_served(seed)) for seed in SEEDS) >= 5,
        "two offers of one house": any(len(offers) > 1 for seed in SEEDS for offers in _groups_served(seed)),
        "three blocks bound": any(len(blocks) > 2 for seed in SEEDS for blocks in bound_blocks(_tables(seed))),
        "some accepted and some not": any(_frozen_in_part(seed) for seed in SEEDS),
        "refused as a group": any(
            reason.code == PlacementRefusal.GROUP
            for seed in SEEDS
            for item in plan_of(seed).unmet
            for reason in item.reasons
        ),
    }
    assert [feature for feature, is_met in met.items() if not is_met] == []


def _no_rule(*_: object) -> None:
    return None


def _first_two_only(tables: Tables) -> tuple[tuple[int, ...], ...]:
    return tuple(blocks[:2] for blocks in bound_blocks(tables))


def _row(bound: Callable[[Tables], tuple[tuple[int, ...], ...]]) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(placements, "bound_blocks", bound)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "no row": lambda patch: patch.setattr(
        placements,
        "PLACEMENT_ROWS",
        tuple(
            row
            for row in placements.PLACEMENT_ROWS
            if row is not placements.persons_kept_together_share_one_establishment
        ),
    ),
    "nobody bound": _row(lambda tables: ()),
    "only two of each group bound": _row(_first_two_only),
    "accepted companions forgotten": lambda patch: patch.setattr(placement_rules, "given_roofs", lambda tables: {}),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_model_that_forgets_part_of_the_rule_is_withheld_by_the_check(
    mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTANTS[mutant](monkeypatch)

    def breach(seed: int) -> str:
        try:
            solve(problem_from_json(problem_of(seed)))
        except UnlawfulPlan as unlawful:
            return str(unlawful)
        return ""

    assert any("kept-apart" in breach(seed) for seed in SEEDS)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 3])
def test_the_prefilter_of_groups_removes_no_plan(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room and candidates are looked at early only to say why; the row alone would find the same levels."""
    monkeypatch.setattr(placement_rules, "bound_blocks", lambda tables: ())
    assert _levels(solve(problem_from_json(problem_of(seed)))) == least_levels(seed)


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(1000, 1020)), (100, 5), (101, 5), (102, 8)])
def test_shuffled_file_with_groups_gives_the_same_plan(seed: int, scale: int) -> None:
    problem = tiny_problem_with_groups(seed, scale)
    plan, other = _solve(problem), _solve(shuffled(problem, seed))
    assert shuffled(problem, seed) != problem
    assert (other.digest, other.levels, other.unmet) == (plan.digest, plan.levels, plan.unmet)


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(1000, 1020)), (100, 5), (101, 5), (102, 8)])
def test_renamed_ids_and_groups_give_the_same_levels(seed: int, scale: int) -> None:
    problem = tiny_problem_with_groups(seed, scale)
    plan, other = _solve(problem), _solve(renamed(problem, seed))
    assert plan.status is other.status is PlanStatus.PROVEN
    assert other.levels == plan.levels


@pytest.mark.parametrize("deterministic_time", TIMES)
@pytest.mark.parametrize(("seed", "scale"), [(1000, 4), (1001, 4), (1002, 8)])
def test_any_limit_keeps_groups_whole(seed: int, scale: int, deterministic_time: float) -> None:
    problem = tiny_problem_with_groups(seed, scale)
    plan = _solve(problem, Limits(deterministic_time=deterministic_time))
    assert check(problem, plan_to_json(plan)) == []


def test_the_plan_made_without_search_serves_groups_too() -> None:
    problem = tiny_problem_with_groups(1002, 8)
    plan = _solve(problem, Limits(deterministic_time=1e-9))
    bound = {person["id"] for person in problem["situations"] if "together" in person}
    assert plan.status is PlanStatus.FALLBACK
    assert bound & {line.situation for line in plan.placements}


def test_a_person_whose_group_is_null_or_who_is_its_only_member_is_alone() -> None:
    plain = hand_made.problem()
    null, only = copy.deepcopy(plain), copy.deepcopy(plain)
    for person in null["situations"]:
        person["together"] = None
    only["situations"][0]["together"] = "ana's"
    assert problem_from_json(null) == problem_from_json(plain)
    assert problem_to_json(problem_from_json(null)) == plain
    assert _solve(only).digest == _solve(plain).digest


def test_groups_survive_the_round_trip() -> None:
    document = tiny_problem_with_groups(1000)
    assert any("together" in person for person in document["situations"])
    assert problem_to_json(problem_from_json(document)) == document


def _town(offers: list[Json], people: list[Json], **changes: object) -> Json:
    return {**hand_made.problem(), "volunteers": [], "lend_caps": [], "offers": offers, "situations": people, **changes}


def _couple(nights: list[int], **changes: object) -> list[Json]:
    return [situation(name, {"nights": nights}, urgency=4, together="c", **changes) for name in ("him", "her")]


NIGHTS = [1, 3]
TWO = [2] * (2 * DAYS)


def _served(plan: Plan) -> dict[str, str]:
    return {line.situation: line.offer for line in plan.placements}


@pytest.mark.parametrize("limits", [Limits(), Limits(deterministic_time=1e-9)])
def test_a_couple_gets_the_two_places_and_the_person_alone_the_other_house(limits: Limits) -> None:
    """Alone, the single person would take the nearer house, and the couple would be left with one place."""
    offers = [offer("double", capacity=TWO), offer("single", establishment="lender-house")]
    single = situation("alone", {"nights": NIGHTS}, urgency=4)
    problem = _town(offers, [single, *_couple(NIGHTS)])
    assert _served(_solve(problem, limits)) == {"him": "double", "her": "double", "alone": "single"}
    apart = _served(_solve(_alone(problem)))
    assert sorted(apart.values()) == ["double", "double", "single"]


def test_one_place_serves_neither_of_a_couple_and_stays_free_for_a_person_alone() -> None:
    low = situation("alone", {"nights": NIGHTS}, urgency=1)
    plan = _solve(_town([offer("one")], [low, *_couple(NIGHTS)]))
    assert _served(plan) == {"alone": "one"}
    refused = UnmetBlock("him", "nights", 2, (ReasonCount(PlacementRefusal.GROUP, 1),))
    assert refused in plan.unmet


def test_a_couple_may_use_two_offers_of_one_house() -> None:
    plan = _solve(_town([offer("one"), offer("two"), offer("far", establishment="lender-house")], _couple(NIGHTS)))
    assert set(_served(plan).values()) == {"one", "two"}


def test_a_night_that_one_of_them_alone_asks_for_may_be_elsewhere() -> None:
    him, her = _couple(NIGHTS)
    her["blocks"].append({"id": "later", "segments": [7]})
    only_early = [2 if segment < 6 else 0 for segment in range(2 * DAYS)]
    plan = _solve(_town([offer("double", capacity=only_early), offer("x", establishment="lender-house")], [him, her]))
    assert PlacementLine("her", "later", "x") in plan.placements
    assert len(plan.placements) == 3


def test_three_siblings_find_their_third_place_where_a_night_worker_opens_it() -> None:
    extra = [2 if segment == NIGHT_4 else 0 for segment in range(2 * DAYS)]
    opened = offer("opened", capacity=[0] * (2 * DAYS), extra_capacity=extra, requires={"9": [["night-team", "night"]]})
    siblings = [situation(f"s{rank}", {"night": [NIGHT_4]}, urgency=4, together="siblings") for rank in range(3)]
    staffed = _town([offer("one"), opened], siblings, volunteers=[hand_made.volunteer("v")])
    plan = _solve(staffed)
    assert sorted(_served(plan).values()) == ["one", "opened", "opened"]
    assert [loan.shift for loan in plan.loans if loan.shift == "night"] == ["night"]
    closed = _solve({**staffed, "volunteers": []})
    assert closed.placements == ()
    waiting = (ReasonCount(Contention.AWAITS_STAFF, 2),)
    assert [item.reasons for item in closed.unmet if isinstance(item, UnmetBlock)] == [waiting] * 3


def _line(person: str, place: str) -> Json:
    return {"situation": person, "block": "nights", "offer": place}


def test_accepted_lines_that_part_a_couple_are_refused_by_name() -> None:
    offers = [offer("double", capacity=TWO), offer("x", establishment="lender-house")]
    frozen = {"placements": [_line("him", "double"), _line("her", "x")]}
    with pytest.raises(ProblemInvalid, match="séparées") as refusal:
        _solve(_town(offers, _couple(NIGHTS), frozen=frozen))
    assert refusal.value.key == "frozen.placements[1]"


@pytest.mark.parametrize(
    ("places", "expected"),
    [(2, {"him": "here", "her": "here"}), (1, {"him": "here"})],
    ids=["joins the accepted one", "stays unserved rather than elsewhere"],
)
def test_the_companion_of_an_accepted_person_joins_the_same_house_or_nobody(
    places: int, expected: dict[str, str]
) -> None:
    here = offer("here", capacity=[places] * (2 * DAYS))
    elsewhere = offer("elsewhere", establishment="lender-house", capacity=TWO)
    frozen = {"placements": [_line("him", "here")]}
    problem = _town([here, elsewhere], _couple(NIGHTS), frozen=frozen)
    for limits in (Limits(), Limits(deterministic_time=1e-9)):
        assert _served(_solve(problem, limits)) == expected


def test_the_rest_of_a_group_joins_an_accepted_person_whole_or_not_at_all() -> None:
    siblings = [situation(f"s{rank}", {"nights": NIGHTS}, together="siblings") for rank in range(3)]
    frozen = {"placements": [_line("s0", "here")]}
    assert _served(_solve(_town([offer("here", capacity=TWO)], siblings, frozen=frozen))) == {"s0": "here"}


def _refused(offers: list[Json], people: list[Json], **changes: object) -> dict[str, tuple[PlacementRefusal, ...]]:
    return why_not_placement(problem_from_json(_town(offers, people, **changes)), "him", "nights")


DOUBLE = offer("o", capacity=TWO)
EXCLUDED = ["host-house"]

GROUPS: list[tuple[tuple[PlacementRefusal, ...], Json, list[Json]]] = [
    ((), DOUBLE, _couple(NIGHTS)),
    ((PlacementRefusal.GROUP,), offer("o"), _couple(NIGHTS)),
    ((), offer("o"), [_couple([1])[0], situation("her", {"nights": [3]}, together="c")]),
    ((PlacementRefusal.GROUP,), DOUBLE, [_couple(NIGHTS)[0], situation("her", {"n": [1]}, together="c", age=21)]),
    ((), DOUBLE, [_couple(NIGHTS)[0], situation("her", {"n": [1]}, together="d", age=21)]),
    ((PlacementRefusal.EXCLUDED,), DOUBLE, _couple(NIGHTS, excluded_establishments=EXCLUDED)),
]


@pytest.mark.parametrize(("refusals", "place", "people"), GROUPS)
def test_offer_is_refused_where_the_group_cannot_be_whole(
    refusals: tuple[PlacementRefusal, ...], place: Json, people: list[Json]
) -> None:
    assert _refused([place], people) == {"o": refusals}


def test_offer_elsewhere_is_refused_to_the_companion_of_an_accepted_person() -> None:
    other = offer("x", establishment="lender-house", capacity=TWO)
    frozen = {"placements": [_line("her", "o")]}
    assert _refused([DOUBLE, other], _couple(NIGHTS), frozen=frozen) == {"o": (), "x": (PlacementRefusal.GROUP,)}
