"""I4 and I6 from the journal of events: only legal ways to every state, each fact with what it asks for, once.

Standard library alone. The ways are told by hand from `product.md`, what follows a fact from `flows.md`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Row]]

FAST, FULL, TELL, CHECK = "planning.fast", "planning.full", "notifications.fan_out", "situations.check"
LADDER = frozenset({"placements.advance_ladder", TELL, FULL})

FOLLOWS: Final[Mapping[str, frozenset[str]]] = {
    "offer_published": frozenset({FULL, "availability.ask_again"}),
    "offer_reconfirmed": frozenset({"availability.ask_again"}),
    "offer_withdrawn": frozenset({"placements.drop_withdrawn", FULL}),
    "capacity_changed": frozenset({FULL}),
    "volunteer_registered": frozenset({FULL}),
    "stay_ended": frozenset({FULL}),
    "need_declared": frozenset({FAST, FULL}),
    "need_cancelled": frozenset({"loans.drop_cancelled", FULL}),
    "situation_linked": frozenset({FAST, FULL}),
    "situation_received": frozenset({FAST, FULL, CHECK}),
    "situation_moved": frozenset({CHECK}),
    "situation_checked": frozenset({CHECK}),
    "situation_unanswered": frozenset({CHECK, TELL}),
    "situation_closed": frozenset({"placements.drop_closed", FULL}),
    "placement_held": frozenset({"placements.expire_hold", TELL, FULL}),
    "placement_accepted": frozenset({TELL}),
    "placement_confirmed": frozenset({TELL}),
    "placement_refused": LADDER,
    "hold_expired": LADDER,
    "placement_cancelled": LADDER,
    "placement_at_risk": frozenset({TELL, FAST, FULL}),
    "person_admitted": frozenset({TELL}),
    "loan_asked": frozenset({"loans.expire_request", TELL}),
    "loan_agreed": frozenset({"placements.settle_waiting", TELL, FULL}),
    "loan_cancelled": frozenset({TELL, FAST, FULL}),
    "loan_declined": frozenset({TELL, FAST, FULL}),
    "loan_expired": frozenset({TELL, FAST, FULL}),
}

PLACEMENT_WAYS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "placement_proposed": (frozenset({""}), "proposed"),
    "placement_held": (frozenset({"proposed"}), "held"),
    "placement_accepted": (frozenset({"held"}), "accepted"),
    "placement_confirmed": (frozenset({"accepted"}), "confirmed"),
    "person_admitted": (frozenset({"confirmed"}), "admitted"),
    "stay_ended": (frozenset({"admitted"}), "ended"),
    "placement_refused": (frozenset({"held", "accepted", "confirmed"}), "refused"),
    "hold_expired": (frozenset({"held"}), "expired"),
    "placement_cancelled": (frozenset({"held", "accepted", "confirmed"}), "cancelled"),
    "answer_superseded": (frozenset({"proposed"}), "superseded"),
}
LOAN_WAYS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "loan_proposed": (frozenset({""}), "proposed"),
    "loan_asked": (frozenset({"proposed"}), "proposed"),
    "loan_released": (frozenset({"proposed"}), "proposed"),
    "loan_consented": (frozenset({"proposed"}), "proposed"),
    "loan_accepted": (frozenset({"proposed"}), "proposed"),
    "loan_agreed": (frozenset({"proposed"}), "agreed"),
    "loan_declined": (frozenset({"proposed"}), "declined"),
    "loan_expired": (frozenset({"proposed"}), "expired"),
    "loan_cancelled": (frozenset({"proposed", "agreed"}), "cancelled"),
    "loan_superseded": (frozenset({"proposed"}), "superseded"),
}
SITUATION_WAYS: Final = frozenset(
    {
        *(("received", "searching"), ("received", "held"), ("searching", "held"), ("held", "searching")),
        *(("held", "confirmed"), ("confirmed", "searching"), ("confirmed", "held"), ("confirmed", "effective")),
        *(("effective", "searching"), ("effective", "held"), ("effective", "confirmed"), ("closed", "searching")),
        # Reopened before its places were given back: it follows what still stands.
        *(("searching", "confirmed"), ("searching", "effective")),
    }
)


def faults(tables: Tables) -> list[str]:
    """Return what the journal tells against the rows; nothing where all is well."""
    lives: defaultdict[str, list[Row]] = defaultdict(list)
    for _, event in sorted(tables["events"].items()):
        lives[event["subject_id"]].append(event)
    return [
        *_lives(lives, tables["placements"], PLACEMENT_WAYS),
        *_lives(lives, tables["staff_loans"], LOAN_WAYS),
        *_situations(lives, tables["situations"]),
        *_followed(tables),
        *_told(tables),
    ]


def _lives(
    lives: Mapping[str, list[Row]], rows: Mapping[str, Row], ways: Mapping[str, tuple[frozenset[str], str]]
) -> Iterator[str]:
    for key, row in rows.items():
        state = ""
        for event in lives.get(key, []):
            if event["kind"] not in ways:
                continue
            before, after = ways[event["kind"]]
            if state not in before:
                yield f"I6 : {key} passe de « {state} » à « {after} » ({event['kind']})."
            state = after
        if state != row["state"]:
            yield f"I6 : {key} est « {row['state']} », son histoire mène à « {state} »."


def _situations(lives: Mapping[str, list[Row]], rows: Mapping[str, Row]) -> Iterator[str]:
    for key, row in rows.items():
        state = "received"
        for event in lives.get(key, []):
            facts = event["facts"]
            if event["kind"] == "situation_moved":
                if facts["was"] != state or (state, facts["state"]) not in SITUATION_WAYS:
                    yield f"I6 : la situation {key} passe de « {state} » à « {facts['state']} »."
                state = facts["state"]
            elif event["kind"] == "situation_closed":
                if state == "closed" or (facts["outcome"] == "placed_in_network" and state != "effective"):
                    yield f"I6 : la situation {key} est close depuis « {state} » ({facts['outcome']})."
                state = "closed"
        if state != row["state"]:
            yield f"I6 : la situation {key} est « {row['state']} », son histoire mène à « {state} »."


def _followed(tables: Tables) -> Iterator[str]:
    """I4: what a fact asks for is written with it, once for each subject."""
    asked: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in tables["outbox"].values():
        asked[row["fact_id"]][row["job"], row["subject_id"]] += 1
    for event in tables["events"].values():
        rows = asked[event["fact_id"]]
        jobs = {job for job, _ in rows}
        missing = sorted(_expected(event) - jobs)
        if missing:
            yield f"I4 : « {event['kind']} » n’a pas demandé {', '.join(missing)}."
        if any(times > 1 for times in rows.values()):
            yield f"I4 : « {event['kind']} » a demandé deux fois la même chose."


def _expected(event: Row) -> frozenset[str]:
    facts, expected = event["facts"], FOLLOWS.get(event["kind"], frozenset())
    if event["kind"] == "situation_moved" and facts["state"] == "searching":
        follows = frozenset({"placements.advance_ladder"}) if facts["was"] == "closed" else frozenset()
        return expected | {FAST, FULL} | follows
    if event["kind"] == "offer_reconfirmed" and facts["was_stale"]:
        return expected | {FULL}
    if event["kind"] == "loan_cancelled" and facts["was_binding"]:
        return expected | {"placements.drop_uncovered"}
    if event["kind"] == "person_admitted" and facts["exit_on"] is not None:
        return expected | {"placements.exit_soon"}
    return expected


def _told(tables: Tables) -> Iterator[str]:
    """I4: a fact tells each person once, and a message waits to leave or has left."""
    once: Counter[tuple[object, ...]] = Counter()
    leaving = {row["subject_id"] for row in tables["outbox"].values() if row["job"] == "notifications.deliver"}
    spoken: Counter[str] = Counter()
    for key, message in tables["messages"].items():
        once[message["fact_id"], message["recipient_id"], message["channel"], message["step"]] += 1
        spoken[message["fact_id"]] += 1
        if key not in leaving:
            yield f"I4 : le message {key} n’a pas de ligne pour partir."
    for (fact, recipient, *_), times in once.items():
        if times > 1:
            yield f"I4 : {recipient} reçoit {times} messages du fait {fact}."
    kinds = {event["fact_id"]: event["kind"] for event in tables["events"].values()}
    for row in tables["outbox"].values():
        has_readers = TELL in FOLLOWS.get(kinds.get(row["fact_id"], ""), ())
        if row["job"] == TELL and row["done_at"] is not None and has_readers and not spoken[row["fact_id"]]:
            yield f"I4 : le fait {row['fact_id']} a été annoncé sans aucun message."
