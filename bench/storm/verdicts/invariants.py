"""I1 to I6 of the house recomputed from raw rows, in plain Python. Standard library alone.

`tables`: rows by key, by table, as `to_jsonb` writes them. Each fault is one French sentence that names the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Row]]

CLAIMING = frozenset({"held", "accepted", "confirmed", "admitted"})
BINDING = frozenset({"agreed", "signed", "running", "completed"})


def faults(tables: Tables) -> list[str]:
    """Return what is broken; nothing where all six stand."""
    return [
        *_places(tables),
        *_persons_lent(tables),
        *_agreements(tables),
        *_covers(tables),
        *_open_situations(tables),
        *_boards(tables),
    ]


def _places(tables: Tables) -> Iterator[str]:
    """I1: what is counted is what is claimed, and never more than there is."""
    claimed: Counter[str] = Counter()
    once: Counter[tuple[str, int]] = Counter()
    for line in tables["placement_segments"].values():
        state = tables["placements"][line["placement_id"]]["state"]
        if line["claiming"] is not (state in CLAIMING):
            yield f"I1 : la ligne d’une place {line['placement_id']} ne suit pas l’état « {state} »."
        if state in CLAIMING:
            claimed[f"{line['offer_id']} {line['segment']}"] += 1
            once[line["situation_id"], line["segment"]] += 1
    for key, counter in tables["offer_segments"].items():
        if counter["used"] != claimed[key]:
            yield f"I1 : {key} compte {counter['used']} personne(s), le recompte en trouve {claimed[key]}."
        if not 0 <= counter["used"] <= counter["capacity"] + counter["over_capacity"]:
            yield f"I1 : {key} promet {counter['used']} place(s) sur {counter['capacity']}."
    for (situation, segment), times in once.items():
        if times > 1:
            yield f"I1 : la situation {situation} est attendue à {times} endroits sur le segment {segment}."


def _persons_lent(tables: Tables) -> Iterator[str]:
    """I2: nobody lent twice at once, the way there and back included."""
    lent: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for line in tables["loan_shifts"].values():
        loan = tables["staff_loans"][line["loan_id"]]
        if line["binding"] is not (loan["state"] in BINDING):
            yield f"I2 : la ligne d’un prêt {line['loan_id']} ne suit pas l’état « {loan['state']} »."
        if loan["state"] in BINDING:
            starts_at, ends_at = _slot(tables["shifts"][line["shift_id"]]["slot"])
            way = timedelta(minutes=loan["travel_minutes"])
            lent[loan["volunteer_id"]].append((starts_at - way, ends_at + way))
    for volunteer, slots in lent.items():
        if any(one[0] < other[1] and other[0] < one[1] for one, other in combinations(slots, 2)):
            yield f"I2 : {volunteer} est prêté deux fois à la même heure."


def _agreements(tables: Tables) -> Iterator[str]:
    """I3, and the three yeses: nothing binds without the word of each, kept with its evidence."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for act in tables["loan_acts"].values():
        if act["act"] == "agree":
            said[act["loan_id"]].add(act["party"])
    for key, loan in tables["staff_loans"].items():
        if loan["state"] not in BINDING:
            continue
        missing = [name for name in ("released_at", "consented_at", "accepted_at") if loan[name] is None]
        if missing or said[key] != {"lender", "person", "host"}:
            yield f"I3 : le prêt {key} engage sans tous ses accords ({', '.join(missing) or 'preuve absente'})."
    for key, placement in tables["placements"].items():
        yeses = [placement[name] for name in ("receiver_yes_at", "person_yes_at", "legal_basis_at")]
        if placement["state"] in ("confirmed", "admitted", "ended") and None in yeses:
            yield f"I3 : le placement {key} est « {placement['state']} » sans ses trois accords."
        if (placement["state"] == "refused") is not (placement["refusal_reason"] is not None):
            yield f"I3 : le placement {key} et son motif de refus ne vont pas ensemble."


def _covers(tables: Tables) -> Iterator[str]:
    """A place that a loan opened rests on it, or says that it no longer does."""
    seats: Counter[str] = Counter()
    for line in tables["loan_shifts"].values():
        seats[line["shift_id"]] += tables["staff_loans"][line["loan_id"]]["state"] in BINDING
    for key, shift in tables["shifts"].items():
        if shift["seats_agreed"] != seats[key] or not 0 <= seats[key] <= shift["headcount"]:
            yield f"I3 : le créneau {key} compte {shift['seats_agreed']} personne(s), le recompte {seats[key]}."
    required: defaultdict[str, set[str]] = defaultdict(set)
    for line in tables["segment_requirements"].values():
        required[f"{line['offer_id']} {line['segment']}"].add(line["shift_id"])
    rests: defaultdict[str, set[str]] = defaultdict(set)
    for line in tables["placement_segments"].values():
        rests[line["placement_id"]] |= required[f"{line['offer_id']} {line['segment']}"]
    told = {row["subject_id"] for row in tables["outbox"].values() if _waits(row, "placements.drop_uncovered")}
    at_risk = {
        row["subject_id"]
        for row in tables["cards"].values()
        if row["shown_until"] == "infinity" and row["card"].get("at_risk")
    }
    for key, placement in tables["placements"].items():
        if placement["state"] not in ("confirmed", "admitted"):
            continue
        proven = {row["shift_id"] for row in tables["placement_covers"].values() if row["placement_id"] == key}
        if not rests[key] <= proven:
            yield f"I3 : le placement {key} est confirmé sans s’appuyer sur ses renforts."
        for needed in rests[key]:
            is_covered = seats[needed] >= tables["shifts"][needed]["headcount"]
            if not is_covered and needed not in told and key not in at_risk:
                yield f"I3 : le renfort du placement {key} est perdu, et rien ne le dit."
    for cover in tables["placement_covers"].values():
        shift = tables["shifts"][cover["shift_id"]]
        if cover["covered"] is not (shift["seats_agreed"] >= shift["headcount"]):
            yield f"I3 : une couverture du créneau {cover['shift_id']} ne dit pas la vérité."


def _open_situations(tables: Tables) -> Iterator[str]:
    """I5: every open situation is looked at again, by a row that waits; closed is said with an outcome."""
    checks: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in tables["outbox"].values():
        if _waits(row, "situations.check"):
            checks[row["subject_id"]].append(datetime.fromisoformat(row["due_at"]))
    for key, situation in tables["situations"].items():
        if (situation["state"] == "closed") is not (situation["outcome"] is not None):
            yield f"I5 : la situation {key} est « {situation['state']} », son issue est {situation['outcome']}."
        if situation["outcome"] == "placed_in_network" and situation["effective_at"] is None:
            yield f"I5 : la situation {key} est close comme placée sans arrivée."
        if situation["state"] == "closed":
            continue
        if situation["next_check_at"] is None:
            yield f"I5 : personne ne reviendra sur la situation {key}."
        elif not any(due <= datetime.fromisoformat(situation["next_check_at"]) for due in checks[key]):
            yield f"I5 : aucune ligne n’attend la prochaine vérification de la situation {key}."


def _boards(tables: Tables) -> Iterator[str]:
    """One live card at most for each subject, and none for what is over."""
    live: Counter[str] = Counter()
    for row in tables["cards"].values():
        if row["shown_until"] == "infinity":
            live[row["subject_id"]] += 1
    for subject, times in live.items():
        if times > 1:
            yield f"Tableau : {times} cartes pour {subject}."
    shown = {
        "situations": frozenset({"received", "searching", "held", "confirmed", "effective"}),
        "place_offers": frozenset({"published"}),
        "placements": CLAIMING | {"proposed"},
        "staff_loans": BINDING - {"completed"} | {"proposed"},
        "staff_needs": frozenset({"open", "covered"}),
    }
    for table, states in shown.items():
        for key, row in tables[table].items():
            if (row["state"] in states) is not (live[key] > 0):
                yield f"Tableau : {table} {key} est « {row['state']} » et sa carte ne le dit pas."


def _waits(row: Row, job: str) -> bool:
    return row["job"] == job and row["done_at"] is None


def _slot(text: str) -> tuple[datetime, datetime]:
    starts_at, ends_at = text.strip("[)").replace('"', "").split(",")
    return datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at)
