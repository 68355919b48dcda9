"""F14: no loan binds without a live consent, and no placement rests unseen on a loan that fell."""

from __future__ import annotations

from bench.storm.verdicts.crowds import BINDING, lent_twice
from bench.storm.verdicts.reading import History, Judgement

AGREEMENTS = ("released_at", "consented_at", "accepted_at")
CONFIRMED = {"confirmed", "admitted"}
REFUSALS = {404, 409, 410}


def judge(history: History) -> Judgement:
    faults = lent_twice(history)
    loans = {row["id"]: row for row in history.rows("staff_loans")}
    without = [
        key for key, row in loans.items() if row["state"] in BINDING and None in [row[name] for name in AGREEMENTS]
    ]
    faults += [f"Prêt {loan} : {loans[loan]['state']} sans les trois accords." for loan in without]
    withdrawals = history.acts("withdraw")
    for one in withdrawals:
        loan = loans[one.targets[0]]
        if one.outcome == "ok" and (loan["state"] in BINDING or loan["consented_at"] is not None):
            faults.append(f"Prêt {loan['id']} : l’accord retiré tient encore.")
        if one.outcome != "ok" and one.status not in REFUSALS:
            faults.append(f"Opération {one.op} : réponse inattendue ({one.status} {one.code}).")
    for one in history.acts("accept-loan", "confirm"):
        if one.outcome != "ok" and one.status != 409:
            faults.append(f"Opération {one.op} : réponse inattendue ({one.status} {one.code}).")
    unseen = _unseen(history)
    faults += unseen
    if len(withdrawals) != history.size["races"]:
        faults.append(f"{len(withdrawals)} courses au lieu de {history.size['races']}.")
    if not 0 < sum(one.outcome == "ok" for one in history.acts("accept-loan")) < history.size["races"] // 2:
        faults.append("Le retrait est toujours passé du même côté : rien n’a été éprouvé.")
    won = sum(one.outcome == "ok" for one in withdrawals)
    measured = f"{len(without)} prêts sans accord, {len(unseen)} accueils non signalés"
    return Judgement(f"{measured} ({won} retraits sur {len(withdrawals)} sont passés)", tuple(faults))


def _unseen(history: History) -> list[str]:
    """A confirmed placement whose cover is lost is shown so, and the job that follows is written."""
    covers: dict[str, list[tuple[str, bool]]] = {}
    for row in history.rows("placement_covers"):
        covers.setdefault(row["placement_id"], []).append((row["shift_id"], row["covered"]))
    shown = {row["id"]: row for row in history.rows("shown")}
    to_drop = {row["shift_id"] for row in history.rows("to_drop")}
    bound = {
        row["shift_id"]
        for row in history.rows("loan_shifts")
        if {loan["id"]: loan["state"] for loan in history.rows("staff_loans")}[row["loan_id"]] in BINDING
    }
    faults = []
    for row in history.rows("placements"):
        if row["state"] not in CONFIRMED:
            continue
        for shift, covered in covers.get(row["id"], [("", False)]):
            if covered and shift in bound:
                continue
            if covered or not shown[row["id"]]["at_risk"] or shift not in to_drop:
                faults.append(f"Accueil {row['id']} : confirmé sur un prêt perdu, sans que cela se voie.")
    return faults
