"""The doorbell: Redis says that something changed. It may be lost at any moment; the feed asks PostgreSQL anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


def channel_of(community_id: UUID) -> str:
    """The channel on which a community's changes are hinted."""
    return f"entraide:hints:{community_id}"


async def listen(redis_url: str, community_id: UUID, ring: Callable[[], None]) -> None:
    """Ring at each hint, for ever; connect again when Redis is lost. Ends only when cancelled."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            async with Redis.from_url(redis_url, socket_connect_timeout=2) as client, client.pubsub() as bell:
                await bell.subscribe(channel_of(community_id))
                ring()
                wait = FIRST_WAIT_SECONDS
                async for message in bell.listen():
                    if message["type"] == "message":
                        ring()
        except (RedisError, OSError) as lost:
            _log.warning("hints_lost", reason=type(lost).__name__)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
