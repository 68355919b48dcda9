"""What a plan says of a problem, read once: parts by id, and the lines that name known things, each with its path."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

LOAN, PLACEMENT = ("volunteer", "shift"), ("situation", "block", "offer")


class Reading:
    """`loans` and `placements` hold the distinct lines of the plan, with the parts that they name.

    `parts`: by block, the lines that serve one part of it. `stays`: the offer of each block or part, counted once.
    `lacking`: by block, the segments that nobody serves.
    """

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
        self.parts: dict[tuple[str, str], list[tuple[str, str, list[int]]]] = defaultdict(list)
        self.stays: dict[tuple[Any, ...], Any] = {}
        # A repeated line is one fault of its own; counted once, it does not raise the others.
        for path, (volunteer, shift) in _distinct(plan, "loans", LOAN):
            if volunteer in self.volunteers and shift in self.shifts:
                self.loans.append((path, self.volunteers[volunteer], *self.shifts[shift]))
        for path, (person, block, offer, *part) in _distinct(plan, "placements", PLACEMENT):
            if (person, block) in self.blocks and offer in self.offers:
                asked = self.blocks[person, block]
                segments = [one for one in asked if not part or one in part]
                self.placements.append((path, self.situations[person], block, segments, self.offers[offer]))
                if part:
                    self.parts[person, block].append((path, offer, part))
                self.stays[person, block, *part] = self.offers[offer]
        self.filled = Counter(shift["id"] for _, _, _, shift in self.loans)
        self.offer_at = {(s["id"], one): offer["id"] for _, s, _, held, offer in self.placements for one in held}
        self.lacking = {
            (person, block): [one for one in segments if (person, one) not in self.offer_at]
            for (person, block), segments in self.blocks.items()
        }

    def travel(self, origin: str, house: str) -> int:
        minutes: int = self.problem["travel_min"][self.row[origin]][self.row[self.houses[house]["commune"]]]
        return minutes

    def accepted(self) -> set[tuple[Any, ...]]:
        """The placements that the problem imposes, each as `values_of` tells it."""
        return {values_of(one, PLACEMENT) for one in (self.problem.get("frozen") or {}).get("placements", ())}

    def covered(self, shift: str) -> bool:
        return bool(self.filled[shift] >= self.shifts[shift][1]["headcount"])


def values_of(line: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """What a line says, its segments last where it places one part of a block."""
    return (*(line[name] for name in names), *sorted(line.get("segments") or ()))


def _distinct(plan: Any, key: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    seen: set[tuple[Any, ...]] = set()
    for index, line in enumerate(plan[key]):
        values = values_of(line, names)
        if values not in seen:
            seen.add(values)
            yield f"{key}[{index}]", values
