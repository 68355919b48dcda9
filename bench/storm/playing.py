"""One run of the machine: the same act to the model and to the product, and everything recounted after it."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.doors import HOUSES, ONE_A_DAY, Command, Doors, Somebody, open_doors
from bench.storm.history import History, Outcome
from bench.storm.plain import jobs
from bench.storm.plain.telling import told
from bench.storm.plain.world import Broken, Person, Plain
from bench.storm.raw import Change, RawRows, lean
from bench.storm.verdicts import invariants, journal
from bench.storm.verdicts.views import View, differences, view
from exchange.availability.cards import card_of as offer_card
from exchange.kernel.record import Card, encode_card
from exchange.loans.cards import card_of as loan_card
from exchange.placements.cards import card_of as placement_card
from exchange.situations.cards import card_of as situation_card
from exchange.staffing.cards import card_of as need_card
from tests.servers import FreshDatabase
from tests.shifted_clock import ShiftedClock
from workers.equipment import Call

T = TypeVar("T")
Law = Callable[[Plain, Person], Broken]
Keep = Callable[[Plain, T, Sequence[Change]], None]

FRESH_AFTER_RUNS: Final = 25
"""Runs share a database; its tables are emptied now and then, so that the thirtieth reads as fast as the first."""

CARDS: Final[Mapping[str, tuple[str, Callable[[AsyncSession, UUID], Coroutine[Any, Any, Card]]]]] = {
    "place_offers": ("id", offer_card),
    "offer_segments": ("offer_id", offer_card),
    "situations": ("id", situation_card),
    "situation_blocks": ("situation_id", situation_card),
    "placements": ("id", placement_card),
    "placement_segments": ("placement_id", placement_card),
    "placement_covers": ("placement_id", placement_card),
    "staff_needs": ("id", need_card),
    "shifts": ("need_id", need_card),
    "staff_loans": ("id", loan_card),
    "loan_shifts": ("loan_id", loan_card),
}
"""By table: the column that names the subject whose card its rows are part of, and who draws that card."""


class Divergence(AssertionError):
    """The product and the law do not say the same; the text says where."""


@dataclass
class Ground:
    """What all runs of one figure share: a database whose clock has hands, a loop, a history."""

    fresh: FreshDatabase
    owner: asyncpg.Connection
    clock: ShiftedClock
    loop: asyncio.AbstractEventLoop
    history: History
    runs: int = 0
    steps: int = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)


class Playing:
    """The model, the product and the rows of one run."""

    def __init__(self, ground: Ground, starts_at: datetime) -> None:
        self.ground, self.now, self.moved = ground, starts_at, 0
        ground.runs += 1
        ground.do(self._open())
        self.plain = Plain(
            dict(self.doors.associations), {self.doors.houses[ONE_A_DAY]: 1} if HOUSES > ONE_A_DAY else {}
        )
        self.seen: View = {}
        self.after("begin", self._read())

    async def _open(self) -> None:
        if self.ground.runs % FRESH_AFTER_RUNS == 0:
            await self.ground.owner.execute("TRUNCATE communities CASCADE")
        await self.ground.clock.stand_at(self.now)
        self.doors: Doors = await open_doors(self.ground.fresh)
        self.rows = RawRows(self.ground.owner, str(self.doors.community_id))

    def play(
        self,
        act: str,
        who: Somebody,
        law: Law,
        command: Command[T],
        *,
        keep: Keep[T] | None = None,
        targets: Sequence[str] = (),
    ) -> T | None:
        """Let the law and the product judge one act, then compare everything."""
        self.tick(timedelta(seconds=1))
        trial = _another(self.plain)
        broken = law(trial, who.person)
        op = self.ground.history.invoke(
            act, targets=targets, turn=self.ground.runs, who=who.actor.role.value, broken=" ".join(sorted(broken))
        )
        code, answer = self.ground.do(self.doors.call(who, command))
        self.ground.history.finish(op, Outcome.OK if code is None else Outcome.FAIL, code=code)
        changes = self._read()
        if code is not None:
            self._keep(op, changes, self.seen)
        if code is None and broken:
            self.diverge(act, f"réussi malgré {sorted(broken)}")
        if code is not None and code not in broken:
            self.diverge(act, f"refusé ({code}), alors que la règle dit {sorted(broken) or 'oui'}")
        if code is not None and changes:
            self.diverge(act, f"refusé, et pourtant {[(one.table, one.key) for one in changes]} ont changé")
        if code is None:
            self.plain = trial
            if keep is not None and answer is not None:
                keep(self.plain, answer, changes)
            self.after(act, changes, op=op)
        return answer

    def work(self, row: Mapping[str, Any], *, twice: bool) -> None:
        """Run one outbox row as a worker does; twice, where its first run died before saying so."""
        self.tick(timedelta(seconds=1))
        job, subject = row["job"], row["subject_id"]
        op = self.ground.history.invoke(job, targets=(subject,), turn=self.ground.runs, who="system", broken="")
        ran = self.ground.do(self.doors.work(row["id"], row["fence"]))
        self.ground.history.finish(op, Outcome.OK if ran else Outcome.FAIL)
        jobs.run(self.plain, job, subject, self.now)
        changes = self._read()
        settled = self.rows.tables["outbox"][row["id"]]
        if not ran or settled["done_at"] is None or settled["failed_with"] is not None:
            self.diverge(job, f"n’a pas abouti ({settled['failed_with']})")
        self.after(job, changes, op=op)
        if twice:
            call = Call(
                UUID(row["id"]), self.doors.community_id, UUID(row["fact_id"]), job, UUID(subject), row["fence"] + 1, 2
            )
            self.ground.do(self.doors.work_again(call))
            again = self._read()
            if again:
                self.diverge(job, f"fait deux fois, change encore {[(one.table, one.key) for one in again]}")

    def tick(self, by: timedelta) -> None:
        self.now += by
        self.ground.do(self.ground.clock.stand_at(self.now))

    def due(self) -> list[Mapping[str, Any]]:
        """The rows that a worker would be rung for now, but for planning and mail; what changes most comes first."""
        rows = self.rows.tables["outbox"].values()
        return [
            row
            for row in sorted(rows, key=lambda row: (_is_quiet(row), row["due_at"], row["id"]))
            if row["done_at"] is None
            and row["gather_key"] is None
            and row["job"] != "notifications.deliver"
            and datetime.fromisoformat(row["due_at"]) <= self.now
        ]

    def after(self, act: str, changes: Sequence[Change], *, op: int = 0) -> None:
        """Recompute every invariant, compare the model with the rows and the cards with their subjects."""
        self.ground.steps += 1
        said = told(self.plain)
        self._keep(op, changes, said)
        faults = [
            *invariants.faults(self.rows.tables),
            *journal.faults(self.rows.tables),
            *differences(said, view(self.rows.tables)),
            *self.ground.do(self._cards(changes)),
        ]
        if faults:
            self.diverge(act, " ; ".join(faults[:6]))

    def diverge(self, act: str, what: str) -> NoReturn:
        self.ground.history.noted("divergence", run=self.ground.runs, act=act, what=what[:2_000])
        raise Divergence(f"{act} : {what}")

    def _read(self) -> list[Change]:
        return self.ground.do(self.rows.read_again())

    def _keep(self, op: int, changes: Sequence[Change], said: View) -> None:
        """Write what moved, so that the verifier can rebuild every table and the model step by step."""
        moved = {
            "run": self.ground.runs,
            "tables": list(self.rows.tables) if op == 0 else [],
            "op": op,
            "rows": [(one.table, one.key, lean(one.table, one.row)) for one in changes],
            "model": {key: value for key, value in said.items() if self.seen.get(key) != value},
        }
        self.ground.history.stored("moved", json.dumps(moved))
        self.seen = said

    async def _cards(self, changes: Sequence[Change]) -> list[str]:
        """Draw again the card of each subject that a row of these is part of; compare it with what the board shows."""
        subjects = {
            (one.row[CARDS[one.table][0]] if one.table in CARDS else "", CARDS[one.table][1])
            for one in changes
            if one.table in CARDS
        }
        if not subjects:
            return []
        waits = {row["subject_id"] for row in self.rows.tables["outbox"].values() if _drops(row)}
        live = {
            row["subject_id"]: row["card"]
            for row in self.rows.tables["cards"].values()
            if row["shown_until"] == "infinity"
        }
        found = []
        async with self.doors.db.read(self.doors.community_id) as reader:
            for subject, draw in sorted(subjects, key=lambda pair: pair[0]):
                card = await draw(reader, UUID(subject))
                fresh = None if card.content is None else _plain_json(card)
                shown = live.get(subject)
                if fresh != shown and not (waits and _only_at_risk(fresh, shown)):
                    found.append(f"la carte de {subject} montre {shown}, son sujet {fresh}")
        return found


def _another(plain: Plain) -> Plain:
    """A copy that may be thrown away; five times as fast as `deepcopy`, which was a third of a run."""
    copied: Plain = pickle.loads(pickle.dumps(plain))  # noqa: S301 : made a line above
    return copied


def _is_quiet(row: Mapping[str, Any]) -> bool:
    return not row["job"].startswith(("placements", "loans"))


def _drops(row: Mapping[str, Any]) -> bool:
    return row["job"] in ("placements.drop_uncovered", "placements.settle_waiting") and row["done_at"] is None


def _only_at_risk(fresh: dict[str, Any] | None, shown: dict[str, Any] | None) -> bool:
    """Between the loss of a cover and the job that tells it, the card alone is late, and of that alone."""
    if fresh is None or shown is None:
        return False
    return {**fresh, "at_risk": None} == {**shown, "at_risk": None}


def _plain_json(card: Card) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(encode_card(card.content or {}))
    return content
