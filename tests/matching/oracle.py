"""Exhaustive search over a problem file: every lawful set of loans, every lawful set of placements.

Shares no code with the library. `without` names rules to leave out, which shows that a problem depends on them.
Loans and placements meet only in the set of fully covered shifts, and levels add up, so the best pair is found by
keeping the best loans of each such set.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.matching.oracle_hours import Hours, minutes

Json = dict[str, Any]
Levels = tuple[int, int, int]

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
PLACEMENT_RULES = (
    "age",
    "profile",
    "exclusion",
    "placement travel",
    "capacity",
    "conditional capacity",
    "incompatible",
    "max places",
)
OTHER_RULES = ("frozen", "previous")
# Left out of the list below: it decides nothing where nobody is to be kept together.
GROUP_RULE = "together"
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

WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8}


class Oracle:
    def __init__(self, problem: Json, without: str = "") -> None:
        self.problem, self.without = problem, without
        self.houses = {house["id"]: house for house in problem["establishments"]}
        self.communes = [commune["id"] for commune in problem["communes"]]
        self.bassins = {commune["id"]: commune["bassin"] for commune in problem["communes"]}
        self.shifts = {shift["id"]: (need, shift) for need in problem["needs"] for shift in need["shifts"]}
        self.people = {person["id"]: person for person in problem["volunteers"]}
        self.offers = {offer["id"]: offer for offer in problem["offers"]}
        self.situations = {situation["id"]: situation for situation in problem["situations"]}
        self.ledger = {association["id"]: association["ledger_hours"] for association in problem["associations"]}
        self.zones = {zone["id"]: zone["communes"] for zone in problem.get("zones", [])}
        self.hours = Hours(problem, without)
        self.caps = {(cap["establishment"], cap["day"]): cap["max_out"] for cap in problem["lend_caps"]}
        frozen = problem.get("frozen", {}) if without != "frozen" else {}
        self.frozen_loans = {(line["volunteer"], line["shift"]) for line in frozen.get("loans", [])}
        self.frozen_places = {
            (line["situation"], line["block"]): line["offer"] for line in frozen.get("placements", [])
        }
        previous = problem.get("previous", {}) if without != "previous" else {}
        self.open_loans = {(line["volunteer"], line["shift"]) for line in previous.get("loans", [])}
        self.open_places = {
            (line["situation"], line["block"], line["offer"]) for line in previous.get("placements", [])
        }

    def minutes_between(self, commune: str, house: str) -> int:
        row = self.problem["travel_min"][self.communes.index(commune)]
        return int(row[self.communes.index(self.houses[house]["commune"])])

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

    def price(self, name: str) -> int:
        return 0 if self.without == name else int(self.problem.get("prices", {}).get(name, 0))

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

    def offer_allowed(self, situation: Json, block: Json, offer: Json) -> bool:
        minutes = self.minutes_between(situation["commune"], offer["establishment"])
        verdicts = {
            "age": offer["ages"][0] <= situation["age"] <= offer["ages"][1],
            "profile": situation["profile"] in offer["profiles"],
            "exclusion": offer["establishment"] not in situation["excluded_establishments"],
            "placement travel": minutes <= situation["max_travel_min"] or self.team_travels(offer),
            "care mode": block.get("without_bed", False) == offer.get("without_bed", False),
            "zone": offer.get("zone") is None or situation["commune"] in self.zones[offer["zone"]],
            "hours": self.within_hours(block.get("hours"), offer.get("hours")),
            "provision": self.provided(situation, block, offer),
        }
        return all(verdict for rule, verdict in verdicts.items() if rule != self.without)

    def team_travels(self, offer: Json) -> bool:
        return self.without != "team travels" and "zone" in offer and bool(offer.get("without_bed"))

    def within_hours(self, wanted: list[int] | None, opened: list[int] | None) -> bool:
        return opened is None or (wanted is not None and opened[0] <= wanted[0] and wanted[1] <= opened[1])

    def provided(self, situation: Json, block: Json, offer: Json) -> bool:
        for segment in block["segments"]:
            wanted = set(situation.get("needs", []))
            if self.without != "needs by time":
                wanted |= set(situation.get("needs_by_day" if segment % 2 == 0 else "needs_by_night", []))
            listed = offer.get("provides", [])
            if self.without != "provides at":
                listed = offer.get("provides_at", {}).get(str(segment), listed)
            if not wanted <= set(listed):
                return False
        return True

    def best_placements(self, covered: frozenset[str]) -> Levels | None:
        blocks = [(s, block) for s in self.situations.values() for block in s["blocks"]]
        chosen: dict[tuple[str, str], str] = {}
        used: Counter[tuple[str, int]] = Counter()
        present: list[tuple[str, int, str]] = []
        best: list[Levels | None] = [None]

        def room(offer: Json, segment: int) -> int:
            if self.without == "capacity":
                return 99
            listed = offer["requires"].get(str(segment), [])
            opened = self.without == "conditional capacity" or all(shift in covered for _, shift in listed)
            return int(offer["capacity"][segment] + (offer["extra_capacity"][segment] if opened else 0))

        def fits(situation: Json, block: Json, offer: Json) -> bool:
            if not self.offer_allowed(situation, block, offer):
                return False
            if any(used[offer["id"], segment] >= room(offer, segment) for segment in block["segments"]):
                return False
            if self.without != "incompatible":
                for house, segment, person in present:
                    if house == offer["establishment"] and segment in block["segments"]:
                        apart = self.situations[person]["incompatible_with"]
                        if person in situation["incompatible_with"] or situation["id"] in apart:
                            return False
            places = {place for (person, _), place in chosen.items() if person == situation["id"]} | {offer["id"]}
            return self.without == "max places" or len(places) <= situation["max_places"]

        def extend(position: int) -> None:
            if position == len(blocks):
                if not self.groups_are_whole(chosen):
                    return
                levels = self.placement_levels(chosen)
                if best[0] is None or levels < best[0]:
                    best[0] = levels
                return
            situation, block = blocks[position]
            key = (situation["id"], block["id"])
            forced = self.frozen_places.get(key)
            if forced is None:
                extend(position + 1)
            for offer in self.offers.values():
                if forced not in (None, offer["id"]) or not fits(situation, block, offer):
                    continue
                chosen[key] = offer["id"]
                used.update((offer["id"], segment) for segment in block["segments"])
                present.extend((offer["establishment"], segment, situation["id"]) for segment in block["segments"])
                extend(position + 1)
                del present[len(present) - len(block["segments"]) :]
                used.subtract((offer["id"], segment) for segment in block["segments"])
                del chosen[key]

        extend(0)
        return best[0]

    def groups_are_whole(self, chosen: dict[tuple[str, str], str]) -> bool:
        """Segment by segment: all under one roof, or nobody, or nobody but those accepted before."""
        if self.without == GROUP_RULE:
            return True
        groups = {situation.get("together") for situation in self.situations.values()} - {None}
        for group in groups:
            members = [person for person in self.situations.values() if person.get("together") == group]
            held = [(person["id"], block["id"], block["segments"]) for person in members for block in person["blocks"]]
            for segment in {segment for _, _, segments in held for segment in segments}:
                wanted = [(person, block) for person, block, segments in held if segment in segments]
                served = [key for key in wanted if key in chosen]
                roofs = {self.offers[chosen[key]]["establishment"] for key in served}
                newly = [key for key in served if key not in self.frozen_places]
                if len(roofs) > 1 or (newly and len(served) < len(wanted)):
                    return False
        return True

    def placement_levels(self, chosen: dict[tuple[str, str], str]) -> Levels:
        critical = other = burden = 0
        for situation in self.situations.values():
            name = situation["id"]
            open_segments = [
                len(block["segments"]) for block in situation["blocks"] if (name, block["id"]) not in chosen
            ]
            cost = WEIGHT[situation["urgency"]] * (4 * sum(open_segments) + 16 * bool(open_segments))
            if situation["urgency"] >= 3:
                critical += cost
            else:
                other += cost
            mine = [chosen[name, block["id"]] for block in situation["blocks"] if (name, block["id"]) in chosen]
            burden += 150 * len(set(mine))
            for offer in mine:
                place = self.offers[offer]
                burden += 2 * self.minutes_between(situation["commune"], place["establishment"])
                burden += 0 if self.without == "scarcity" else place.get("scarcity_price", 0)
                if self.houses[place["establishment"]]["bassin"] != self.bassins[situation["commune"]]:
                    burden += self.price("cross_bassin")
            holder = {segment: block["id"] for block in situation["blocks"] for segment in block["segments"]}
            for one, two in pairwise(sorted(holder)):
                before, after = chosen.get((name, holder[one])), chosen.get((name, holder[two]))
                burden += 30 if before and after and before != after else 0
        burden += 300 * len(self.open_places - {(s, b, offer) for (s, b), offer in chosen.items()})
        return critical, other, burden

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
