"""F25: what was acknowledged is stored, what was refused is not, what is unknown may be either."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from bench.storm.verdicts import invariants, journal
from bench.storm.verdicts.reading import History, Judgement
from bench.storm.verdicts.tables import tables_of

READY_MS: Final = 15_000
DOES: Final = {"hold": "placement_held", "accept": "placement_accepted", "cancel": "placement_cancelled"}


def judge(history: History) -> Judgement:
    tables = tables_of(history)
    faults = [*_received(history, tables), *_acts(history, tables)]
    # The places were set up before, by somebody whose facts ask for nothing.
    tables["events"] = {key: row for key, row in tables["events"].items() if row["kind"] != "offer_published"}
    faults += [*invariants.faults(tables), *journal.faults(tables)]
    ready = history.measured("ready_ms_api") + history.measured("ready_ms_postgres")
    if history.is_timed and max(ready, default=0) > READY_MS:
        faults.append(f"Prêt après {max(ready)} ms, plus de {READY_MS}.")
    if len(ready) != history.size["api"] + history.size["postgres"]:
        faults.append(f"{len(ready)} arrêts seulement.")
    acknowledged = sum(one.outcome == "ok" for one in history.operations.values())
    unknown = sum(one.outcome == "unknown" for one in history.operations.values())
    slowest = max(ready, default=0)
    told = f"{len(ready)} arrêts, {acknowledged} actes confirmés, {unknown} sans réponse, prêt en {slowest} ms"
    return Judgement(told, tuple(faults[:20]))


def _received(history: History, tables: dict[str, dict[str, Any]]) -> list[str]:
    """Under one key, one situation, whatever was heard of it; each acknowledged one is stored."""
    answers: defaultdict[str, set[str]] = defaultdict(set)
    for one in history.acts("receive"):
        answers[str(one.asked["asked"])].add(one.outcome)
    stored = len(tables["situations"])
    acknowledged = sum("ok" in told for told in answers.values())
    maybe = sum("ok" not in told and "unknown" in told for told in answers.values())
    if not acknowledged <= stored <= acknowledged + maybe:
        return [f"{acknowledged} situations confirmées, {maybe} incertaines, {stored} enregistrées."]
    return []


def _acts(history: History, tables: dict[str, dict[str, Any]]) -> list[str]:
    done: defaultdict[tuple[str, str], int] = defaultdict(int)
    for event in tables["events"].values():
        done[event["kind"], event["subject_id"]] += 1
    found = []
    for act, kind in DOES.items():
        for one in history.acts(act):
            times = done[kind, one.targets[0]]
            least, most = {"ok": (1, 1), "fail": (0, 0), "unknown": (0, 1)}[one.outcome]
            if not least <= times <= most:
                found.append(f"Opération {one.op} ({act}, {one.outcome}, {one.code}) : faite {times} fois.")
    return found
