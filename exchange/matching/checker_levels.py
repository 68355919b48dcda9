"""The three levels of a plan, recounted from its lines."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from exchange.matching.checker_form import Code, Violation
from exchange.matching.checker_reading import PLACEMENT, Reading, values_of

_WEIGHT = {1: 1, 2: 2, 3: 4, 4: 8}


def levels_recounted(at: Reading) -> Iterator[Violation]:
    counted = {"critical": 0, "other": 0, "burden": _burden(at)}
    for name, (need, shift) in at.shifts.items():
        hours = (shift["end"] - shift["start"]) // 60
        lacking = 0 if need["coupled"] else max(shift["headcount"] - at.filled[name], 0)
        counted["critical" if need["urgency"] >= 3 else "other"] += _WEIGHT[need["urgency"]] * hours * lacking
    for who in at.problem["situations"]:
        open_blocks = [block for block in who["blocks"] if at.lacking[who["id"], block["id"]]]
        hours = sum(4 * len(block["segments"]) for block in open_blocks) + (16 if open_blocks else 0)
        counted["critical" if who["urgency"] >= 3 else "other"] += _WEIGHT[who["urgency"]] * hours
    for code, level in ((Code.CRITICAL, "critical"), (Code.OTHER, "other"), (Code.BURDEN, "burden")):
        declared = at.plan["levels"][level]
        if declared != counted[level]:
            yield Violation(code, f"levels.{level}", f"{declared} déclaré, {counted[level]} recompté")


def _burden(at: Reading) -> int:
    loans = {(who["id"], shift["id"]) for _, who, _, shift in at.loans}
    prices = at.problem.get("prices") or {}
    paperwork, cross_bassin = prices.get("paperwork") or 0, prices.get("cross_bassin") or 0
    total = 0
    for lent in {
        (who["id"], need["id"]): _between_associations(at, who, need) for _, who, need, _ in at.loans
    }.values():
        total += 90 + (paperwork if lent else 0)
    for _, who, need, shift in at.loans:
        if _between_associations(at, who, need):
            points = min(max(at.ledger[who["association"]] + 60, 0), 200)
            total += points * (shift["end"] - shift["start"]) // 600
        total += 2 * at.travel(who["commune"], need["establishment"])
        if at.houses[need["establishment"]]["bassin"] != at.houses[who["establishment"]]["bassin"]:
            total += cross_bassin
    bassins = {commune["id"]: commune["bassin"] for commune in at.problem["communes"]}
    for (person, *_), offer in at.stays.items():
        origin = at.situations[person]["commune"]
        total += 2 * at.travel(origin, offer["establishment"]) + (offer.get("scarcity_price") or 0)
        if at.houses[offer["establishment"]]["bassin"] != bassins[origin]:
            total += cross_bassin
    total += 150 * len({(person, offer["id"]) for (person, *_), offer in at.stays.items()})
    total += (prices.get("split") or 0) * (len(at.stays) - len({stay[:2] for stay in at.stays}))
    for who in at.problem["situations"]:
        line = sorted((segment, block["id"]) for block in who["blocks"] for segment in block["segments"])
        for (before, left), (after, block) in pairwise(line):
            one, two = at.offer_at.get((who["id"], before)), at.offer_at.get((who["id"], after))
            # Inside a block, the price of its second part says it all.
            total += 30 if one and two and one != two and left != block else 0
    previous = at.problem.get("previous") or {}
    for old in previous.get("loans", ()):
        total += 0 if (old["volunteer"], old["shift"]) in loans else 300
    placed = {values_of(line, PLACEMENT) for line in at.plan["placements"]}
    for old in previous.get("placements", ()):
        total += 0 if values_of(old, PLACEMENT) in placed else 300
    return total


def _between_associations(at: Reading, who: Any, need: Any) -> bool:
    return bool(who["association"] != at.houses[need["establishment"]]["association"])
