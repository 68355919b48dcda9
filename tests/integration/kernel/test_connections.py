"""Connections outlive neither their server nor their statements: what a door meets after the database came back."""

from __future__ import annotations

import asyncio

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from exchange.kernel.db import Scope
from tests.factories.ground import database_of
from tests.servers import FreshDatabase

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_connections_that_the_server_closed_are_renewed_before_anybody_is_refused(
    database: FreshDatabase,
) -> None:
    db = database_of(database)

    async def asked() -> int:
        async with db.read(None, scope=Scope.IDENTITY) as reader:
            return int(await reader.scalar(text("SELECT pg_backend_pid()")) or 0)

    before = set(await asyncio.gather(*(asked() for _ in range(4))))
    assert len(before) == 4
    engine = create_async_engine(database.owner_url, poolclass=NullPool)
    async with engine.connect() as owner:
        await owner.execute(text(OTHERS))
    # Let the loop hear that the sockets were closed, as it does between two requests.
    await asyncio.sleep(0.2)
    after = set(await asyncio.gather(*(asked() for _ in range(4))))
    assert before.isdisjoint(after)


async def test_a_reader_may_write_nothing_and_a_repeatable_one_sees_one_instant(database: FreshDatabase) -> None:
    db = database_of(database)
    async with db.read(None) as reader:
        assert await reader.scalar(text("SHOW transaction_read_only")) == "on"
        assert await reader.scalar(text("SHOW transaction_isolation")) == "read committed"
    async with db.read(None, repeatable=True) as reader:
        assert await reader.scalar(text("SHOW transaction_read_only")) == "on"
        assert await reader.scalar(text("SHOW transaction_isolation")) == "repeatable read"
    async with db.write(None) as tx:
        assert await tx.scalar(text("SHOW transaction_read_only")) == "off"
