"""The same territory told otherwise (shuffled, renamed), or one event later (an arrival, accepted lines)."""

import copy
from random import Random
from typing import Any

from bench.territory import Json

# Order carries a meaning in these lists alone.
ORDERED = {"travel_min", "capacity", "extra_capacity", "ages", "week_minutes_done"}
NAMED = ("communes", "associations", "establishments", "volunteers", "needs", "offers", "situations")


def shuffled(problem: Json, seed: int) -> Json:
    """The same problem, its lists and keys in another order."""
    rng = Random(seed)

    def mixed(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            members = [(name, mixed(part, name)) for name, part in value.items()]
            return dict(rng.sample(members, len(members)))
        if isinstance(value, list) and key not in ORDERED:
            # Periods and [need, shift] pairs keep their inside.
            inside = [part if isinstance(part, list) else mixed(part, key) for part in value]
            return rng.sample(inside, len(inside))
        return value

    other: Json = mixed(problem, "")
    names = [commune["id"] for commune in problem["communes"]]
    order = [names.index(commune["id"]) for commune in other["communes"]]
    other["travel_min"] = [[problem["travel_min"][one][two] for two in order] for one in order]
    return other


def renamed(problem: Json, seed: int) -> Json:
    """The same problem, every identifier replaced by one that sorts elsewhere."""
    rng = Random(seed)
    old = {problem["id"], *(part["id"] for key in NAMED for part in problem[key])}
    old |= {shift["id"] for need in problem["needs"] for shift in need["shifts"]}
    old |= {block["id"] for person in problem["situations"] for block in person["blocks"]}
    new = rng.sample(range(10**6, 10**7), len(old))
    names = {name: f"x{number}" for name, number in zip(sorted(old), new, strict=True)}

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: told(part) for key, part in value.items()}
        if isinstance(value, list):
            return [told(part) for part in value]
        return names.get(value, value) if isinstance(value, str) else value

    return {**told(problem), "format": problem["format"], "horizon_start": problem["horizon_start"]}


def with_arrival(problem: Json, seed: int) -> Json:
    """One more situation, of the highest urgency, like one of those already there."""
    rng, later = Random(seed), copy.deepcopy(problem)
    person = copy.deepcopy(rng.choice(later["situations"]))
    person |= {"id": "arrival", "urgency": 4, "incompatible_with": [], "created": "2026-03-01T23:00"}
    later["situations"].append(person)
    return later


def half_accepted(problem: Json, plan: Json, seed: int) -> Json:
    """The problem where half of the lines of a plan are accepted and the other half are open proposals.

    A place that rests on staff is accepted with the loans that open it, as in real life.
    """
    rng = Random(seed)
    offers = {offer["id"]: offer for offer in problem["offers"]}
    segments = {(one["id"], block["id"]): block["segments"] for one in problem["situations"] for block in one["blocks"]}
    placements = rng.sample(plan["placements"], len(plan["placements"]) // 2)
    resting = {
        shift
        for line in placements
        for segment in segments[line["situation"], line["block"]]
        for _, shift in offers[line["offer"]]["requires"].get(str(segment), ())
    }
    drawn = rng.sample(plan["loans"], len(plan["loans"]) // 2)
    loans = [line for line in plan["loans"] if line in drawn or line["shift"] in resting]
    accepted = {"loans": loans, "placements": placements}
    still_open = {key: [line for line in plan[key] if line not in accepted[key]] for key in accepted}
    return {**problem, "frozen": accepted, "previous": still_open}


def lines_changed(before: Json, after: Json) -> int:
    """How many lines of the first plan are not in the second."""
    return sum(line not in after[key] for key in ("loans", "placements") for line in before[key])
