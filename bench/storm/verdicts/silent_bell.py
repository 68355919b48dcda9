"""F20: each acceptance is stored, asked to be told, told by one message, and that message arrived."""

from __future__ import annotations

from collections import Counter
from typing import Final

from bench.storm.verdicts import turns
from bench.storm.verdicts.reading import History, Judgement, Row

DRAINED_MS: Final = 120_000


def judge(history: History) -> Judgement:
    accepted = [one for one in history.acts("accept") if one.outcome == "ok"]
    facts = {row["subject_id"]: row["fact_id"] for row in history.rows("events") if row["kind"] == "placement_accepted"}
    asked = Counter(row["fact_id"] for row in history.rows("outbox") if row["job"] == "notifications.fan_out")
    messages = {row["fact_id"]: row for row in history.rows("messages") if row["template"] == "stay_accepted"}
    arrived = Counter(row["message_id"].strip("<>").split("@")[0] for row in history.rows("mails"))
    faults = [fault for one in accepted for fault in _of_one(one.targets[0], facts, asked, messages, arrived)]
    if len(accepted) != history.size["acceptances"]:
        faults.append(f"{len(accepted)} acceptations confirmées sur {history.size['acceptances']}.")
    left = sum(history.measured("left"))
    if left:
        faults.append(f"{left} ligne(s) échues n’ont pas été faites.")
    faults += turns.faults(history)
    drained = max(history.measured("drained_ms"), default=0)
    if history.is_timed and drained > DRAINED_MS:
        faults.append(f"Tout est parti après {drained} ms, plus de {DRAINED_MS}.")
    twice = sum(times - 1 for times in arrived.values())
    told = f"{len(accepted)} acceptations, {len(arrived)} courriels, {twice} en double, vidé en {drained} ms"
    return Judgement(told, tuple(faults[:20]))


def _of_one(
    placement: str, facts: dict[str, str], asked: Counter[str], messages: dict[str, Row], arrived: Counter[str]
) -> list[str]:
    fact = facts.get(placement)
    if fact is None:
        return [f"L’acceptation de {placement} est confirmée, et n’est pas enregistrée."]
    if asked[fact] != 1:
        return [f"L’acceptation de {placement} a demandé {asked[fact]} annonce(s)."]
    message = messages.get(fact)
    if message is None:
        return [f"Personne n’a de message de l’acceptation de {placement}."]
    if message["state"] != "sent" or not arrived[str(message["id"])]:
        return [f"Le message de l’acceptation de {placement} n’est pas parti ({message['state']})."]
    return []
