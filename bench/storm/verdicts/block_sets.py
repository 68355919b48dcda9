"""F2: what was told is what is stored, whole answers only, and every counter equals its recount."""

from __future__ import annotations

from collections import Counter

from bench.storm.verdicts.last_place import is_clean_refusal
from bench.storm.verdicts.reading import History, Judgement

MOST_ROUND_MS = 10_000
CLAIMING = {"held", "accepted", "confirmed", "admitted"}


def judge(history: History) -> Judgement:
    faults = [*recounted(history), *_told_is_stored(history)]
    holds = history.acts("hold")
    odd = sorted({f"{one.status} {one.code}" for one in holds if one.outcome != "ok" and not is_clean_refusal(one)})
    if odd:
        faults.append(f"Des réponses ne sont ni une réussite ni un refus net : {', '.join(odd)}.")
    if sum(len(one.targets) - 1 for one in holds) != history.size["seeds"] * history.size["block_sets"]:
        faults.append("Il manque des demandes.")
    deadlocks = sum(history.measured("deadlocks"))
    if deadlocks:
        faults.append(f"{deadlocks} interblocages.")
    longest = max(history.measured("round_ms"), default=0)
    if history.is_timed and longest >= MOST_ROUND_MS:
        faults.append(f"Une graine a duré {longest} ms.")
    held = sum(one.outcome == "ok" for one in holds)
    measured = f"{held} réponses tenues sur {len(holds)}, {len(history.rows('offer_segments'))} compteurs recomptés"
    return Judgement(f"{measured}, {deadlocks} interblocages, la plus longue {longest} ms", tuple(faults))


def recounted(history: History) -> list[str]:
    """Every counter against a recount, from the placements' own states, and against its capacity."""
    states = {row["id"]: row["state"] for row in history.rows("placements")}
    recount = Counter(
        (row["offer_id"], row["segment"])
        for row in history.rows("placement_segments")
        if states[row["placement_id"]] in CLAIMING
    )
    faults = []
    for row in history.rows("offer_segments"):
        claimed = recount.pop((row["offer_id"], row["segment"]), 0)
        if row["used"] != claimed:
            faults.append(f"Tranche {row['segment']} de {row['offer_id']} : {row['used']} comptées, {claimed} tenues.")
        if claimed > row["capacity"] + row["over_capacity"]:
            faults.append(f"Tranche {row['segment']} de {row['offer_id']} : {claimed} tenues pour {row['capacity']}.")
    faults += [f"Tranche {segment} de {offer} : tenue sans compteur." for offer, segment in recount]
    return faults


def _told_is_stored(history: History) -> list[str]:
    """A hold told as done is there whole, but what was given back since; one told as refused left nothing."""
    states = {row["id"]: row["state"] for row in history.rows("placements")}
    given_back = {one.targets[0]: one.outcome for one in history.acts("cancel")}
    faults = []
    for one in history.acts("hold"):
        found = {placement: states[placement] for placement in one.targets[1:]}
        if one.outcome == "fail" and any(state in CLAIMING for state in found.values()):
            faults.append(f"Opération {one.op} : refusée, et pourtant tenue.")
        for placement, state in found.items():
            expected = {"ok": {"cancelled"}, "unknown": {"cancelled", "held"}}.get(
                given_back.get(placement, ""), {"held"}
            )
            if one.outcome == "ok" and state not in expected:
                faults.append(f"Opération {one.op} : dite tenue, et pourtant « {state} ».")
    return faults
