"""Alembic's entry: one transaction per migration, as the owner, with a lock timeout."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.metadata import METADATA


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=METADATA, transaction_per_migration=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Connect as the owner of the tables."""
    engine = create_async_engine(context.config.attributes["owner_url"], poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(connect_and_run())
