"""What a plan says of a problem, read once: parts by id, and the lines that name known things, each with its path."""

from collections import Counter
from collections.abc import Iterator
from typing import Any


class Reading:
    """`loans` and `placements` hold the distinct lines of the plan, with the parts that they name."""

    def __init__(self, problem: Any, plan: Any) -> None:
        self.problem, self.plan = problem, plan
        self.volunteers = {one["id"]: one for one in problem["volunteers"]}
        self.needs = {one["id"]: one for one in problem["needs"]}
        self.shifts = {shift["id"]: (need, shift) for need in problem["needs"] for shift in need["shifts"]}
        self.offers = {one["id"]: one for one in problem["offers"]}
        self.situations = {one["id"]: one for one in problem["situations"]}
        self.wanted = {(s["id"], b["id"]): b for s in problem["situations"] for b in s["blocks"]}
        self.blocks = {key: block["segments"] for key, block in self.wanted.items()}
        self.zones = {one["id"]: set(one["communes"]) for one in problem.get("zones") or ()}
        self.houses = {one["id"]: one for one in problem["establishments"]}
        self.rule_sets = {one["id"]: one for one in problem.get("rules") or ()}
        self.row = {one["id"]: position for position, one in enumerate(problem["communes"])}
        self.ledger = {one["id"]: one["ledger_hours"] for one in problem["associations"]}
        self.loans: list[tuple[str, Any, Any, Any]] = []
        self.placements: list[tuple[str, Any, str, list[int], Any]] = []
        # A repeated line is one fault of its own; counted once, it does not raise the others.
        for path, (volunteer, shift) in _distinct(plan, "loans", ("volunteer", "shift")):
            if volunteer in self.volunteers and shift in self.shifts:
                self.loans.append((path, self.volunteers[volunteer], *self.shifts[shift]))
        for path, (person, block, offer) in _distinct(plan, "placements", ("situation", "block", "offer")):
            if (person, block) in self.blocks and offer in self.offers:
                segments = self.blocks[person, block]
                self.placements.append((path, self.situations[person], block, segments, self.offers[offer]))
        self.filled = Counter(shift["id"] for _, _, _, shift in self.loans)
        self.offer_of = {(s["id"], block): offer["id"] for _, s, block, _, offer in self.placements}

    def travel(self, origin: str, house: str) -> int:
        minutes: int = self.problem["travel_min"][self.row[origin]][self.row[self.houses[house]["commune"]]]
        return minutes

    def covered(self, shift: str) -> bool:
        return bool(self.filled[shift] >= self.shifts[shift][1]["headcount"])


def _distinct(plan: Any, key: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen: set[tuple[str, ...]] = set()
    for index, line in enumerate(plan[key]):
        values = tuple(line[name] for name in names)
        if values not in seen:
            seen.add(values)
            yield f"{key}[{index}]", values
