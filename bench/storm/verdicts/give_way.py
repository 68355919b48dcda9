"""Retries: every hold succeeds, and does so once."""

from __future__ import annotations

from bench.storm.verdicts.block_sets import recounted
from bench.storm.verdicts.reading import History, Judgement

ATTEMPTS = 3


def judge(history: History) -> Judgement:
    faults = recounted(history)
    holds = history.acts("hold")
    ok = [one for one in holds if one.outcome == "ok"]
    others = sorted({f"{one.status} {one.code}" for one in holds if one.outcome != "ok"})
    if len(ok) != history.size["holds"]:
        faults.append(f"{len(ok)} réussites sur {history.size['holds']} ({', '.join(others)}).")
    states = {row["id"]: row["state"] for row in history.rows("placements")}
    faults += [f"Opération {one.op} : dite tenue, et pourtant non." for one in ok if states[one.targets[1]] != "held"]
    tried = {row["placement_id"]: row["attempts"] for row in history.rows("attempts")}
    unproven = [one for one in ok if tried[one.targets[1]] != ATTEMPTS]
    if unproven:
        faults.append(f"{len(unproven)} réussites ne viennent pas du troisième essai.")
    return Judgement(f"{len(ok)} réussites sur {len(holds)}, {sum(tried.values())} essais", tuple(faults))
