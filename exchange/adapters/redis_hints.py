"""Telling other processes, after a commit, whose cards changed: identifiers alone, and nothing depends on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

CHANNEL_PREFIX: Final = "entraide:hints:"
PATIENCE_SECONDS: Final = 0.2
RECONNECT_SECONDS: Final = 0.5
RETRIES: Final = 50

_log = logging.getLogger(__name__)


class Hint(msgspec.Struct, frozen=True):
    """The subjects whose cards changed in one community."""

    community_id: UUID
    subjects: tuple[UUID, ...]


class _Payload(msgspec.Struct):
    subjects: tuple[UUID, ...]


def patient_client(url: str) -> Redis:
    """Return a client that outlives a restart of its server: without retries a subscription stays dead silently."""
    client: Redis = Redis.from_url(
        url,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), RETRIES),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
    )
    return client


class RedisHints:
    """Publishes and receives hints; whoever misses one reads the cards a few seconds later."""

    def __init__(self, url: str) -> None:
        self.client = patient_client(url)

    async def publish(self, community_id: UUID, subject_ids: frozenset[UUID]) -> None:
        """Tell which subjects changed, within 0.2 s or not at all; never raises."""
        payload = msgspec.json.encode(_Payload(tuple(sorted(subject_ids))))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.client.publish(f"{CHANNEL_PREFIX}{community_id}", payload)
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("hint not sent: %s", type(error).__name__)

    async def listen(self) -> AsyncIterator[Hint]:
        """Yield hints of every community for ever, subscribing again whenever the server comes back."""
        while True:
            try:
                async with self.client.pubsub() as subscription:
                    await subscription.psubscribe(f"{CHANNEL_PREFIX}*")
                    async for message in subscription.listen():
                        hint = _hint_of(message)
                        if hint is not None:
                            yield hint
            except (RedisError, OSError) as error:
                _log.warning("hints not heard: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.aclose()


def _hint_of(message: dict[str, object]) -> Hint | None:
    channel, data = message.get("channel"), message.get("data")
    if message.get("type") != "pmessage" or not isinstance(channel, bytes) or not isinstance(data, bytes):
        return None
    try:
        payload = msgspec.json.decode(data, type=_Payload)
        return Hint(UUID(channel.decode().removeprefix(CHANNEL_PREFIX)), payload.subjects)
    except (msgspec.DecodeError, ValueError) as error:
        _log.warning("hint not understood: %s", type(error).__name__)
        return None
