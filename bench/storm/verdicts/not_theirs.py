"""F13: nobody but the receiver in office says the receiver's yes."""

from __future__ import annotations

from collections import Counter

from bench.storm.verdicts.block_sets import recounted
from bench.storm.verdicts.reading import History, Judgement

DENIALS = {401, 403, 404}
"""Signed out, the role forbids it, or hidden."""


def judge(history: History) -> Judgement:
    faults = recounted(history)
    asked = history.acts("accept")
    if len(asked) != history.size["attempts"]:
        faults.append(f"{len(asked)} essais au lieu de {history.size['attempts']}.")
    for one in asked:
        if one.outcome == "ok":
            faults.append(f"Opération {one.op} : acceptée par « {one.asked['who']} ».")
        elif one.status not in DENIALS:
            faults.append(f"Opération {one.op} : réponse inattendue ({one.status} {one.code}).")
    stored = [row["id"] for row in history.rows("placements") if row["receiver_yes_at"] is not None]
    faults += [f"{placement} : un oui de l’accueil est enregistré." for placement in stored]
    kinds = Counter(str(one.asked["who"]) for one in asked)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    accepted = sum(one.outcome == "ok" for one in asked)
    return Judgement(f"{accepted} acceptations sur {len(asked)} ({told})", tuple(faults))
