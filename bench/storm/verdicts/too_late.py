"""F6: no promise is dated after the lifetime of what it promises, and none was made behind an aged row."""

from __future__ import annotations

from bench.storm.verdicts.block_sets import recounted
from bench.storm.verdicts.last_place import is_clean_refusal
from bench.storm.verdicts.reading import History, Judgement

PROMISES = ("hold", "accept")


def judge(history: History) -> Judgement:
    faults = recounted(history)
    asked = history.acts(*PROMISES)
    if len(asked) != history.size["races"]:
        faults.append(f"{len(asked)} courses au lieu de {history.size['races']}.")
    made = {row["subject_id"]: row for row in history.rows("promised")}
    late = [row["subject_id"] for row in made.values() if not row["in_time"]]
    faults += [f"{placement} : promise après la fin de validité." for placement in late]
    behind = [one for one in asked if one.asked["against"] == "lock" and one.outcome == "ok"]
    faults += [f"Opération {one.op} : promise alors que l’offre était déjà périmée." for one in behind]
    for one in asked:
        if one.outcome == "ok" and one.targets[0] not in made:
            faults.append(f"Opération {one.op} : dite faite, et aucun fait ne la garde.")
        if one.outcome != "ok" and not (is_clean_refusal(one) and one.code == "offer-to-confirm"):
            faults.append(f"Opération {one.op} : réponse inattendue ({one.status} {one.code}).")
    refused = sum(one.outcome == "fail" for one in asked)
    if not refused:
        faults.append("Aucune course n’est arrivée trop tard : rien n’a été éprouvé.")
    accepted = len(late) + len(behind)
    return Judgement(f"{accepted} promesses trop tard, {refused} refus, {len(made)} à temps", tuple(faults))
