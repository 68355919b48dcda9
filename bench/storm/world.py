"""The real thing, thrown away afterwards: PostgreSQL, Valkey, a server process, a worker process, a mail sink."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import make_url

from bench.storm.history import History
from bench.storm.plants import PLANTS
from exchange.embedded.postgres import EmbeddedPostgres
from exchange.embedded.valkey import EmbeddedValkey
from exchange.kernel.db import make_engine
from tests.servers import FreshDatabase, PostgresServer
from tests.smtp_sink import SmtpSink, running_smtp_sink
from tests.stage import Stage

DEADLOCK_IN_LOG: Final = "deadlock detected"
POOL_OF_SETTING_UP: Final = 3
"""Connections of the player itself; those of the server process are counted apart."""


@dataclass(frozen=True, slots=True)
class Servers:
    """What processes of the product talk to. `databases` makes one fresh database after the other."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    sink: SmtpSink
    databases: PostgresServer
    folder: Path


@dataclass
class World:
    """One running exchange on a database of its own. `stage` starts, kills and restarts `serve` and `worker`."""

    servers: Servers
    database: FreshDatabase
    stage: Stage
    plant: str | None = None
    deadlocks_before: int = field(default=0)

    @property
    def url(self) -> str:
        return self.stage.url

    @asynccontextmanager
    async def as_owner(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees the rows of every community: for counting, for dumping, for turning a clock back."""
        connection = await asyncpg.connect(_plain(self.database.owner_url))
        try:
            yield connection
        finally:
            await connection.close()

    def deadlocks_logged(self) -> int:
        """How many deadlocks (40P01) the server's log tells since this world opened."""
        return _deadlocks_in(self.servers.postgres) - self.deadlocks_before

    async def deadlocks_counted(self) -> int:
        """What `pg_stat_database` counts; it may be some seconds late, hence the log beside it."""
        async with self.as_owner() as connection:
            counted: int = await connection.fetchval(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            )
            return counted

    async def dump(self, history: History, community_id: UUID, *tables: str) -> None:
        """Append the rows of these tables that belong to a community."""
        for table in tables:
            await self.dump_query(history, table, f"SELECT * FROM {table} WHERE community_id = $1", community_id)  # noqa: S608 : names of ours

    async def dump_query(self, history: History, name: str, query: str, *values: object) -> None:
        """Append the rows of a query under a name of their own."""
        async with self.as_owner() as connection:
            for row in await connection.fetch(f"SELECT to_jsonb(q)::text FROM ({query}) q", *values):  # noqa: S608 : text of ours
                history.stored(name, row[0])


@asynccontextmanager
async def running_servers(*, durable: bool = False) -> AsyncIterator[Servers]:
    """Start PostgreSQL, Valkey and a mail sink from the installed packages; `durable`: what a crash must not lose."""
    with _short_folder() as folder, running_smtp_sink() as sink:
        postgres = EmbeddedPostgres(folder / "postgres", folder, durable=durable)
        valkey = EmbeddedValkey(folder / "valkey", folder)
        await postgres.start()
        try:
            await valkey.start()
            try:
                yield Servers(postgres, valkey, sink, PostgresServer(postgres.owner_url), folder)
            finally:
                await valkey.stop()
        finally:
            await postgres.stop()


@asynccontextmanager
async def a_world(servers: Servers, *, plant: str | None = None, worker: bool = False) -> AsyncIterator[World]:
    """Open a fresh database and start the product on it, with a fault planted where one is named."""
    name = await servers.databases.create_database()
    owner_url, app_url = servers.databases.owner_url(name), servers.databases.app_url(name)
    engine = make_engine(app_url, pool_size=POOL_OF_SETTING_UP)
    logs = servers.folder / name
    logs.mkdir()
    database = FreshDatabase(name, owner_url, app_url, engine)
    stage = Stage(database, servers.valkey.url, servers.sink, logs)
    if plant is not None:
        stage.module = ("bench.storm.planted", plant)
        # Half a minute of deadlocks, each waited for a second, would tell no more.
        await plant_in(owner_url, (f"ALTER DATABASE {name} SET deadlock_timeout = '50ms'", *PLANTS[plant].sql))
    world = World(servers, database, stage, plant, _deadlocks_in(servers.postgres))
    try:
        stage.start("serve")
        if worker:
            stage.start("worker")
        await stage.answers()
        yield world
    finally:
        stage.stop()
        await engine.dispose()
        await servers.databases.drop_database(name)


def _deadlocks_in(postgres: EmbeddedPostgres) -> int:
    return postgres.log_path.read_text(errors="replace").count(DEADLOCK_IN_LOG)


async def plant_in(owner_url: str, statements: tuple[str, ...]) -> None:
    """Run statements as the owner of a database, each in its own transaction."""
    connection = await asyncpg.connect(_plain(owner_url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
