"""One worker: relay, doorbell, solver and schedule in one process, assembled here and stopped cleanly."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from exchange.adapters.redis_hints import RedisHints, listen
from exchange.adapters.smtp import SmtpChannel
from exchange.adapters.straight_line import StraightLine
from exchange.kernel.db import CONNECTIONS_OF_A_PROCESS, Database, make_engine
from exchange.notifications.commands import MAIL
from exchange.planning.lanes import Lane
from exchange.planning.run import drain_lane
from exchange.planning.solver_process import running_solver
from exchange.reactions import reactions
from exchange.settings import Settings
from workers.equipment import Equipment
from workers.outbox_relay import RUN_LANE, RUN_ROW, OutboxRelay
from workers.outbox_row import run_row
from workers.queue import Answering, ArqBell, Queue, answer, quieten
from workers.schedule import come_round

STOP_SECONDS = 1.2
"""What is being done may end; beyond, it is cancelled and given back to the outbox."""

_log = structlog.get_logger(__name__)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; raises whatever ends one of its parts, so that a supervisor starts it again."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    set_up_logging()
    async with equipped(settings) as equipment:
        bell = ArqBell(settings.redis_url)
        functions = functions_of(equipment)
        relay = OutboxRelay(equipment.db, bell, functions)
        parts: list[Coroutine[Any, Any, None]] = [
            relay.run(),
            listen(settings.redis_url, None, relay.wake),
            *(answer(settings.redis_url, queue, functions) for queue in Queue),
            come_round(equipment.db),
        ]
        # What was loaded stays: a full collection that walked it again would stop the process for a tenth of a second.
        gc.freeze()
        try:
            await _until_told(told, parts)
        finally:
            await bell.close()


@asynccontextmanager
async def equipped(settings: Settings) -> AsyncIterator[Equipment]:
    """What jobs use, for the length of a block: pool, hints, carrier, roads, and a solver loaded ahead of need."""
    engine = make_engine(settings.database_url, pool_size=CONNECTIONS_OF_A_PROCESS, max_overflow=0)
    hints = RedisHints(settings.redis_url)
    try:
        async with running_solver() as solver:
            await solver.start()
            yield Equipment(
                db=Database(engine, reactions, hints.publish),
                solver=solver,
                travel=StraightLine(),
                channels={MAIL: SmtpChannel(settings.smtp_url, settings.mail_from)},
                public_url=settings.public_url,
            )
    finally:
        await hints.close()
        await engine.dispose()


def functions_of(equipment: Equipment) -> Mapping[str, Answering]:
    """What a ring starts, by name. A lost database is not their defect: the row or the lane comes due again."""

    async def one_row(row_id: str, fence: int) -> None:
        try:
            await run_row(equipment, UUID(row_id), fence)
        except (DBAPIError, OSError) as error:
            _log.warning("row_without_database", row=row_id, error=type(error).__name__)

    async def one_lane(community_id: str, lane: str) -> None:
        try:
            await drain_lane(equipment.db, UUID(community_id), Lane(lane), equipment.solver, equipment.travel)
        except (DBAPIError, OSError) as error:
            _log.warning("lane_without_database", lane=lane, error=type(error).__name__)

    return {RUN_ROW: one_row, RUN_LANE: one_lane}


async def _until_told(told: asyncio.Event, parts: list[Coroutine[Any, Any, None]]) -> None:
    order = asyncio.create_task(told.wait())
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait({order, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for ended in done - {order}:
            # Parts never end by themselves: this raises what ended one.
            ended.result()
    finally:
        order.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait({order, *tasks}, timeout=STOP_SECONDS)


def set_up_logging() -> None:
    """One line of JSON per event on standard error; identifiers and codes, never a person."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    quieten()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
