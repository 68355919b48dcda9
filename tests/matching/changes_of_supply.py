"""Changes of a problem file that can only help its coverage, and changes that can only harm it."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from tests.matching.hand_made import volunteer
from tests.matching.tiny_problems import (
    tiny_problem,
    tiny_problem_with_additions,
    tiny_problem_with_cuts,
    tiny_problem_with_groups,
    tiny_problem_with_rules,
)

Json = dict[str, Any]
Change = Callable[[Json, Random], None]

CODES = ["gavage", "nuit", "porte"]
LONG = [0, 20 * 1440]

KINDS: dict[str, Callable[[int], Json]] = {
    "plain": tiny_problem,
    "rules": tiny_problem_with_rules,
    "groups": tiny_problem_with_groups,
    "additions": tiny_problem_with_additions,
    "cuts": tiny_problem_with_cuts,
}


def drawn(kind: str, seed: int) -> Json:
    """Without open proposals, which the burden alone counts."""
    problem = KINDS[kind](seed)
    problem.pop("previous", None)
    return problem


def _one(key: str, change: Callable[[Json], None]) -> Change:
    """Of one part of a list, drawn; nothing where the list is empty."""

    def apply(problem: Json, rng: Random) -> None:
        if problem.get(key):
            change(rng.choice(problem[key]))

    return apply


def _inside(key: str, parts: str, change: Callable[[Json], None]) -> Change:
    """Of every part of one part of a list, drawn."""

    def apply(problem: Json, rng: Random) -> None:
        for part in rng.choice(problem[key])[parts]:
            change(part)

    return apply


def _all(key: str, **values: object) -> Change:
    def apply(problem: Json, rng: Random) -> None:
        for part in problem[key]:
            part.update(values)

    return apply


def _one_more_volunteer(problem: Json, rng: Random) -> None:
    free = volunteer("newcomer", association="a0", establishment="e0", commune="c0", max_travel_min=90)
    free |= {"bassins": [0, 1], "qualifications": ["AES", "ES", "IDE"], "night12h_derogation": True}
    free |= {"availability": [LONG], "week_minutes_done": [0] * -(-problem["days"] // 7)}
    problem["volunteers"].append(free)


def _one_more_offer(problem: Json, rng: Random) -> None:
    model = rng.choice(problem["offers"])
    problem["offers"].append({**copy.deepcopy(model), "id": "newcomer"})


def _one_more_of_its_own(shift: Json) -> None:
    shift["permanent_staff"] = (shift.get("permanent_staff") or 0) + 1


def _one_more_permanent_asked(shift: Json) -> None:
    shift["permanent_staff"] = shift.get("permanent_staff") or 0
    shift["min_permanent_staff"] = (shift.get("min_permanent_staff") or 0) + 1


MORE_SUPPLY: dict[str, Change] = {
    "one more volunteer": _one_more_volunteer,
    "one more offer": _one_more_offer,
    "one more place": _one("offers", lambda o: o.update(capacity=[places + 1 for places in o["capacity"]])),
    "all ages": _one("offers", lambda offer: offer.update(ages=[0, 99])),
    "all profiles": _one("offers", lambda offer: offer.update(profiles=["tsa", "moteur", "dit"])),
    "all provisions": _one("offers", lambda offer: offer.update(provides=CODES, provides_at={})),
    "no zone": _one("offers", lambda offer: None if offer.get("without_bed") else offer.update(zone=None)),
    "no hours": _one("offers", lambda offer: offer.update(hours=None)),
    "more travel for a person": _one("situations", lambda s: s.update(max_travel_min=s["max_travel_min"] + 30)),
    "no exclusion": _one("situations", lambda situation: situation.update(excluded_establishments=[])),
    "no needs": _one("situations", lambda s: s.update(needs=[], needs_by_day=[], needs_by_night=[])),
    "one more place per person": _one("situations", lambda s: s.update(max_places=s["max_places"] + 1)),
    "no incompatibility": _all("situations", incompatible_with=[]),
    "nobody kept together": _all("situations", together=None),
    "always available": _one("volunteers", lambda v: v.update(availability=[LONG])),
    "one more availability": _one("volunteers", lambda v: v["availability"].append([0, 8 * 1440])),
    "no own shift": _one("volunteers", lambda v: v.update(own_shifts=[], released=[])),
    "a rested week": _one("volunteers", lambda v: v.update(week_minutes_done=[0] * len(v["week_minutes_done"]))),
    "rested weeks before": _one("volunteers", lambda v: v.update(past_week_minutes=[])),
    "more loan minutes": _one("volunteers", lambda v: v.update(max_loan_minutes=v["max_loan_minutes"] + 600)),
    "more travel for a volunteer": _one("volunteers", lambda v: v.update(max_travel_min=v["max_travel_min"] + 30)),
    "a derogation": _one("volunteers", lambda v: v.update(night12h_derogation=True)),
    "all qualifications": _one("volunteers", lambda v: v.update(qualifications=["AES", "ES", "IDE"])),
    "all bassins": _one("volunteers", lambda v: v.update(bassins=[0, 1])),
    "consent": _one("volunteers", lambda v: v.update(consent=True)),
    "ready earlier": _one("volunteers", lambda v: v.update(ready_from=max((v.get("ready_from") or 0) - 7200, 0))),
    "moves inside": _one("volunteers", lambda v: v.update(internal_moves=True)),
    "one more of the host's own": _inside("needs", "shifts", _one_more_of_its_own),
    "blocks may be cut": lambda problem, rng: problem.update(prices={**problem.get("prices", {}), "split": 60}),
    "no lending cap": lambda problem, rng: problem.update(lend_caps=[]),
}


def _rule_sets(problem: Json) -> list[Json]:
    """Those of the file; where it has none, one that binds every establishment and changes nothing yet."""
    if not problem.get("rules"):
        problem["rules"] = [{"id": "house"}]
        for house in problem["establishments"]:
            house["rules"] = "house"
    rules: list[Json] = problem["rules"]
    return rules


def _figure(name: str, stricter: Callable[[int], int], default: int) -> Change:
    def apply(problem: Json, rng: Random) -> None:
        for rules in _rule_sets(problem):
            rules[name] = stricter(rules.get(name, default))

    return apply


def _average(problem: Json, rng: Random) -> None:
    for rules in _rule_sets(problem):
        if rules.get("average_weeks"):
            rules["average_week_minutes"] -= 240
        else:
            rules |= {"average_week_minutes": 1200, "average_weeks": 1}


def _one_more_incompatibility(problem: Json, rng: Random) -> None:
    one, other = rng.sample(problem["situations"], 2)
    if one.get("together") is None or one.get("together") != other.get("together"):
        one["incompatible_with"] = sorted({*one["incompatible_with"], other["id"]})


def _exclude_more(person: Json) -> None:
    person["excluded_establishments"] = sorted({*person["excluded_establishments"], "e1", "e2", "e3"})


STRICTER: dict[str, Change] = {
    "rest": _figure("rest_minutes", lambda minutes: minutes + 60, 660),
    "week": _figure("week_minutes", lambda minutes: minutes - 240, 2880),
    "shift length": _figure("shift_minutes", lambda minutes: minutes - 120, 600),
    "night length": _figure("night_shift_minutes", lambda minutes: max(minutes - 120, 600), 720),
    "nights begin later": _figure("night_starts_at", lambda minute: minute + 60, 1140),
    "weekly rest": _figure("weekly_rest_minutes", lambda minutes: minutes + 2880, 0),
    "days in a row": _figure("days_in_row", lambda days: max(days - 1, 1) if days else 2, 0),
    "average": _average,
    "all but one house excluded": _one("situations", _exclude_more),
    "one more incompatibility": _one_more_incompatibility,
    "one more need": _one("situations", lambda s: s.update(needs=CODES)),
    "one place fewer per person": _one("situations", lambda s: s.update(max_places=s["max_places"] - 1)),
    "less travel for a person": _one("situations", lambda s: s.update(max_travel_min=s["max_travel_min"] // 2)),
    "less travel for a volunteer": _one("volunteers", lambda v: v.update(max_travel_min=v["max_travel_min"] // 2)),
    "the whole segment asked": _inside("situations", "blocks", lambda block: block.update(hours=None)),
    "one place fewer": _one("offers", lambda o: o.update(capacity=[max(places - 1, 0) for places in o["capacity"]])),
    "one more seat asked": _inside("needs", "shifts", lambda shift: shift.update(headcount=shift["headcount"] + 1)),
    "one more permanent asked": _inside("needs", "shifts", _one_more_permanent_asked),
    "no block cut": lambda problem, rng: problem.update(prices={**problem.get("prices", {}), "split": 0}),
    "one more lending cap": lambda problem, rng: problem.update(
        lend_caps=[{**cap, "max_out": max(cap["max_out"] - 1, 0)} for cap in problem["lend_caps"]]
    ),
    "a fuller week": _one("volunteers", lambda v: v.update(week_minutes_done=[2600] * len(v["week_minutes_done"]))),
    "ready later": _one("volunteers", lambda v: v.update(ready_from=(v.get("ready_from") or 0) + 10_000)),
    "no own time freed": _all("volunteers", released=[]),
    "one more own shift": _one("volunteers", lambda v: v["own_shifts"].append([1440 * 5, 1440 * 5 + 480])),
}
