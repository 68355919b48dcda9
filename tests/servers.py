"""Real servers for the tests: a private PostgreSQL with a migrated template database, and a private Valkey.

`TEST_DATABASE_URL` (an owner able to create databases and roles) replaces the private PostgreSQL, so that the
suite can also pass on the oldest supported version.
"""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from exchange.embedded.postgres import APPLICATION_ROLE, EmbeddedPostgres
from exchange.embedded.valkey import EmbeddedValkey


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """One database of one test: its owner migrates, the application role is what the code under test uses."""

    name: str
    owner_url: str
    app_url: str
    engine: AsyncEngine


class PostgresServer:
    """A server on which databases are made and dropped; nothing else of it is touched."""

    def __init__(self, owner_url: str) -> None:
        self.owner: URL = make_url(owner_url)
        self.template = f"entraide_template_{os.getpid()}"
        self.template_is_ready = False
        self.numbers = itertools.count(1)

    def owner_url(self, database: str) -> str:
        return self.owner.set(database=database).render_as_string(hide_password=False)

    def app_url(self, database: str) -> str:
        application = self.owner.set(database=database, username=APPLICATION_ROLE)
        return application.render_as_string(hide_password=False)

    @asynccontextmanager
    async def administration(self) -> AsyncIterator[asyncpg.Connection]:
        plain = self.owner.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain)
        try:
            yield connection
        finally:
            await connection.close()

    async def prepare_template(self) -> None:
        """Create the application role and the migrated template, once per session."""
        from migrations import upgrade

        async with self.administration() as connection:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APPLICATION_ROLE):
                await connection.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN")
            if self.owner.password:
                # Utility statements take no parameters: the server itself quotes the value.
                statement = await connection.fetchval(
                    f"SELECT format('ALTER ROLE {APPLICATION_ROLE} PASSWORD %L', $1::text)",
                    str(self.owner.password),
                )
                await connection.execute(statement)
            await connection.execute(f"DROP DATABASE IF EXISTS {self.template} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {self.template}")
        await upgrade(self.owner_url(self.template))
        self.template_is_ready = True

    async def create_database(self, *, migrated: bool = True) -> str:
        """Name of a new database: a copy of the migrated template, or an empty one."""
        if migrated and not self.template_is_ready:
            await self.prepare_template()
        name = f"entraide_test_{os.getpid()}_{next(self.numbers)}"
        origin = f"TEMPLATE {self.template} STRATEGY file_copy" if migrated else ""
        async with self.administration() as connection:
            await connection.execute(f"CREATE DATABASE {name} {origin}")
        return name

    async def drop_database(self, name: str) -> None:
        async with self.administration() as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@asynccontextmanager
async def running_postgres(directory: Path, runtime_dir: Path) -> AsyncIterator[PostgresServer]:
    """The server named by TEST_DATABASE_URL, or a private one that forgets everything."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = PostgresServer(given)
        try:
            yield server
        finally:
            await server.drop_database(server.template)
        return
    embedded = EmbeddedPostgres(directory / "postgres", runtime_dir, durable=False)
    await embedded.start()
    try:
        yield PostgresServer(embedded.owner_url)
    finally:
        await embedded.stop()


@asynccontextmanager
async def running_valkey(directory: Path, runtime_dir: Path) -> AsyncIterator[EmbeddedValkey]:
    server = EmbeddedValkey(directory / "valkey", runtime_dir)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
