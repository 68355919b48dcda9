"""A second judge of plans, written from the contract alone: no code in common with the matcher nor with its checker."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from bench.territory import (
    DAY,
    HOURS_OF_URGENCY,
    LAWFUL_WEEK,
    LONGEST_IN_TWO,
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
Placed = tuple[Any, ...]
"""Situation, block, offer, then the segments where the offer serves a part of the block."""


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
        if _placed(line) not in placed:
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
    held = Counter((line[0], segment) for line in placed for segment in _segments(at, line))
    yield from sorted({f"twice:{name}" for (name, _), times in held.items() if times > 1})
    yield from _in_parts(at, placed)
    for line in placed:
        name, block, offer_name = line[:3]
        person, offer = at.situations[name], at.offers[offer_name]
        yield from (f"{rule}:{name}/{block}" for rule in refusals_of_placement(at, person, offer))
        places.setdefault(name, set()).add(offer_name)
        for segment in _segments(at, line):
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


def _in_parts(at: Territory, placed: list[Placed]) -> Iterator[str]:
    """Blocks in parts: where that is priced, once, and whole but for what was accepted before."""
    accepted = {_placed(line) for line in (at.problem.get("frozen") or {}).get("placements", ())}
    blocks: dict[tuple[str, str], list[Placed]] = {}
    for line in placed:
        blocks.setdefault((line[0], line[1]), []).append(line)
    for (name, block), lines in blocks.items():
        asked = sorted(at.blocks[name, block])
        parts = [sorted(line[3:]) for line in lines if line[3:]]
        free = [line for line in lines if line not in accepted]
        served = {segment for line in lines for segment in _segments(at, line)}
        fits = all(part == asked[: len(part)] or part == asked[len(asked) - len(part) :] for part in parts)
        lawful = (
            at.cut_price > 0 and len(asked) <= LONGEST_IN_TWO and fits and all(len(part) < len(asked) for part in parts)
        )
        complete = not free or served == set(asked)
        apart = len(free) < len(lines) or len({line[2] for line in lines}) == len(lines)
        if parts and not (lawful and complete and apart):
            yield f"split:{name}/{block}"


def _segments(at: Territory, line: Placed) -> list[int]:
    asked = at.blocks[line[0], line[1]]
    return [segment for segment in asked if segment in line[3:]] if line[3:] else asked


def _placed(line: Json) -> Placed:
    return line["situation"], line["block"], line["offer"], *sorted(line.get("segments") or ())


def _unmet(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> tuple[int, int]:
    staff = Counter(shift for _, shift in loans)
    held = {(line[0], segment) for line in placed for segment in _segments(at, line)}
    weights = [0, 0]
    for name, (need, shift) in at.shifts.items():
        empty = max(0, shift["headcount"] - staff[name])
        weights[need["urgency"] < 3] += empty * unmet_hours_of_seat(need, shift)
    for person in at.problem["situations"]:
        asked = [block["segments"] for block in person["blocks"]]
        lacking = [len(segments) for segments in asked if any((person["id"], one) not in held for one in segments)]
        hours = 4 * sum(lacking) + 16 * bool(lacking)
        weights[person["urgency"] < 3] += hours * HOURS_OF_URGENCY[person["urgency"]]
    return weights[0], weights[1]


def _burden(at: Territory, loans: list[LoanPair], placed: list[Placed]) -> int:
    ledger = {one["id"]: one["ledger_hours"] for one in at.problem["associations"]}
    teams = {(name, at.shifts[shift][0]["id"]) for name, shift in loans}
    total = 90 * len(teams) + 150 * len({(line[0], line[2]) for line in placed})
    total += sum(price_of_loan(at, ledger, at.people[name], *at.shifts[shift]) for name, shift in loans)
    where = {(name, block, *part): offer for name, block, offer, *part in placed}
    total += at.cut_price * (len(where) - len({stay[:2] for stay in where}))
    for (name, *_), offer in where.items():
        total += 2 * at.trip(at.situations[name]["commune"], at.offers[offer]["establishment"])
    for person in at.problem["situations"]:
        owner = {segment: block["id"] for block in person["blocks"] for segment in block["segments"]}
        place = {
            segment: offer
            for (name, block, *part), offer in where.items()
            for segment in (part or at.blocks[name, block])
            if name == person["id"]
        }
        for one, two in pairwise(sorted(owner)):
            if owner[one] != owner[two] and one in place and two in place and place[one] != place[two]:
                total += 30
    before = at.problem.get("previous") or {}
    kept = {(line["volunteer"], line["shift"]) for line in before.get("loans", ())} - set(loans)
    moved = {_placed(line) for line in before.get("placements", ())} - set(placed)
    return total + 300 * (len(kept) + len(moved))
