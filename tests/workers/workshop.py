"""A community in which holds are made, and real worker processes that tell about them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from exchange.adapters.smtp import SmtpChannel
from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.journals import OutboxRow
from exchange.notifications.commands import MAIL
from exchange.notifications.models import Message
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.reactions import reactions
from tests.factories.ground import actor_for, ground
from tests.factories.placements import Stage, a_stage, proposed
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from workers.equipment import Equipment

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_URL = "http://entraide.essai"
READERS = 2
"""Whom a hold is told to: the manager of the house and the on-call manager of its operator."""


class NoSolver:
    """Where a test is about letters, nothing is ever solved."""

    async def solve(self, request: SolveRequest) -> Solution:
        raise SolverStopped("unreachable")


@dataclass
class Workshop:
    """A stage whose facts have their follow-ups, and the processes that a test starts."""

    stage: Stage
    database: FreshDatabase
    sink: SmtpSink
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def equipment(self) -> Equipment:
        """What jobs use, with the sink as carrier."""
        return Equipment(
            db=self.stage.db,
            solver=NoSolver(),
            travel=StraightLine(),
            channels={MAIL: SmtpChannel(self.sink.url, "Entraide <essai@entraide.invalid>")},
            public_url=PUBLIC_URL,
        )

    async def hold(self) -> None:
        """One more situation, proposed and held: as many letters as there are readers."""
        async with self.stage.db.write(self.stage.community_id) as tx:
            received = await a_situation(tx)
            await proposed(tx, received.id, self.stage.house.offer_id)
        async with self.stage.db.write(self.stage.community_id) as tx:
            await hold_answer(tx, self.stage.adviser, HoldAnswer(received.id, 1), now_of(tx))

    async def message_ids(self, *, state: str | None = None) -> set[str]:
        """The Message-IDs that the table of messages stands for."""
        async with self.stage.db.read(self.stage.community_id) as reader:
            wanted = select(Message.id) if state is None else select(Message.id).where(Message.state == state)
            return {f"<{message_id}@entraide.invalid>" for message_id in await reader.scalars(wanted)}

    async def unsettled(self, job_like: str) -> list[OutboxRow]:
        """The outbox rows still to do, of jobs that begin so, and already due."""
        async with self.stage.db.read(self.stage.community_id) as reader:
            rows = await reader.scalars(
                select(OutboxRow).where(
                    OutboxRow.job.startswith(job_like), OutboxRow.done_at.is_(None), OutboxRow.due_at <= now_of(reader)
                )
            )
            return list(rows)

    async def all_told(self, holds: int, *, within_seconds: float = 60.0) -> None:
        """Wait until every letter of `holds` holds is recorded as sent; then compare the sink with the table."""
        deadline = time.monotonic() + within_seconds
        while len(await self.message_ids(state="sent")) < holds * READERS:
            assert time.monotonic() < deadline, await self._what_is_missing(holds)
            await asyncio.sleep(0.1)
        delivered = {mail.message_id for mail in self.sink.received}
        assert delivered == await self.message_ids()
        assert len(delivered) == holds * READERS

    async def _what_is_missing(self, holds: int) -> str:
        rows = [(row.job, row.attempts, row.failed_with) for row in await self.unsettled("notifications")]
        tail = "\n".join(path.read_text()[-2000:] for path in sorted(self.logs.glob("*.log")))
        return f"{len(await self.message_ids(state='sent'))} of {holds * READERS} sent; left {rows}\n{tail}"

    def start_worker(self, redis_url: str) -> subprocess.Popen[bytes]:
        """A worker of its own, as `entraide worker` would be."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.database.app_url,
            "REDIS_URL": redis_url,
            "SMTP_URL": self.sink.url,
            "ENTRAIDE_MAIL_FROM": "Entraide <essai@entraide.invalid>",
            "ENTRAIDE_PUBLIC_URL": PUBLIC_URL,
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with (self.logs / f"worker-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "workers"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process


@contextmanager
def ending(workshop: Workshop) -> Iterator[Workshop]:
    """No process outlives its test."""
    try:
        yield workshop
    finally:
        for process in workshop.processes:
            process.kill()
            process.wait()


async def a_workshop(database: FreshDatabase, sink: SmtpSink, logs: Path) -> Workshop:
    stage = await a_stage(database, reactions=reactions, capacity=50)
    async with ground(stage.db, stage.community_id) as tx:
        operator_id = stage.house.manager.operator_id
        await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id)
    return Workshop(stage, database, sink, logs)
