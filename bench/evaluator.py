"""A second judge of plans, written from the contract alone: no code in common with the matcher nor with its checker."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from bench.territory import (
    DAY,
    HOURS_OF_URGENCY,
    LAWFUL_WEEK,
    WEEK,
    Json,
    Territory,
    price_of_loan,
    refusals_of_loan,
    refusals_of_placement,
    rested,
    unmet_hours_of_seat,
)

LoanPair = tuple[str, str]
Placed = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Rules broken (one text each, empty for a lawful plan) and the levels recounted: critical, other, burden."""

    breaches: tuple[str, ...]
    critical: int
    other: int
    burden: int

    @property
    def unmet(self) -> int:
        return self.critical + self.other


def judge(problem: Json, loans: Iterable[LoanPair], placements: Iterable[Placed]) -> Judgement:
    """Judge the lines of a plan of a valid problem; lines about unknown things are breaches, and count for nothing."""
    at = Territory.of(problem)
    given, hosted = list(loans), list(placements)
    known = [line for line in dict.fromkeys(given) if line[0] in at.people and line[1] in at.shifts]
    placed = [line for line in dict.fromkeys(hosted) if line[:2] in at.blocks and line[2] in at.offers]
    breaches = [
        *(f"line:{line}" for line, times in Counter([*given, *hosted]).items() if times > 1),
        *(f"unknown:{line}" for line in [*given, *hosted] if line not in {*known, *placed}),
        *_forgotten(at, known, placed),
        *_loans(at, known),
        *_placements(at, known, placed),
    ]
    critical, other = _unmet(at, known, placed)
    return Judgement(tuple(breaches), critical, other, _burden(at, known, placed))


def _forgotten(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> Iterator[str]:
    accepted = at.problem.get("frozen") or {}
    for line in accepted.get("loans", ()):
        if (line["volunteer"], line["shift"]) not in loans:
            yield f"frozen:{line['volunteer']}/{line['shift']}"
    for line in accepted.get("placements", ()):
        if (line["situation"], line["block"], line["offer"]) not in placed:
            yield f"frozen:{line['situation']}/{line['block']}"


def _loans(at: Territory, loans: list[LoanPair]) -> Iterator[str]:
    out: Counter[tuple[str, int]] = Counter()
    seats: Counter[str] = Counter()
    taken: dict[str, list[tuple[int, int]]] = {}
    for name, shift_name in loans:
        person, (need, shift) = at.people[name], at.shifts[shift_name]
        yield from (f"{rule}:{name}/{shift_name}" for rule in refusals_of_loan(at, person, need, shift))
        out[person["establishment"], shift["start"] // DAY] += 1
        seats[shift_name] += 1
        taken.setdefault(name, []).append((shift["start"], shift["end"]))
    for name, periods in taken.items():
        person = at.people[name]
        if not all(rested(one, two) for one, two in combinations(periods, 2)):
            yield f"rest:{name}"
        # A week that the person had already exceeded is no fault of a plan that lends them in another.
        for week in {start // WEEK for start, _ in periods}:
            lent = sum(end - start for start, end in periods if start // WEEK == week)
            if person["week_minutes_done"][week] + lent > LAWFUL_WEEK:
                yield f"week:{name}"
        if sum(end - start for start, end in periods) > person["max_loan_minutes"]:
            yield f"ceiling:{name}"
    for cap in at.problem["lend_caps"]:
        if out[cap["establishment"], cap["day"]] > cap["max_out"]:
            yield f"floor:{cap['establishment']}/{cap['day']}"
    yield from (f"headcount:{name}" for name, count in seats.items() if count > at.shifts[name][1]["headcount"])


def _placements(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> Iterator[str]:
    staff = Counter(shift for _, shift in loans)
    guests: dict[tuple[str, int], list[str]] = {}
    roofs: dict[tuple[str, int], set[str]] = {}
    places: dict[str, set[str]] = {}
    for times in Counter(line[:2] for line in placed).items():
        if times[1] > 1:
            yield f"twice:{times[0]}"
    for name, block, offer_name in placed:
        person, offer = at.situations[name], at.offers[offer_name]
        yield from (f"{rule}:{name}/{block}" for rule in refusals_of_placement(at, person, offer))
        places.setdefault(name, set()).add(offer_name)
        for segment in at.blocks[name, block]:
            guests.setdefault((offer_name, segment), []).append(name)
            roofs.setdefault((offer["establishment"], segment), set()).add(name)
    for name, offers in places.items():
        if len(offers) > at.situations[name]["max_places"]:
            yield f"places:{name}"
    for (offer_name, segment), names in guests.items():
        offer = at.offers[offer_name]
        open_now = all(staff[one] >= at.shifts[one][1]["headcount"] for one in at.staffing(offer, segment))
        if len(names) > offer["capacity"][segment] + (offer["extra_capacity"][segment] if open_now else 0):
            yield f"capacity:{offer_name}/{segment}"
    for (house, segment), present in roofs.items():
        for one in present:
            if present & set(at.situations[one]["incompatible_with"]):
                yield f"apart:{house}/{segment}/{one}"


def _unmet(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> tuple[int, int]:
    staff, served = Counter(shift for _, shift in loans), {line[:2] for line in placed}
    weights = [0, 0]
    for name, (need, shift) in at.shifts.items():
        empty = max(0, shift["headcount"] - staff[name])
        weights[need["urgency"] < 3] += empty * unmet_hours_of_seat(need, shift)
    for person in at.problem["situations"]:
        lacking = [len(block["segments"]) for block in person["blocks"] if (person["id"], block["id"]) not in served]
        hours = 4 * sum(lacking) + 16 * bool(lacking)
        weights[person["urgency"] < 3] += hours * HOURS_OF_URGENCY[person["urgency"]]
    return weights[0], weights[1]


def _burden(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> int:
    ledger = {one["id"]: one["ledger_hours"] for one in at.problem["associations"]}
    teams = {(name, at.shifts[shift][0]["id"]) for name, shift in loans}
    total = 90 * len(teams) + 150 * len({(name, offer) for name, _, offer in placed})
    total += sum(price_of_loan(at, ledger, at.people[name], *at.shifts[shift]) for name, shift in loans)
    where = {(name, block): offer for name, block, offer in placed}
    for (name, _), offer in where.items():
        total += 2 * at.trip(at.situations[name]["commune"], at.offers[offer]["establishment"])
    for person in at.problem["situations"]:
        at_segment = {
            segment: where.get((person["id"], block["id"]))
            for block in person["blocks"]
            for segment in block["segments"]
        }
        stays = [at_segment[segment] for segment in sorted(at_segment)]
        total += 30 * sum(one is not None and two is not None and one != two for one, two in pairwise(stays))
    before = at.problem.get("previous") or {}
    kept = {(line["volunteer"], line["shift"]) for line in before.get("loans", ())} - set(loans)
    moved = {(line["situation"], line["block"], line["offer"]) for line in before.get("placements", ())} - set(placed)
    return total + 300 * (len(kept) + len(moved))
