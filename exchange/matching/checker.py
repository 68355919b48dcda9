"""An independent judge of plans: standard library alone, no code shared with the model, rules read anew from A to Z.

It takes the two files as parsed JSON. The problem must be valid (`files` says so); the plan may be anything:
`checker_form` first says whether it can be read at all.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from exchange.matching.checker_form import LEVELS, Code, Violation, malformations

__all__ = ["Code", "Violation", "check"]


class _Reading:
    """The problem by id, and the lines of the plan that name known things, each with its path."""

    def __init__(self, problem: Any, plan: Any) -> None:
        self.problem, self.plan = problem, plan
        self.volunteers = {one["id"]: one for one in problem["volunteers"]}
        self.needs = {one["id"]: one for one in problem["needs"]}
        self.shifts = {shift["id"]: (need, shift) for need in problem["needs"] for shift in need["shifts"]}
        self.offers = {one["id"]: one for one in problem["offers"]}
        self.situations = {one["id"]: one for one in problem["situations"]}
        self.blocks = {(s["id"], b["id"]): b["segments"] for s in problem["situations"] for b in s["blocks"]}
        self.houses = {one["id"]: one for one in problem["establishments"]}
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


def check(problem_json: Mapping[str, object], plan_json: Mapping[str, object]) -> list[Violation]:
    """Every rule that the plan breaks, in a stable order; an empty list for a lawful plan that tells the truth."""
    malformed = list(malformations(plan_json))
    if malformed:
        return malformed
    reading = _Reading(problem_json, plan_json)
    return [violation for rule in _RULES for violation in rule(reading)]


def _distinct(plan: Any, key: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen: set[tuple[str, ...]] = set()
    for index, line in enumerate(plan[key]):
        values = tuple(line[name] for name in names)
        if values not in seen:
            seen.add(values)
            yield f"{key}[{index}]", values


def _identity(at: _Reading) -> Iterator[Violation]:
    if at.plan["format"] != "entraide-plan/1":
        yield Violation(Code.PLAN_FORMAT, "format", f"« {at.plan['format']} » n'est pas « entraide-plan/1 »")
    if at.plan["problem"] != at.problem["id"]:
        yield Violation(Code.OTHER_PROBLEM, "problem", f"ce plan répond à « {at.plan['problem']} »")
    levels, bounds = ([at.plan[key][one] for one in LEVELS] for key in ("levels", "bounds"))
    if at.plan["status"] not in ("proven", "within_gap", "fallback"):
        yield Violation(Code.STATUS, "status", f"« {at.plan['status']} » n'est pas un état de plan")
    elif any(low > level for low, level in zip(bounds, levels, strict=True)):
        yield Violation(Code.BOUNDS, "bounds", f"une borne {bounds} dépasse son niveau {levels}")
    elif at.plan["status"] == "proven" and bounds != levels:
        yield Violation(Code.BOUNDS, "bounds", f"un plan prouvé a pour bornes ses niveaux : {bounds}, {levels}")


def _ids(at: _Reading) -> Iterator[Violation]:
    tables: dict[str, Any] = {"volunteer": at.volunteers, "shift": at.shifts}
    tables |= {"situation": at.situations, "offer": at.offers}
    for key in ("loans", "placements"):
        seen: set[tuple[str, ...]] = set()
        for index, line in enumerate(at.plan[key]):
            path = f"{key}[{index}]"
            for name in sorted(tables.keys() & line.keys()):
                if line[name] not in tables[name]:
                    yield Violation(Code.UNKNOWN_ID, f"{path}.{name}", f"« {line[name]} » est inconnu")
            known = key == "placements" and line["situation"] in at.situations
            if known and (line["situation"], line["block"]) not in at.blocks:
                yield Violation(Code.UNKNOWN_ID, f"{path}.block", f"« {line['block']} » est inconnu")
            names = ("volunteer", "shift") if key == "loans" else ("situation", "block", "offer")
            values = tuple(line[name] for name in names)
            if values in seen:
                yield Violation(Code.DUPLICATE_LINE, path, "cette ligne est donnée deux fois")
            seen.add(values)


def _frozen(at: _Reading) -> Iterator[Violation]:
    frozen = at.problem.get("frozen") or {}
    for key, names in (("loans", ("volunteer", "shift")), ("placements", ("situation", "block", "offer"))):
        present = {tuple(line[name] for name in names) for line in at.plan[key]}
        for index, line in enumerate(frozen.get(key, ())):
            values = tuple(line[name] for name in names)
            if values not in present:
                yield Violation(Code.FROZEN_LINE_ABSENT, f"frozen.{key}[{index}]", f"ligne acceptée absente : {values}")


def _each_loan(at: _Reading) -> Iterator[Violation]:
    for path, who, need, shift in at.loans:
        house, start, end = at.houses[need["establishment"]], shift["start"], shift["end"]
        if not who["consent"]:
            yield Violation(Code.NO_CONSENT, path, "la personne n'accepte pas d'être sollicitée")
        if who["association"] == house["association"]:
            yield Violation(Code.SAME_EMPLOYER, path, "l'employeur est aussi l'accueillant")
        if not set(who["qualifications"]) & set(need["qualifications_any"]):
            yield Violation(Code.QUALIFICATION, path, "aucune qualification en commun")
        if house["bassin"] not in who["bassins"]:
            yield Violation(Code.HOST_BASSIN, path, f"bassin {house['bassin']} refusé")
        minutes = at.travel(who["commune"], need["establishment"])
        if minutes > who["max_travel_min"]:
            yield Violation(Code.LOAN_TRAVEL, path, f"{minutes} min pour {who['max_travel_min']} acceptées")
        if not any(opens <= start and end <= closes for opens, closes in who["availability"]):
            yield Violation(Code.AVAILABILITY, path, "la vacation ne tient dans aucune disponibilité")
        longest = 720 if who["night12h_derogation"] and start % 1440 >= 1140 else 600
        if end - start > longest:
            yield Violation(Code.SHIFT_LENGTH, path, f"{end - start} min pour {longest} permises")


def _loans_together(at: _Reading) -> Iterator[Violation]:
    of_person: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for _, who, _, shift in at.loans:
        of_person[who["id"]][shift["id"]] = (shift["start"], shift["end"])
    for person, loans in sorted(of_person.items()):
        who, periods = at.volunteers[person], sorted(loans.values())
        for index, (start, end) in enumerate(periods):
            for other_start, other_end in [*periods[index + 1 :], *who["own_shifts"]]:
                if other_start - end < 660 and start - other_end < 660:
                    detail = f"moins de 660 min entre {start}-{end} et {other_start}-{other_end}"
                    yield Violation(Code.REST, person, detail)
        weeks: Counter[int] = Counter()
        for start, end in periods:
            weeks[start // 10080] += end - start
        for week, minutes in sorted(weeks.items()):
            if minutes + who["week_minutes_done"][week] > 2880:
                total = minutes + who["week_minutes_done"][week]
                yield Violation(Code.WEEK_MINUTES, person, f"{total} min la semaine {week} pour 2880 permises")
        if sum(weeks.values()) > who["max_loan_minutes"]:
            yield Violation(Code.LOAN_MINUTES, person, f"{sum(weeks.values())} min pour {who['max_loan_minutes']}")


def _lenders_and_seats(at: _Reading) -> Iterator[Violation]:
    leaving = Counter((who["establishment"], shift["start"] // 1440) for _, who, _, shift in at.loans)
    for cap in at.problem["lend_caps"]:
        out = leaving[cap["establishment"], cap["day"]]
        if out > cap["max_out"]:
            detail = f"jour {cap['day']} : {out} départs pour {cap['max_out']}"
            yield Violation(Code.LEND_CAP, cap["establishment"], detail)
    for shift, taken in sorted(Counter(shift["id"] for _, _, _, shift in at.loans).items()):
        asked = at.shifts[shift][1]["headcount"]
        if taken > asked:
            yield Violation(Code.HEADCOUNT, shift, f"{taken} personnes pour {asked} demandées")


def _each_placement(at: _Reading) -> Iterator[Violation]:
    placed: set[tuple[str, str]] = set()
    places: dict[str, set[str]] = defaultdict(set)
    for path, who, block, _, offer in at.placements:
        if (who["id"], block) in placed:
            yield Violation(Code.BLOCK_PLACED_TWICE, path, f"le bloc « {block} » est déjà placé")
        placed.add((who["id"], block))
        places[who["id"]].add(offer["id"])
        if not offer["ages"][0] <= who["age"] <= offer["ages"][1]:
            yield Violation(Code.AGE, path, f"{who['age']} ans pour {offer['ages']}")
        if who["profile"] not in offer["profiles"]:
            yield Violation(Code.PROFILE, path, f"profil « {who['profile']} » non accueilli")
        if offer["establishment"] in who["excluded_establishments"]:
            yield Violation(Code.EXCLUDED, path, f"établissement « {offer['establishment']} » exclu")
        minutes = at.travel(who["commune"], offer["establishment"])
        if minutes > who["max_travel_min"]:
            yield Violation(Code.PLACEMENT_TRAVEL, path, f"{minutes} min pour {who['max_travel_min']} permises")
    for person, offers in sorted(places.items()):
        if len(offers) > at.situations[person]["max_places"]:
            detail = f"{len(offers)} lieux pour {at.situations[person]['max_places']} permis"
            yield Violation(Code.MAX_PLACES, person, detail)


def _capacity(at: _Reading) -> Iterator[Violation]:
    used = Counter((offer["id"], segment) for _, _, _, segments, offer in at.placements for segment in segments)
    for (name, segment), taken in sorted(used.items()):
        base, extra = at.offers[name]["capacity"][segment], at.offers[name]["extra_capacity"][segment]
        if taken > base + extra:
            yield Violation(Code.CAPACITY, name, f"tranche {segment} : {taken} personnes pour {base + extra} places")
        elif taken > base:
            lacking = [shift for _, shift in at.offers[name]["requires"][str(segment)] if not at.covered(shift)]
            if lacking:
                yield Violation(Code.CONDITIONAL_CAPACITY, name, f"tranche {segment} : attend {', '.join(lacking)}")


def _neighbours(at: _Reading) -> Iterator[Violation]:
    present: dict[tuple[str, int], set[str]] = defaultdict(set)
    for _, who, _, segments, offer in at.placements:
        for segment in segments:
            present[offer["establishment"], segment].add(who["id"])
    for (house, segment), people in sorted(present.items()):
        for person in sorted(people):
            for other in sorted(people.intersection(at.situations[person]["incompatible_with"])):
                yield Violation(Code.INCOMPATIBLE, house, f"tranche {segment} : « {person} » et « {other} »")


def _companions(at: _Reading) -> Iterator[Violation]:
    accepted = {(one["situation"], one["block"]) for one in (at.problem.get("frozen") or {}).get("placements", ())}
    wanting: dict[tuple[str, int], dict[str, tuple[str, str]]] = defaultdict(dict)
    for (person, block), segments in at.blocks.items():
        if (group := at.situations[person].get("together")) is not None:
            for segment in segments:
                wanting[group, segment][person] = (person, block)
    for (group, segment), members in sorted(wanting.items()):
        there = [key for key in members.values() if key in at.offer_of]
        houses = sorted({at.offers[at.offer_of[key]]["establishment"] for key in there})
        if len(houses) > 1:
            yield Violation(Code.KEPT_APART, group, f"tranche {segment} : plusieurs établissements, {houses}")
        elif len(there) < len(members) and not accepted.issuperset(there):
            yield Violation(Code.KEPT_APART, group, f"tranche {segment} : {len(there)} personnes sur {len(members)}")


def _unmet(at: _Reading) -> Iterator[Violation]:
    expected = {("block", *key): len(segments) for key, segments in at.blocks.items() if key not in at.offer_of}
    for name, (need, shift) in at.shifts.items():
        if not at.covered(name):
            expected["shift", need["id"], name] = shift["headcount"] - at.filled[name]
    told: set[tuple[str, str, str]] = set()
    for index, item in enumerate(at.plan["unmet"]):
        key = ("shift", item["need"], item["shift"]) if "need" in item else ("block", item["situation"], item["block"])
        if key not in expected or key in told:
            yield Violation(Code.UNMET_UNFOUNDED, f"unmet[{index}]", f"{key} ne manque pas, ou est déjà dit")
        elif item["missing"] != expected[key]:
            yield Violation(Code.UNMET_MISSING, f"unmet[{index}]", f"{item['missing']} pour {expected[key]} attendu")
        told.add(key)
    for absent in sorted(expected.keys() - told):
        yield Violation(Code.UNMET_ABSENT, "unmet", f"{absent} manque sans être dit")


_WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8}


def _levels(at: _Reading) -> Iterator[Violation]:
    counted = {"critical": 0, "other": 0, "burden": _burden(at)}
    for name, (need, shift) in at.shifts.items():
        hours = (shift["end"] - shift["start"]) // 60
        lacking = 0 if need["coupled"] else max(shift["headcount"] - at.filled[name], 0)
        counted["critical" if need["urgency"] >= 3 else "other"] += _WEIGHT[need["urgency"]] * hours * lacking
    for who in at.problem["situations"]:
        open_blocks = [block for block in who["blocks"] if (who["id"], block["id"]) not in at.offer_of]
        hours = sum(4 * len(block["segments"]) for block in open_blocks) + (16 if open_blocks else 0)
        counted["critical" if who["urgency"] >= 3 else "other"] += _WEIGHT[who["urgency"]] * hours
    for code, level in ((Code.CRITICAL, "critical"), (Code.OTHER, "other"), (Code.BURDEN, "burden")):
        declared = at.plan["levels"][level]
        if declared != counted[level]:
            yield Violation(code, f"levels.{level}", f"{declared} déclaré, {counted[level]} recompté")


def _burden(at: _Reading) -> int:
    loans = {(who["id"], shift["id"]) for _, who, _, shift in at.loans}
    total = 90 * len({(who["id"], need["id"]) for _, who, need, _ in at.loans})
    for _, who, need, shift in at.loans:
        points = min(max(at.ledger[who["association"]] + 60, 0), 200)
        total += points * (shift["end"] - shift["start"]) // 600 + 2 * at.travel(who["commune"], need["establishment"])
    for (person, _), name in at.offer_of.items():
        total += 2 * at.travel(at.situations[person]["commune"], at.offers[name]["establishment"])
    total += 150 * len({(person, name) for (person, _), name in at.offer_of.items()})
    for who in at.problem["situations"]:
        line = sorted((segment, block["id"]) for block in who["blocks"] for segment in block["segments"])
        served = [at.offer_of.get((who["id"], block)) for _, block in line]
        total += 30 * sum(1 for one, two in pairwise(served) if one and two and one != two)
    previous = at.problem.get("previous") or {}
    for old in previous.get("loans", ()):
        total += 0 if (old["volunteer"], old["shift"]) in loans else 300
    for old in previous.get("placements", ()):
        total += 0 if at.offer_of.get((old["situation"], old["block"])) == old["offer"] else 300
    return total


def _digest(at: _Reading) -> Iterator[Violation]:
    lists = {
        "loans": sorted([line["volunteer"], line["shift"]] for line in at.plan["loans"]),
        "placements": sorted([line["situation"], line["block"], line["offer"]] for line in at.plan["placements"]),
    }
    text = json.dumps(lists, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if hashlib.sha256(text).hexdigest() != at.plan["digest"]:
        yield Violation(Code.DIGEST, "digest", "l'empreinte n'est pas celle des lignes")


_RULES: tuple[Callable[[_Reading], Iterator[Violation]], ...] = (
    _identity,
    _ids,
    _frozen,
    _each_loan,
    _loans_together,
    _lenders_and_seats,
    _each_placement,
    _capacity,
    _neighbours,
    _companions,
    _unmet,
    _levels,
    _digest,
)
