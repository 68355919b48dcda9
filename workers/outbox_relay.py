"""The relay: looks at what is due, by state and never by a cursor, and rings; without a bell, it runs rows itself.

It looks every 100 ms, and at once when a hint says that somebody committed: the hint wakes, the table tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from exchange.kernel.db import Database, Scope
from exchange.planning.lanes import Lane
from workers.queue import AT_ONCE, Answering, Bell, BellUnreachable, Queue

POLL_SECONDS = 0.1
SHORTEST_PAUSE_SECONDS = 0.02
"""Between two looks, however many hints come: a storm of writes must not become a storm of questions."""

BELL_PAUSE_SECONDS = 1.0
DATABASE_PAUSE_SECONDS = 1.0
MOST_RUNG = 60
"""Rung and not settled, per queue: what is rung beyond what workers can take in a lease would be rung twice."""

_log = structlog.get_logger(__name__)

_CLAIM = text(
    """
    WITH pending AS MATERIALIZED (
        SELECT id, due_at, lease_until,
               CASE WHEN job = 'notifications.deliver' THEN 'mail' ELSE coalesce(gather_key, 'clocks') END AS queue
          FROM (
            SELECT *, row_number() OVER (
                       PARTITION BY community_id, coalesce(gather_key, id::text)
                       ORDER BY lease_until > now() DESC NULLS LAST, due_at, id) AS nth
              FROM outbox WHERE done_at IS NULL AND due_at <= now()
          ) due WHERE nth = 1
    ), leased AS MATERIALIZED (
        SELECT queue, count(*) AS rung FROM pending WHERE lease_until > now() GROUP BY queue
    ), chosen AS MATERIALIZED (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY queue ORDER BY due_at, id) + coalesce(rung, 0) AS place
              FROM pending LEFT JOIN leased USING (queue) WHERE lease_until IS NULL OR lease_until <= now()
        ) ranked WHERE place <= :most
    ), locked AS (
        SELECT outbox.id FROM outbox JOIN chosen USING (id)
         WHERE done_at IS NULL AND due_at <= now() AND (lease_until IS NULL OR lease_until <= now())
         ORDER BY outbox.id FOR UPDATE OF outbox SKIP LOCKED
    )
    UPDATE outbox SET lease_until = now() + interval '15 seconds', fence = outbox.fence + 1
      FROM locked WHERE outbox.id = locked.id
    RETURNING outbox.id, outbox.community_id, outbox.job, outbox.gather_key, outbox.fence
    """
)
"""Fifteen seconds to be taken by a run; then the row is due again, under a new fence.

Of the demands that one run gathers, one rings for all: a community with hundreds of them, or whose run lasts, takes one
turn and not every community's.

Materialised: on a table never analysed, PostgreSQL re-ran the ranking for each row, and 700 due rows took over 10 s.
"""


@dataclass(frozen=True, slots=True)
class Ring:
    """One call to make: a row, or a lane of a community whose rows one run takes together."""

    queue: Queue
    job: str
    ring_id: str
    arguments: tuple[str | int, ...]


@dataclass
class OutboxRelay:
    """Looks under `Scope.RELAY`; `functions` is what it calls itself while the bell is unreachable."""

    db: Database
    bell: Bell
    functions: Mapping[str, Answering]
    _own: set[asyncio.Task[None]] = field(default_factory=set)
    _turns: dict[Queue, asyncio.Semaphore] = field(
        default_factory=lambda: {queue: asyncio.Semaphore(AT_ONCE[queue]) for queue in Queue}
    )
    _silent_until: float = 0.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Look again soon: something was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Relay until cancelled; a lost database is waited for."""
        try:
            while True:
                try:
                    await self.relay_due()
                except (DBAPIError, OSError) as error:
                    _log.warning("relay_without_database", error=type(error).__name__)
                    await asyncio.sleep(DATABASE_PAUSE_SECONDS)
                await self._pause()
        finally:
            for task in self._own:
                task.cancel()
            await asyncio.gather(*self._own, return_exceptions=True)

    async def _pause(self) -> None:
        await asyncio.sleep(SHORTEST_PAUSE_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS - SHORTEST_PAUSE_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    async def relay_due(self) -> int:
        """Lease what is due and ring for it, or start running it; return how many calls were made."""
        rings = rings_of(await self._claim())
        for ring in rings:
            if not await self._rung(ring):
                task = asyncio.create_task(self._run_here(ring))
                self._own.add(task)
                task.add_done_callback(self._own.discard)
        return len(rings)

    async def settled(self) -> None:
        """Wait for the calls that the relay runs itself."""
        while self._own:
            await asyncio.gather(*self._own)

    async def _claim(self) -> list[tuple[UUID, UUID, str, str | None, int]]:
        async with self.db.write(None, scope=Scope.RELAY) as tx:
            return [(row[0], row[1], row[2], row[3], row[4]) for row in await tx.execute(_CLAIM, {"most": MOST_RUNG})]

    async def _rung(self, ring: Ring) -> bool:
        if time.monotonic() < self._silent_until:
            return False
        try:
            await self.bell.ring(ring.queue, ring.job, ring.ring_id, *ring.arguments)
        except BellUnreachable:
            self._silent_until = time.monotonic() + BELL_PAUSE_SECONDS
            return False
        return True

    async def _run_here(self, ring: Ring) -> None:
        async with self._turns[ring.queue]:
            await self.functions[ring.job](*ring.arguments)


def rings_of(rows: list[tuple[UUID, UUID, str, str | None, int]]) -> list[Ring]:
    """Return the calls for these leased rows: gathered demands once per community and lane, the others one by one."""
    rings: dict[tuple[object, ...], Ring] = {}
    for row_id, community_id, job, gather_key, fence in rows:
        ring_id = f"{row_id}:{fence}"
        if gather_key is not None:
            ring = Ring(LANE_QUEUES[gather_key], RUN_LANE, ring_id, (str(community_id), gather_key))
            rings.setdefault((community_id, gather_key), ring)
        else:
            queue = Queue.MAIL if job == DELIVER else Queue.CLOCKS
            rings[row_id,] = Ring(queue, RUN_ROW, ring_id, (str(row_id), fence))
    return list(rings.values())


LANE_QUEUES = {Lane.FAST.value: Queue.FAST, Lane.FULL.value: Queue.FULL}
DELIVER = "notifications.deliver"
RUN_LANE = "planning.run_lane"
RUN_ROW = "outbox.run_row"
