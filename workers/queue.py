"""The doorbell: the only module that knows arq. Redis may be absent, slow or emptied; nothing here is the truth."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol, cast

import msgspec
import structlog
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

RING_SECONDS = 1.0
HEALTH_SECONDS = 15
JOB_SECONDS = 60
RESTART_SECONDS = 1.0
EXPIRES_SECONDS = 600
"""A ring is useless once its row has been rung again."""

_log = structlog.get_logger(__name__)


class Queue(StrEnum):
    """What may not wait behind what: a stalled mail server delays no clock, nor a long full run somebody's call."""

    FAST = "entraide:fast"
    FULL = "entraide:full"
    CLOCKS = "entraide:clocks"
    MAIL = "entraide:mail"


POLL_SECONDS: Mapping[Queue, float] = {Queue.FAST: 0.02, Queue.FULL: 0.1, Queue.CLOCKS: 0.1, Queue.MAIL: 0.1}
"""How often Redis is asked for rings: somebody on the telephone waits behind the first queue."""

AT_ONCE: Mapping[Queue, int] = {Queue.FAST: 2, Queue.FULL: 2, Queue.CLOCKS: 4, Queue.MAIL: 4}

Answering = Callable[..., Awaitable[None]]
"""What a ring starts: identifiers in, nothing out."""


class BellUnreachable(Exception):
    """Nobody heard: the relay runs the row itself."""


class Bell(Protocol):
    """Wakes a worker for one job; identifiers only. Raises `BellUnreachable`."""

    async def ring(self, queue: Queue, job: str, ring_id: str, *arguments: str | int) -> None: ...


class ArqBell:
    """Rings through Redis, and gives up at once: waiting would delay the rows that follow."""

    def __init__(self, redis_url: str) -> None:
        pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=RING_SECONDS, socket_timeout=RING_SECONDS)
        self._redis = ArqRedis(pool, **_serializers())

    async def ring(self, queue: Queue, job: str, ring_id: str, *arguments: str | int) -> None:
        """Enqueue one call under an id that is used once. Raises `BellUnreachable`."""
        try:
            await self._redis.enqueue_job(
                job, *arguments, _job_id=ring_id, _queue_name=queue.value, _expires=EXPIRES_SECONDS
            )
        except (RedisError, OSError) as error:
            raise BellUnreachable from error

    async def close(self) -> None:
        await _close(self._redis)


async def answer(redis_url: str, queue: Queue, functions: Mapping[str, Answering]) -> None:
    """Answer the rings of one queue until cancelled, whatever happens to Redis meanwhile."""
    while True:
        try:
            await _answer_until_lost(redis_url, queue, functions)
        except (RedisError, OSError) as error:
            _log.warning("bell_lost", queue=queue.value, error=type(error).__name__)
        await asyncio.sleep(RESTART_SECONDS)


async def _answer_until_lost(redis_url: str, queue: Queue, functions: Mapping[str, Answering]) -> None:
    redis = ArqRedis(_insistent_pool(redis_url), **_serializers())
    worker = Worker(
        # arq names functions by their qualified name, and a stored ring outlives a rename: the name is ours.
        [func(_ignoring_context(run), name=name, keep_result=0, max_tries=1) for name, run in functions.items()],
        queue_name=queue.value,
        redis_pool=redis,
        handle_signals=False,
        max_jobs=AT_ONCE[queue],
        job_timeout=JOB_SECONDS,
        keep_result=0,
        poll_delay=POLL_SECONDS[queue],
        health_check_interval=HEALTH_SECONDS,
        health_check_key=f"{queue.value}:health",
        log_results=False,
        **_serializers(),
    )
    try:
        await worker.async_run()
    finally:
        for task in worker.tasks.values():
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RING_SECONDS / 2):
                await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        await _close(redis)


def _ignoring_context(run: Answering) -> WorkerCoroutine:
    async def call(context: dict[Any, Any], *arguments: str | int) -> None:
        await run(*arguments)

    return cast(WorkerCoroutine, call)


def _insistent_pool(redis_url: str) -> ConnectionPool:
    """A pool that outlives a restart of Redis: without these retries the worker ends at the first lost connection."""
    return ConnectionPool.from_url(
        redis_url,
        socket_connect_timeout=RING_SECONDS,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), 20),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
    )


def _serializers() -> dict[str, Any]:
    return {"job_serializer": msgspec.msgpack.encode, "job_deserializer": msgspec.msgpack.decode}


async def _close(redis: ArqRedis) -> None:
    with contextlib.suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(RING_SECONDS / 2):
            await redis.aclose()
            await redis.connection_pool.disconnect()


def quieten() -> None:
    """arq tells every call at INFO, and an expired ring at WARNING: neither is news here."""
    logging.getLogger("arq").setLevel(logging.ERROR)
