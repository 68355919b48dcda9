"""The placement half of the exhaustive search: every lawful set of placements, given the shifts that are covered.

Shares no code with the library.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
Levels = tuple[int, int, int]
# Situation, block, then the segments of the part that is served where it is not served whole.
Served = tuple[Any, ...]

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
# Left out of the list below: it decides nothing where nobody is to be kept together.
GROUP_RULE = "together"
WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8}


class Places:
    def __init__(self, problem: Json, without: str) -> None:
        self.problem, self.without = problem, without
        self.houses = {house["id"]: house for house in problem["establishments"]}
        self.communes = [commune["id"] for commune in problem["communes"]]
        self.bassins = {commune["id"]: commune["bassin"] for commune in problem["communes"]}
        self.offers = {offer["id"]: offer for offer in problem["offers"]}
        self.situations = {situation["id"]: situation for situation in problem["situations"]}
        self.zones = {zone["id"]: zone["communes"] for zone in problem.get("zones", [])}
        frozen = problem.get("frozen", {}) if without != "frozen" else {}
        self.frozen_places = {_served(line): line["offer"] for line in frozen.get("placements", [])}
        previous = problem.get("previous", {}) if without != "previous" else {}
        self.open_places = {(_served(line), line["offer"]) for line in previous.get("placements", [])}

    def minutes_between(self, commune: str, house: str) -> int:
        row = self.problem["travel_min"][self.communes.index(commune)]
        return int(row[self.communes.index(self.houses[house]["commune"])])

    def price(self, name: str) -> int:
        return 0 if self.without == name else int(self.problem.get("prices", {}).get(name, 0))

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
        chosen: dict[Served, str] = {}
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
            places = {place for served, place in chosen.items() if served[0] == situation["id"]} | {offer["id"]}
            return self.without == "max places" or len(places) <= situation["max_places"]

        def place(situation: Json, block: Json, lines: list[tuple[list[int], str]], position: int) -> None:
            """Take these lines of one block one after another, go on, and give them back."""
            if not lines:
                extend(position + 1)
                return
            (part, name), offer = lines[0], self.offers[lines[0][1]]
            segments = part or block["segments"]
            if fits(situation, {**block, "segments": segments}, offer):
                key = (situation["id"], block["id"], *part)
                chosen[key] = name
                used.update((name, segment) for segment in segments)
                present.extend((offer["establishment"], segment, situation["id"]) for segment in segments)
                place(situation, block, lines[1:], position)
                del present[len(present) - len(segments) :]
                used.subtract((name, segment) for segment in segments)
                del chosen[key]

        def extend(position: int) -> None:
            if position == len(blocks):
                if not self.groups_are_whole(chosen):
                    return
                levels = self.placement_levels(chosen)
                if best[0] is None or levels < best[0]:
                    best[0] = levels
                return
            for lines in self.answers(*blocks[position]):
                place(*blocks[position], lines, position)

        extend(0)
        return best[0]

    def answers(self, situation: Json, block: Json) -> Iterator[list[tuple[list[int], str]]]:
        """The lines that a block may have, each a part of it (none for the whole) and an offer."""
        forced = {served: offer for served, offer in self.frozen_places.items() if served[1] == block["id"]}
        forced = {served: offer for served, offer in forced.items() if served[0] == situation["id"]}
        kept = [(list(served[2:]), offer) for served, offer in forced.items()]
        yield kept
        if kept and (len(kept) == 2 or not kept[0][0]):
            return
        yield from ([([], offer)] for offer in self.offers if not kept)
        for beginning, end in self.cuts(situation, block):
            for first in self.offers:
                for second in self.offers:
                    lines = [(beginning, first), (end, second)]
                    if all(line in lines for line in kept) and (kept or first != second):
                        yield lines

    def cuts(self, situation: Json, block: Json) -> Iterator[tuple[list[int], list[int]]]:
        if self.without == "parts" or not self.problem.get("prices", {}).get("split") or situation.get("together"):
            return
        ordered = sorted(block["segments"])
        yield from ((ordered[:size], ordered[size:]) for size in range(1, len(ordered)))

    def groups_are_whole(self, chosen: Mapping[Served, str]) -> bool:
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

    def placement_levels(self, chosen: Mapping[Served, str]) -> Levels:
        critical = other = burden = 0
        for situation in self.situations.values():
            name = situation["id"]
            asked = {block["id"]: block["segments"] for block in situation["blocks"]}
            mine = {served: offer for served, offer in chosen.items() if served[0] == name}
            at = {segment: place for served, place in mine.items() for segment in served[2:] or asked[served[1]]}
            open_segments = [len(segments) for segments in asked.values() if not at.keys() >= set(segments)]
            cost = WEIGHT[situation["urgency"]] * (4 * sum(open_segments) + 16 * bool(open_segments))
            if situation["urgency"] >= 3:
                critical += cost
            else:
                other += cost
            burden += 150 * len(set(mine.values()))
            burden += self.price("split") * (len(mine) - len({served[1] for served in mine}))
            for offer in mine.values():
                place = self.offers[offer]
                burden += 2 * self.minutes_between(situation["commune"], place["establishment"])
                burden += 0 if self.without == "scarcity" else place.get("scarcity_price", 0)
                if self.houses[place["establishment"]]["bassin"] != self.bassins[situation["commune"]]:
                    burden += self.price("cross_bassin")
            holder = {segment: block for block, segments in asked.items() for segment in segments}
            for one, two in pairwise(sorted(holder)):
                before, after = at.get(one), at.get(two)
                moves = before and after and before != after and holder[one] != holder[two]
                burden += 30 if moves else 0
        burden += 300 * len(self.open_places - set(chosen.items()))
        return critical, other, burden


def _served(line: Json) -> Served:
    return line["situation"], line["block"], *line.get("segments", ())


def served_by(placements: Iterable[tuple[Any, ...]]) -> dict[Served, str]:
    """Lines told as (situation, block, offer, segments of a part…), by what they serve."""
    return {(situation, block, *part): offer for situation, block, offer, *part in placements}
