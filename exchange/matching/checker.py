"""An independent judge of plans: standard library alone, no code shared with the model, rules read anew from A to Z.

It takes the two files as parsed JSON. The problem must be valid (`files` says so); the plan may be anything:
`checker_form` first says whether it can be read at all.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from exchange.matching.checker_form import LEVELS, Code, Violation, malformations
from exchange.matching.checker_levels import levels_recounted
from exchange.matching.checker_loans import each_loan, lenders_and_seats, loans_together
from exchange.matching.checker_places import blocks_in_parts, capacities, companions, each_placement, neighbours
from exchange.matching.checker_reading import LOAN, PLACEMENT, Reading, values_of

__all__ = ["Code", "Violation", "check"]


def check(problem_json: Mapping[str, object], plan_json: Mapping[str, object]) -> list[Violation]:
    """Every rule that the plan breaks, in a stable order; an empty list for a lawful plan that tells the truth."""
    malformed = list(malformations(plan_json))
    if malformed:
        return malformed
    reading = Reading(problem_json, plan_json)
    return [violation for rule in _RULES for violation in rule(reading)]


def _identity(at: Reading) -> Iterator[Violation]:
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


def _ids(at: Reading) -> Iterator[Violation]:
    tables: dict[str, Any] = {"volunteer": at.volunteers, "shift": at.shifts}
    tables |= {"situation": at.situations, "offer": at.offers}
    for key in ("loans", "placements"):
        seen: set[tuple[Any, ...]] = set()
        for index, line in enumerate(at.plan[key]):
            path = f"{key}[{index}]"
            for name in sorted(tables.keys() & line.keys()):
                if line[name] not in tables[name]:
                    yield Violation(Code.UNKNOWN_ID, f"{path}.{name}", f"« {line[name]} » est inconnu")
            known = key == "placements" and line["situation"] in at.situations
            if known and (line["situation"], line["block"]) not in at.blocks:
                yield Violation(Code.UNKNOWN_ID, f"{path}.block", f"« {line['block']} » est inconnu")
            values = values_of(line, LOAN if key == "loans" else PLACEMENT)
            if values in seen:
                yield Violation(Code.DUPLICATE_LINE, path, "cette ligne est donnée deux fois")
            seen.add(values)


def _frozen(at: Reading) -> Iterator[Violation]:
    frozen = at.problem.get("frozen") or {}
    for key, names in (("loans", LOAN), ("placements", PLACEMENT)):
        present = {values_of(line, names) for line in at.plan[key]}
        for index, line in enumerate(frozen.get(key, ())):
            values = values_of(line, names)
            if values not in present:
                yield Violation(Code.FROZEN_LINE_ABSENT, f"frozen.{key}[{index}]", f"ligne acceptée absente : {values}")


def _unmet(at: Reading) -> Iterator[Violation]:
    expected = {("block", *key): len(lacking) for key, lacking in at.lacking.items() if lacking}
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


def _digest(at: Reading) -> Iterator[Violation]:
    lists = {
        "loans": sorted([line["volunteer"], line["shift"]] for line in at.plan["loans"]),
        "placements": sorted(
            [*(line[name] for name in PLACEMENT), *([sorted(line["segments"])] if "segments" in line else [])]
            for line in at.plan["placements"]
        ),
    }
    text = json.dumps(lists, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if hashlib.sha256(text).hexdigest() != at.plan["digest"]:
        yield Violation(Code.DIGEST, "digest", "l'empreinte n'est pas celle des lignes")


_RULES: tuple[Callable[[Reading], Iterator[Violation]], ...] = (
    _identity,
    _ids,
    _frozen,
    each_loan,
    loans_together,
    lenders_and_seats,
    each_placement,
    blocks_in_parts,
    capacities,
    neighbours,
    companions,
    _unmet,
    levels_recounted,
    _digest,
)
