"""WEEK: what the week left is legal, every answer was clean, and a past board reads as it was read then."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise

from bench.storm.verdicts.reading import History, Judgement, Row

STATES = frozenset({"received", "searching", "held", "confirmed", "effective", "closed"})
MOVES = {
    "received": {"searching", "held", "closed"},
    # Reopened before its places were given back, a situation is at once where they are.
    "searching": {"held", "confirmed", "effective", "closed"},
    "held": {"searching", "confirmed", "closed"},
    "confirmed": {"searching", "held", "effective", "closed"},
    "effective": {"searching", "held", "confirmed", "closed"},
    "closed": {"searching"},
}
"""Stated again from the product's description, not read from its code."""
CLAIMING = frozenset({"held", "accepted", "confirmed", "admitted"})
AGREED = frozenset({"confirmed", "admitted", "ended"})


def judge(history: History) -> Judgement:
    situations = history.rows("situations")
    changes = sum(one.outcome == "ok" for one in history.operations.values() if one.asked.get("counts"))
    faults = [
        *_size(history, len(situations), changes),
        *_answers(history),
        *_situations(history, situations),
        *_moves(history, {str(row["id"]): str(row["state"]) for row in situations}),
        *_promises(history),
        *_boards(history),
    ]
    states = Counter(row["state"] for row in situations)
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return Judgement(f"{len(situations)} situations ({told}), {changes} changements d’état", tuple(faults))


def _size(history: History, situations: int, changes: int) -> list[str]:
    faults = []
    if situations != history.size["situations"]:
        faults.append(f"{situations} situations au lieu de {history.size['situations']}.")
    if changes < history.size["changes"]:
        faults.append(f"{changes} changements d’état, moins que {history.size['changes']}.")
    return faults


def _answers(history: History) -> list[str]:
    return [
        f"« {one.act} » (opération {one.op}) a reçu {one.status} {one.code or ''}."
        for one in history.operations.values()
        if one.outcome == "unknown"
        or (one.outcome == "fail" and not (one.status in (404, 409, 422) and one.told.get("problem") and one.code))
    ]


def _situations(history: History, situations: list[Row]) -> list[str]:
    clock = history.rows("clock")
    if not clock:
        return ["L’heure de la fin n’a pas été relevée."]
    now = datetime.fromisoformat(clock[0]["now"])
    faults = []
    for row in situations:
        name, state = row["reference"], row["state"]
        if state not in STATES:
            faults.append(f"{name} : état inconnu « {state} ».")
        if (state == "closed") is not (row["outcome"] is not None):
            faults.append(f"{name} : {state}, issue {row['outcome']}.")
        if state != "closed" and row["next_check_at"] is None:
            faults.append(f"{name} : ouverte sans prochain point.")
        elif state != "closed" and datetime.fromisoformat(row["next_check_at"]) <= now:
            faults.append(f"{name} : son point était dû à {row['next_check_at']}, et n’est pas fait.")
        if row["outcome"] == "placed_in_network" and row["effective_at"] is None:
            faults.append(f"{name} : close comme accueillie sans arrivée.")
    return faults


def _moves(history: History, found: dict[str, str]) -> list[str]:
    """Each situation's own journal, from its receipt to the state in which its row is found."""
    paths: dict[str, list[str]] = {}
    for row in history.rows("moves"):
        path = paths.setdefault(str(row["subject_id"]), [])
        match row["kind"]:
            case "situation_received":
                path.append("received")
            case "situation_closed":
                path.append("closed")
            case _:
                path.append(str(row["facts"]["state"]))
    faults = [f"Situation {subject} : aucune réception au journal." for subject in found.keys() - paths.keys()]
    for subject, path in paths.items():
        faults += [
            f"Situation {subject} : passée de {was} à {state}."
            for was, state in pairwise(path)
            if state not in MOVES[was]
        ]
        if path[0] != "received" or path[-1] != found.get(subject):
            faults.append(f"Situation {subject} : {path[-1]} au journal, {found.get(subject)} en base.")
    return faults


def _promises(history: History) -> list[str]:
    placements = {row["id"]: row for row in history.rows("placements")}
    faults = [
        f"Accueil {one} : {row['state']} sans les trois accords."
        for one, row in placements.items()
        if row["state"] in AGREED and None in (row["receiver_yes_at"], row["person_yes_at"], row["legal_basis_at"])
    ]
    claimed: Counter[tuple[str, int]] = Counter()
    persons: Counter[tuple[str, int]] = Counter()
    for row in history.rows("placement_segments"):
        if row["claiming"]:
            claimed[row["offer_id"], row["segment"]] += 1
            persons[row["situation_id"], row["segment"]] += 1
        if row["claiming"] is not (placements[row["placement_id"]]["state"] in CLAIMING):
            faults.append(f"Accueil {row['placement_id']}, tranche {row['segment']} : compté à tort, ou pas compté.")
    faults += [f"Situation {one}, tranche {at} : {n} places." for (one, at), n in persons.items() if n > 1]
    for row in history.rows("offer_segments"):
        counted = claimed[row["offer_id"], row["segment"]]
        if not row["used"] == counted <= row["capacity"] + row["over_capacity"]:
            faults.append(f"Offre {row['offer_id']}, tranche {row['segment']} : {row['used']} pour {counted} tenues.")
    return faults


def _boards(history: History) -> list[str]:
    faults = []
    for who in ("coordination", "manager"):
        then, later = history.rows(f"{who}_then"), history.rows(f"{who}_later")
        if len(then) != 1 or len(later) != 1:
            faults.append(f"Le tableau de mercredi 14 h ({who}) n’a pas été relevé, ou pas relu.")
            continue
        if not then[0]["situations"]:
            faults.append(f"Le tableau de mercredi 14 h ({who}) était vide : rien n’est prouvé.")
        parts = sorted(name for name in {*then[0], *later[0]} if then[0].get(name) != later[0].get(name))
        if parts:
            faults.append(f"Le tableau de mercredi 14 h ({who}), relu, diffère : {', '.join(parts)}.")
    return faults
