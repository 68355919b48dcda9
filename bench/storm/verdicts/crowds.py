"""F3: as many holds as places, one loan of a person at once."""

from __future__ import annotations

from itertools import pairwise

from bench.storm.verdicts.block_sets import recounted
from bench.storm.verdicts.last_place import is_clean_refusal
from bench.storm.verdicts.reading import History, Judgement, Row

PLACES = 3
BINDING = {"agreed", "signed", "running"}


def judge(history: History) -> Judgement:
    faults = recounted(history)
    won: dict[str, list[int]] = {}
    for act, asked, most in (("hold", "holds", PLACES), ("accept-loan", "loans", 1)):
        for turn in range(1, history.size["rounds"] + 1):
            told = history.acts(act, turn=turn)
            ok = [one for one in told if one.outcome == "ok"]
            odd = sorted({f"{one.status} {one.code}" for one in told if one not in ok and not is_clean_refusal(one)})
            won.setdefault(act, []).append(len(ok))
            if len(told) != history.size[asked] or len(ok) != most:
                faults.append(f"Tour {turn}, {act} : {len(ok)} réussites sur {len(told)} au lieu de {most}.")
            if odd:
                faults.append(f"Tour {turn}, {act} : réponses inattendues ({', '.join(odd)}).")
    faults += lent_twice(history)
    deadlocks = sum(history.measured("deadlocks"))
    if deadlocks:
        faults.append(f"{deadlocks} interblocages.")
    rounds = " ; ".join(f"{act} {sorted(set(counts))}" for act, counts in won.items())
    return Judgement(f"réussites par tour : {rounds}, {deadlocks} interblocages", tuple(faults))


def lent_twice(history: History) -> list[str]:
    """Binding loans of one person whose hours, travel included, overlap; recomputed from the loans' own states."""
    states = {row["id"]: row["state"] for row in history.rows("staff_loans")}
    taken: dict[str, list[tuple[str, str]]] = {}
    for row in history.rows("loan_shifts"):
        if states[row["loan_id"]] in BINDING:
            taken.setdefault(row["volunteer_id"], []).append(_bounds(row))
    faults: list[str] = []
    for volunteer, periods in taken.items():
        faults += [
            f"{volunteer} est prêtée deux fois : jusqu’à {ends}, et dès {starts}."
            for (_, ends), (starts, _) in pairwise(sorted(periods))
            if starts < ends
        ]
    return faults


def _bounds(row: Row) -> tuple[str, str]:
    """The two ends of a range as PostgreSQL writes it, in UTC: texts that sort as instants do."""
    starts, ends = row["slot_with_travel"].strip("[)").replace('"', "").split(",")
    return starts, ends
