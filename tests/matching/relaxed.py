"""A problem file once somebody has accepted the changes of a way, and the lines that the way brings."""

import copy
from typing import Any

from exchange.matching.ways import Change, Relaxation, Way

Json = dict[str, Any]
Loan = tuple[str, str]
Placement = tuple[Any, ...]


def relaxed(problem: Json, way: Way) -> tuple[Json, set[Loan], set[Placement]]:
    """People from outside work for an association of their own, in the commune of the house that asks."""
    after = copy.deepcopy(problem)
    loans = {(line.volunteer, line.shift) for line in way.loans}
    for change in way.changes:
        if change.code is Relaxation.PERSON:
            loans.add(_hire(after, change))
        else:
            _accept(after, change)
    return after, loans, {(line.situation, line.block, line.offer, *line.segments) for line in way.placements}


def _accept(problem: Json, change: Change) -> None:
    people = {person["id"]: person for person in problem["volunteers"]}
    match change.code:
        case Relaxation.TRAVEL:
            situations = {one["id"]: one for one in problem["situations"]}
            asked = people[change.volunteer] if change.volunteer else situations[change.situation]
            assert change.minutes is not None
            assert change.minutes > 0
            asked["max_travel_min"] += change.minutes
        case Relaxation.BASSIN:
            people[change.volunteer]["bassins"].append(change.bassin)
        case Relaxation.AVAILABILITY:
            people[change.volunteer]["availability"].append([change.start, change.end])
        case Relaxation.PLACE:
            (offer,) = [one for one in problem["offers"] if one["id"] == change.offer]
            for segment in change.segments:
                offer["capacity"][segment] += 1
        case Relaxation.PERSON:
            raise AssertionError("people are hired")


def _hire(problem: Json, change: Change) -> Loan:
    ((need, shift),) = [(n, s) for n in problem["needs"] for s in n["shifts"] if s["id"] == change.shift]
    (house,) = [one for one in problem["establishments"] if one["id"] == need["establishment"]]
    name = f"outside-{len(problem['volunteers'])}"
    problem["associations"].append({"id": name, "ledger_hours": 0})
    problem["establishments"].append({**house, "id": name, "association": name})
    problem["volunteers"].append(
        {
            "id": name,
            "association": name,
            "establishment": name,
            "commune": house["commune"],
            "qualifications": [change.qualifications[0]],
            "bassins": [house["bassin"]],
            "availability": [[shift["start"], shift["end"]]],
            "own_shifts": [],
            "week_minutes_done": [0] * -(-problem["days"] // 7),
            "max_loan_minutes": shift["end"] - shift["start"],
            "max_travel_min": 500,
            "night12h_derogation": change.night12h_derogation,
            "consent": True,
        }
    )
    return name, change.shift or ""
