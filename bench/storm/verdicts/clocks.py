"""F24: each hour recomputed from the calendar, each due step counted. Standard library alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bench.storm.verdicts import turns
from bench.storm.verdicts.reading import History, Judgement, Row

ZONE: Final = ZoneInfo("Europe/Paris")
CAUGHT_UP_MS: Final = 300_000
CLOSED_OFFICES: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-12-25", "2027-01-01"),
        *("2028-01-01", "2028-12-25", "2029-01-01"),
    )
)
"""Holidays near the dates played, read in a calendar."""


def judge(history: History) -> Judgement:
    edges, waiting = history.rows("edges"), history.rows("waiting")
    caught_up = max(history.measured("caught_up_ms"), default=0)
    faults = [*_edges(edges), *_outage(history, waiting), *turns.faults(history)]
    if len(edges) != 2 * history.size["edges"] or len(waiting) != 5 * history.size["each"]:
        faults.append(f"{len(edges)} heures et {len(waiting)} attentes seulement ont été jouées.")
    if history.is_timed and caught_up > CAUGHT_UP_MS:
        faults.append(f"Rattrapé en {caught_up} ms, plus de {CAUGHT_UP_MS}.")
    told = f"{len(edges)} heures, {len(waiting)} échéances, rattrapé en {caught_up} ms"
    return Judgement(told, tuple(faults[:20]))


def _edges(edges: list[Row]) -> Iterator[str]:
    for row in edges:
        at = datetime.fromisoformat(row["at"])
        wanted = {
            "emergency_until": _emergency(at),
            "ordinary_until": at + timedelta(hours=72),
            "held_until": at + timedelta(minutes=30) if row["urgency"] >= 3 else _two_working_days(at),
        }
        for name, instant in wanted.items():
            if datetime.fromisoformat(row[name]) != instant:
                yield f"À {row['at']} (urgence {row['urgency']}), {name} est {row[name]}, et devrait être {instant}."


def _emergency(at: datetime) -> datetime:
    """Said from 16:00 on, until 10:00 of the next date; earlier, until 17:00."""
    today = at.astimezone(ZONE).date()
    evening = datetime.combine(today, time(16), ZONE)
    if at >= evening.astimezone(UTC):
        return datetime.combine(today + timedelta(days=1), time(10), ZONE).astimezone(UTC)
    return datetime.combine(today, time(17), ZONE).astimezone(UTC)


def _two_working_days(at: datetime) -> datetime:
    local = at.astimezone(ZONE)
    on, left = local.date(), 2
    while left:
        on += timedelta(days=1)
        left -= on.weekday() < 5 and on not in CLOSED_OFFICES
    return datetime.combine(on, local.time(), ZONE).astimezone(UTC)


def _outage(history: History, waiting: list[Row]) -> Iterator[str]:
    happened = Counter((row["kind"], row["subject_id"]) for row in history.rows("events"))
    told: Counter[tuple[str, str]] = Counter()
    recipients: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in history.rows("messages"):
        told[row["template"], row["subject_id"]] += 1
        recipients[row["template"], row["subject_id"]].add(row["recipient_id"])
    steps = 1 + history.size["hops"]
    # Past its deadline, a situation is first said to wait; once everybody was called, it is said again.
    looked_at = ("situation_unanswered", "alert_repeated")
    wanted = {"hold": (("hold_expired",), 1), "loan": (("loan_expired",), 1), "call": (looked_at, steps)}
    letters = {"place": "places_to_confirm", "stay": "exit_not_ready", "hold": "stay_silent_next"}
    for row in waiting:
        if row["kind"] in wanted:
            kinds, times = wanted[row["kind"]]
            seen = sum(happened[kind, row["id"]] for kind in kinds)
            if seen != times:
                yield f"{' ou '.join(kinds)} de {row['id']} : {seen} fois au lieu de {times}."
        if row["kind"] in letters:
            key = letters[row["kind"]], row["id"]
            if not told[key] or told[key] != len(recipients[key]):
                yield f"« {key[0]} » pour {row['id']} : {told[key]} messages à {len(recipients[key])} personnes."
    left = sum(history.measured("left"))
    if left:
        yield f"{left} ligne(s) échues n’ont pas été faites."
    yield from _settled(history)
    yield from _exits(history)


def _settled(history: History) -> Iterator[str]:
    arrived = {row["message_id"].strip("<>").split("@")[0] for row in history.rows("mails")}
    for row in history.rows("outbox"):
        if row["failed_with"] is not None and row["done_at"] is not None:
            yield f"{row['job']} {row['id']} a échoué ({row['failed_with']})."
    for row in history.rows("messages"):
        if row["state"] == "failed" or (row["state"] == "sent" and row["id"] not in arrived):
            yield f"Le message {row['id']} est « {row['state']} », et n’est pas arrivé."


def _exits(history: History) -> Iterator[str]:
    """Seven o'clock of the territory, three days before the exit, or at once where that is over."""
    due = {row["fact_id"]: row["due_at"] for row in history.rows("outbox") if row["job"] == "placements.exit_soon"}
    for row in history.rows("events"):
        if row["kind"] != "person_admitted" or row["facts"]["exit_on"] is None:
            continue
        leaves = date.fromisoformat(row["facts"]["exit_on"])
        warned = datetime.combine(leaves - timedelta(days=3), time(7), ZONE).astimezone(UTC)
        wanted = max(warned, datetime.fromisoformat(row["recorded_at"]))
        if datetime.fromisoformat(due[row["fact_id"]]) != wanted:
            yield f"La sortie du {leaves} est annoncée à {due[row['fact_id']]}, et devrait l’être à {wanted}."
