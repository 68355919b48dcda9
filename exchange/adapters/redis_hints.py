"""Telling other processes, after a commit, whose cards changed: identifiers alone, and nothing depends on it.

A hint may be lost at any moment: whoever listens asks PostgreSQL anyway, only later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

CHANNEL_PREFIX: Final = "entraide:hints:"
PATIENCE_SECONDS: Final = 0.2
RETRIES: Final = 50
FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)
_listening_log = structlog.get_logger(__name__)


class RedisHints:
    """Publishes hints; whoever misses one reads the changed cards a few seconds later."""

    def __init__(self, url: str) -> None:
        # Without these retries a client that met a restart of its server stays dead silently.
        self.client: Redis = Redis.from_url(
            url,
            socket_connect_timeout=2,
            retry=Retry(ExponentialBackoff(cap=1, base=0.05), RETRIES),
            retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
        )

    async def publish(self, community_id: UUID, subject_ids: frozenset[UUID]) -> None:
        """Tell which subjects changed, within 0.2 s or not at all; never raises what the network may raise."""
        payload = msgspec.json.encode({"subjects": sorted(subject_ids)})
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.client.publish(f"{CHANNEL_PREFIX}{community_id}", payload)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("hint not sent: %s", type(error).__name__)

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.aclose()


async def listen(redis_url: str, community_id: UUID | None, ring: Callable[[], None]) -> None:
    """Ring at each hint of a community, or of all of them, for ever; connect again when Redis is lost.

    Ends only when cancelled.
    """
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            async with Redis.from_url(redis_url, socket_connect_timeout=2) as client, client.pubsub() as bell:
                if community_id is None:
                    await bell.psubscribe(f"{CHANNEL_PREFIX}*")
                else:
                    await bell.subscribe(f"{CHANNEL_PREFIX}{community_id}")
                ring()
                wait = FIRST_WAIT_SECONDS
                async for message in bell.listen():
                    if message["type"] in ("message", "pmessage"):
                        ring()
        except (RedisError, OSError) as lost:
            _listening_log.warning("hints_lost", reason=type(lost).__name__)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
