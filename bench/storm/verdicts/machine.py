"""F5 judged from its history: every table and the model rebuilt step by step, every invariant recomputed."""

from __future__ import annotations

from typing import Any, Final

from bench.storm.verdicts import invariants, journal
from bench.storm.verdicts.reading import History, Judgement
from bench.storm.verdicts.views import View, differences, view

MOST_FAULTS: Final = 10
"""A fault comes back in every step that follows, and in every run that shrinks it."""


def judge(history: History) -> Judgement:
    faults = [f"Tirage {row['run']}, {row['act']} : {row['what']}" for row in history.rows("divergence")[-1:]]
    steps = _Steps(history)
    faults += steps.faults()
    asked = history.size["runs"]
    if steps.runs < asked:
        faults.append(f"{steps.runs} tirages seulement, sur {asked}.")
    refused = sum(one.outcome == "fail" for one in history.operations.values())
    told = f"{steps.runs} tirages, {steps.steps} pas, {refused} actes refusés, {len(faults)} divergence(s)"
    return Judgement(told, tuple(faults[:MOST_FAULTS]))


class _Steps:
    """The steps of all runs, read one after the other."""

    def __init__(self, history: History) -> None:
        self.history, self.runs, self.steps, self.run = history, 0, 0, 0
        self.tables: dict[str, dict[str, Any]] = {}
        self.model: View = {}

    def faults(self) -> list[str]:
        found: list[str] = []
        for moved in self.history.rows("moved"):
            if moved["run"] != self.run:
                self.run, self.runs = moved["run"], self.runs + 1
                self.tables, self.model = {table: {} for table in moved["tables"]}, {}
            self.steps += 1
            found += [f"Tirage {self.run} : {fault}" for fault in self._faults(moved)]
            if len(found) > MOST_FAULTS:
                break
        return found

    def _faults(self, moved: Any) -> list[str]:
        for table, key, row in moved["rows"]:
            self.tables[table][key] = row
        self.model.update(moved["model"])
        op = self.history.operations.get(moved["op"])
        found = []
        if op is not None:
            broken = str(op.asked["broken"]).split()
            if op.outcome == "ok" and broken:
                found.append(f"{op.act} a réussi malgré {', '.join(broken)}.")
            if op.outcome == "fail" and op.code not in broken:
                found.append(f"{op.act} a été refusé ({op.code}), la règle dit {', '.join(broken) or 'oui'}.")
            if op.outcome == "fail" and moved["rows"]:
                found.append(f"{op.act} a été refusé, et des lignes ont changé.")
            if op.outcome == "fail":
                return found
        return [
            *found,
            *invariants.faults(self.tables),
            *journal.faults(self.tables),
            *differences(self.model, view(self.tables)),
        ]
