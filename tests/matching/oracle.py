"""Exhaustive search over a problem file: every lawful set of loans, every lawful set of placements.

Shares no code with the library. `without` names rules to leave out, which shows that a problem depends on them.
Loans and placements meet only in the set of fully covered shifts, and levels add up, so the best pair is found by
keeping the best loans of each such set.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.matching.oracle_hours import Hours, minutes
from tests.matching.oracle_places import GROUP_RULE, PLACEMENT_RULES, WEIGHT, Levels, Places

Json = dict[str, Any]

__all__ = ["GROUP_RULE", "Levels"]

LOAN_PAIR_RULES = (
    "consent",
    "employer",
    "qualification",
    "bassin",
    "loan travel",
    "availability",
    "length",
    "derogation",
    "own rest",
)
LOAN_SET_RULES = ("rest", "week", "loan minutes", "lend cap")
OTHER_RULES = ("frozen", "previous")
# Of whoever may begin in one place and end in another.
SPLIT_RULES = ("split", "parts")
ADDED_RULES = (
    "internal moves",
    "paperwork",
    "cross_bassin",
    "scarcity",
    "provision",
    "needs by time",
    "provides at",
    "care mode",
    "zone",
    "team travels",
    "hours",
    "ready from",
    "permanent staff",
    "released",
    "released minutes",
)
EVERY_RULE = LOAN_PAIR_RULES + LOAN_SET_RULES + PLACEMENT_RULES + OTHER_RULES


class Oracle(Places):
    def __init__(self, problem: Json, without: str = "") -> None:
        super().__init__(problem, without)
        self.shifts = {shift["id"]: (need, shift) for need in problem["needs"] for shift in need["shifts"]}
        self.people = {person["id"]: person for person in problem["volunteers"]}
        self.ledger = {association["id"]: association["ledger_hours"] for association in problem["associations"]}
        self.hours = Hours(problem, without)
        self.caps = {(cap["establishment"], cap["day"]): cap["max_out"] for cap in problem["lend_caps"]}
        frozen = problem.get("frozen", {}) if without != "frozen" else {}
        self.frozen_loans = {(line["volunteer"], line["shift"]) for line in frozen.get("loans", [])}
        previous = problem.get("previous", {}) if without != "previous" else {}
        self.open_loans = {(line["volunteer"], line["shift"]) for line in previous.get("loans", [])}

    def loan_pair_allowed(self, person: Json, need: Json, shift: Json) -> bool:
        house = self.houses[need["establishment"]]
        start, end = shift["start"], shift["end"]
        derogation = person["night12h_derogation"] or self.without == "derogation"
        rest = self.hours.figure(person, need, "rest_minutes")
        released = [] if self.without == "released" else person.get("released", [])
        freed = any(a <= start and end <= b for a, b in released)
        moves = person.get("internal_moves", False) and self.without != "internal moves"
        verdicts = {
            "consent": person["consent"],
            "ready from": not self.lends(person, need) or (person.get("ready_from") or 0) <= start,
            "permanent staff": shift.get("min_permanent_staff", 0) <= shift.get("permanent_staff", 0),
            "employer": self.lends(person, need) or (moves and person["establishment"] != house["id"]),
            "qualification": any(one in need["qualifications_any"] for one in person["qualifications"]),
            "bassin": house["bassin"] in person["bassins"],
            "loan travel": self.minutes_between(person["commune"], house["id"]) <= person["max_travel_min"],
            "availability": freed or any(a <= start and end <= b for a, b in person["availability"]),
            "length": end - start <= self.hours.longest(person, need, start, derogation),
            "own rest": all(
                start >= b + rest or a >= end + rest or (a <= start and end <= b and [a, b] in released)
                for a, b in person["own_shifts"]
            ),
        }
        return all(verdict for rule, verdict in verdicts.items() if rule != self.without)

    def lends(self, person: Json, need: Json) -> bool:
        return bool(person["association"] != self.houses[need["establishment"]]["association"])

    def loan_set_allowed(self, loans: list[tuple[str, str]]) -> bool:
        """Only the person and the lender of the last loan need a look: the rest was lawful before it."""
        person = self.people[loans[-1][0]]
        mine = [self.shifts[shift] for who, shift in loans if who == person["id"]]
        verdicts = {
            "rest": self.hours.rest_kept(person, mine),
            "week": self.hours.week_kept(person, mine),
            "loan minutes": sum(minutes(shift) for _, shift in mine) <= person["max_loan_minutes"],
            "weekly rest": self.hours.weekly_rest_kept(person, mine),
            "days in row": self.hours.days_kept(person, mine),
            "average": self.hours.averages_kept(person, mine),
        }
        if not all(verdict for rule, verdict in verdicts.items() if rule != self.without):
            return False
        house, day = person["establishment"], self.shifts[loans[-1][1]][1]["start"] // 1440
        out = sum(
            1
            for p, s in loans
            if self.people[p]["establishment"] == house and self.shifts[s][1]["start"] // 1440 == day
        )
        return self.without == "lend cap" or out <= self.caps.get((house, day), out)

    def loan_sets(self) -> Iterator[list[tuple[str, str]]]:
        pairs = [
            (person["id"], shift["id"])
            for need, shift in self.shifts.values()
            for person in self.people.values()
            if self.loan_pair_allowed(person, need, shift)
        ]
        if not self.frozen_loans <= set(pairs):
            return
        chosen: list[tuple[str, str]] = []

        def extend(position: int) -> Iterator[list[tuple[str, str]]]:
            if position == len(pairs):
                yield chosen
                return
            pair = pairs[position]
            taken = sum(1 for _, shift in chosen if shift == pair[1])
            if taken < self.shifts[pair[1]][1]["headcount"]:
                chosen.append(pair)
                if self.loan_set_allowed(chosen):
                    yield from extend(position + 1)
                chosen.pop()
            if pair not in self.frozen_loans:
                yield from extend(position + 1)

        yield from extend(0)

    def loan_levels(self, loans: list[tuple[str, str]], filled: Counter[str]) -> Levels:
        critical = other = 0
        for need, shift in self.shifts.values():
            lacking = shift["headcount"] - filled[shift["id"]]
            cost = 0 if need["coupled"] else lacking * WEIGHT[need["urgency"]] * ((shift["end"] - shift["start"]) // 60)
            if need["urgency"] >= 3:
                critical += cost
            else:
                other += cost
        served = {(person, self.shifts[shift][0]["id"]): self.shifts[shift][0] for person, shift in loans}
        burden = sum(
            90 + (self.price("paperwork") if self.lends(self.people[person], need) else 0)
            for (person, _), need in served.items()
        )
        for person, shift in loans:
            need, at = self.shifts[shift]
            price = min(200, max(0, self.ledger[self.people[person]["association"]] + 60))
            home, host = (self.houses[one["establishment"]] for one in (self.people[person], need))
            burden += price * (at["end"] - at["start"]) // 600 if self.lends(self.people[person], need) else 0
            burden += self.price("cross_bassin") if home["bassin"] != host["bassin"] else 0
            burden += 2 * self.minutes_between(self.people[person]["commune"], need["establishment"])
        burden += 300 * len(self.open_loans - set(loans))
        return critical, other, burden

    def best_loans(self) -> dict[frozenset[str], Levels]:
        """The best levels of loans for each set of fully covered shifts on which some place depends."""
        watched = {
            shift for offer in self.offers.values() for listed in offer["requires"].values() for _, shift in listed
        }
        best: dict[frozenset[str], Levels] = {}
        for loans in self.loan_sets():
            filled = Counter(shift for _, shift in loans)
            covered = frozenset(s for s in watched if filled[s] == self.shifts[s][1]["headcount"])
            levels = self.loan_levels(loans, filled)
            if covered not in best or levels < best[covered]:
                best[covered] = levels
        return best

    def best(self) -> Levels | None:
        """The lexicographically least levels, or `None` where the accepted lines admit no plan."""
        found: list[Levels] = []
        for covered, loans in self.best_loans().items():
            placements = self.best_placements(covered)
            if placements is not None:
                found.append((loans[0] + placements[0], loans[1] + placements[1], loans[2] + placements[2]))
        return min(found, default=None)


def best_levels(problem: Json, without: str = "") -> Levels | None:
    return Oracle(problem, without).best()


def with_accepted_lines(problem: Json, loans: int, placements: int) -> Json:
    """The problem with its first lawful candidates accepted, as many as asked, as long as a plan remains."""
    oracle = Oracle(problem)
    frozen: dict[str, list[Json]] = {"loans": [], "placements": []}
    pairs = [
        {"volunteer": person["id"], "shift": shift["id"]}
        for need, shift in oracle.shifts.values()
        for person in reversed(oracle.people.values())
        if oracle.loan_pair_allowed(person, need, shift)
    ]
    served = [
        {"situation": situation["id"], "block": block["id"], "offer": offer["id"]}
        for situation in oracle.situations.values()
        for block in situation["blocks"]
        for offer in reversed(oracle.offers.values())
        if oracle.offer_allowed(situation, block, offer)
    ]
    for key, lines, wanted in (("loans", pairs, loans), ("placements", served, placements)):
        for line in lines:
            if len(frozen[key]) == wanted:
                break
            if key == "placements" and any(line["block"] == one["block"] for one in frozen[key]):
                continue
            tried = {**frozen, key: [*frozen[key], line]}
            if best_levels({**problem, "frozen": tried}) is not None:
                frozen = tried
    return {**problem, "frozen": frozen}
