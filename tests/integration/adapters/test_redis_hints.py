"""Hints leave after the commit, carry identifiers alone, and never cost an act anything when Redis is away."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from exchange.adapters.redis_hints import PATIENCE_SECONDS, RedisHints
from exchange.embedded.valkey import EmbeddedValkey
from exchange.kernel.db import Database, now_of
from exchange.kernel.ids import new_id
from exchange.kernel.record import Card, show_card
from tests.factories.ground import a_community, no_follow_up
from tests.servers import FreshDatabase


async def test_hint_names_the_changed_subjects_on_the_communitys_channel(redis_url: str) -> None:
    community_id, subjects = new_id(), frozenset({new_id(), new_id()})
    hints = RedisHints(redis_url)
    async with Redis.from_url(redis_url) as client, client.pubsub() as subscription:
        await subscription.subscribe(f"entraide:hints:{community_id}")
        await subscription.get_message(timeout=2)
        await hints.publish(community_id, subjects)
        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=2)
    await hints.close()
    assert message is not None
    assert msgspec.json.decode(message["data"]) == {"subjects": sorted(str(subject) for subject in subjects)}


async def test_hint_follows_the_commit_and_a_rollback_sends_none(database: FreshDatabase, redis_url: str) -> None:
    hints = RedisHints(redis_url)
    db = Database(database.engine, no_follow_up, hints.publish)
    community_id = await a_community(db)
    async with Redis.from_url(redis_url) as client, client.pubsub() as subscription:
        await subscription.subscribe(f"entraide:hints:{community_id}")
        await subscription.get_message(timeout=2)
        shown, undone = new_id(), new_id()
        try:
            async with db.write(community_id) as tx:
                await show_card(tx, Card("offer", undone, {"kind": "offer"}), now_of(tx))
                raise LookupError
        except LookupError:
            pass
        async with db.write(community_id) as tx:
            await show_card(tx, Card("offer", shown, {"kind": "offer"}), now_of(tx))
            assert await subscription.get_message(ignore_subscribe_messages=True, timeout=0.1) is None
        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=2)
    await hints.close()
    assert message is not None
    assert msgspec.json.decode(message["data"]) == {"subjects": [str(shown)]}


async def test_absent_redis_costs_a_fifth_of_a_second_and_no_error() -> None:
    hints = RedisHints("redis://127.0.0.1:1")
    began = time.monotonic()
    await hints.publish(new_id(), frozenset({new_id()}))
    assert time.monotonic() - began < PATIENCE_SECONDS + 0.3
    await hints.close()


async def test_hints_leave_again_once_redis_is_back(tmp_path: Path, servers_directory: Path) -> None:
    community_id, subject = new_id(), new_id()
    server = EmbeddedValkey(tmp_path / "valkey", servers_directory / "hints")
    (servers_directory / "hints").mkdir()
    await server.start()
    hints = RedisHints(server.url)
    await hints.publish(community_id, frozenset({subject}))
    await server.stop()
    await hints.publish(community_id, frozenset({subject}))
    await server.start()
    async with Redis.from_url(server.url) as client, client.pubsub() as subscription:
        await subscription.subscribe(f"entraide:hints:{community_id}")
        await subscription.get_message(timeout=2)
        await hints.publish(community_id, frozenset({subject}))
        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=2)
    await hints.close()
    await server.stop()
    assert message is not None
