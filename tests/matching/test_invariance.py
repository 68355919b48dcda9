"""What must not change a plan (order, names, repetition), and the direction in which a change may move it."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.matching import solve
from exchange.matching.files import problem_from_json
from exchange.matching.plan import Plan, PlanStatus
from tests.matching.hand_made import volunteer
from tests.matching.tiny_problems import tiny_problem

Json = dict[str, Any]

LISTS_WHOSE_ORDER_HAS_A_MEANING = {"travel_min", "capacity", "extra_capacity", "ages"} | {
    "week_minutes_done",
    "past_week_minutes",
    "hours",
}


def _solve(problem: Json) -> Plan:
    return solve(problem_from_json(problem))


def shuffled(problem: Json, seed: int) -> Json:
    """The same problem with every unordered list in another order, travel times following their communes."""
    rng = Random(seed)

    def shuffle(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            items = [(name, shuffle(part, name)) for name, part in value.items()]
            rng.shuffle(items)
            return dict(items)
        if isinstance(value, list) and key not in LISTS_WHOSE_ORDER_HAS_A_MEANING:
            pairs = all(isinstance(part, list) for part in value)
            parts = list(value) if pairs else [shuffle(part, "") for part in value]
            rng.shuffle(parts)
            return parts
        return value

    mixed = {key: shuffle(value, key) for key, value in problem.items()}
    place = {commune["id"]: index for index, commune in enumerate(problem["communes"])}
    order = [place[commune["id"]] for commune in mixed["communes"]]
    mixed["travel_min"] = [[problem["travel_min"][row][column] for column in order] for row in order]
    return mixed


def renamed(problem: Json, seed: int) -> Json:
    """The same problem where every id is replaced, so that sorting by id gives another order."""
    rng = Random(seed)
    names: dict[str, str] = {}

    def name_of(old: str) -> str:
        return names.setdefault(old, f"{rng.randrange(10**9):09d}-{len(names)}")

    ids = [problem["id"], *(part["id"] for key in PARTS for part in problem[key])]
    ids += [shift["id"] for need in problem["needs"] for shift in need["shifts"]]
    ids += [block["id"] for situation in problem["situations"] for block in situation["blocks"]]
    ids += [part["id"] for key in ("rules", "zones") for part in problem.get(key, [])]
    ids += [situation["together"] for situation in problem["situations"] if "together" in situation]
    for old in dict.fromkeys(ids):
        name_of(old)

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rename(part) for key, part in value.items()}
        if isinstance(value, list):
            return [rename(part) for part in value]
        return names.get(value, value) if isinstance(value, str) else value

    kept = {key: problem[key] for key in ("format", "horizon_start")}
    return {**rename(problem), **kept}


PARTS = ("communes", "associations", "establishments", "volunteers", "needs", "offers", "situations")


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(20)), (100, 5), (101, 5), (102, 8)])
def test_shuffled_file_gives_the_same_plan(seed: int, scale: int) -> None:
    problem = tiny_problem(seed, scale)
    plan, other = _solve(problem), _solve(shuffled(problem, seed))
    assert shuffled(problem, seed) != problem
    assert other.digest == plan.digest
    assert (other.loans, other.placements, other.levels) == (plan.loans, plan.placements, plan.levels)
    assert (other.unmet, other.unlocks) == (plan.unmet, plan.unlocks)


@pytest.mark.parametrize(("seed", "scale"), [*((seed, 1) for seed in range(20)), (100, 5), (101, 5), (102, 8)])
def test_renamed_ids_give_the_same_levels(seed: int, scale: int) -> None:
    problem = tiny_problem(seed, scale)
    plan, other = _solve(problem), _solve(renamed(problem, seed))
    assert plan.status is other.status is PlanStatus.PROVEN
    assert other.levels == plan.levels


def test_repeated_runs_give_the_same_plan() -> None:
    problem = tiny_problem(103, 6)
    assert len({_solve(problem).digest for _ in range(3)}) == 1


def _for_all(key: str, change: Callable[[Json], None]) -> Callable[[Json, Random], None]:
    def apply(problem: Json, rng: Random) -> None:
        change(rng.choice(problem[key]))

    return apply


def _one_more_volunteer(problem: Json, rng: Random) -> None:
    free = volunteer("newcomer", association="a0", establishment="e0", commune="c0", max_travel_min=90)
    free |= {"bassins": [0, 1], "qualifications": ["AES", "ES", "IDE"], "night12h_derogation": True}
    free |= {"availability": [[0, 20 * 1440]], "week_minutes_done": [0] * -(-problem["days"] // 7)}
    problem["volunteers"].append(free)


def _one_more_offer(problem: Json, rng: Random) -> None:
    model = rng.choice(problem["offers"])
    problem["offers"].append({**copy.deepcopy(model), "id": "newcomer"})


def _no_more_incompatibility(problem: Json, rng: Random) -> None:
    for situation in problem["situations"]:
        situation["incompatible_with"] = []


MORE_SUPPLY: dict[str, Callable[[Json, Random], None]] = {
    "one more volunteer": _one_more_volunteer,
    "one more offer": _one_more_offer,
    "one more place": _for_all("offers", lambda o: o.update(capacity=[places + 1 for places in o["capacity"]])),
    "all ages": _for_all("offers", lambda offer: offer.update(ages=[0, 99])),
    "all profiles": _for_all("offers", lambda offer: offer.update(profiles=["tsa", "moteur", "dit"])),
    "more travel for a person": _for_all("situations", lambda s: s.update(max_travel_min=s["max_travel_min"] + 30)),
    "no exclusion": _for_all("situations", lambda situation: situation.update(excluded_establishments=[])),
    "one more place per person": _for_all("situations", lambda s: s.update(max_places=s["max_places"] + 1)),
    "no incompatibility": _no_more_incompatibility,
    "always available": _for_all("volunteers", lambda v: v.update(availability=[[0, 20 * 1440]])),
    "no own shift": _for_all("volunteers", lambda v: v.update(own_shifts=[])),
    "a rested week": _for_all("volunteers", lambda v: v.update(week_minutes_done=[0] * len(v["week_minutes_done"]))),
    "more loan minutes": _for_all("volunteers", lambda v: v.update(max_loan_minutes=v["max_loan_minutes"] + 600)),
    "more travel for a volunteer": _for_all("volunteers", lambda v: v.update(max_travel_min=v["max_travel_min"] + 30)),
    "a derogation": _for_all("volunteers", lambda v: v.update(night12h_derogation=True)),
    "all qualifications": _for_all("volunteers", lambda v: v.update(qualifications=["AES", "ES", "IDE"])),
    "all bassins": _for_all("volunteers", lambda v: v.update(bassins=[0, 1])),
    "consent": _for_all("volunteers", lambda v: v.update(consent=True)),
    "no lending cap": lambda problem, rng: problem.update(lend_caps=[]),
}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    names=st.lists(st.sampled_from(sorted(MORE_SUPPLY)), min_size=1, max_size=4, unique=True),
)
def test_more_supply_never_worsens_coverage_and_a_stricter_rule_never_improves_it(seed: int, names: list[str]) -> None:
    """Read from the richer problem back to the poorer one, each step is a rule made stricter."""
    poorer = tiny_problem(seed)
    poorer.pop("previous", None)
    richer = copy.deepcopy(poorer)
    for name in names:
        MORE_SUPPLY[name](richer, Random(seed))
    less, more = _solve(poorer).levels, _solve(richer).levels
    assert (more.critical, more.other) <= (less.critical, less.other)


@pytest.mark.parametrize("name", MORE_SUPPLY)
def test_each_kind_of_supply_helps_some_problem(name: str) -> None:
    """Otherwise the property above would hold of a model that ignores it."""

    def helps(seed: int) -> bool:
        poorer = tiny_problem(seed)
        richer = copy.deepcopy(poorer)
        MORE_SUPPLY[name](richer, Random(seed))
        less, more = _solve(poorer).levels, _solve(richer).levels
        return (more.critical, more.other) < (less.critical, less.other)

    assert any(helps(seed) for seed in range(300))
