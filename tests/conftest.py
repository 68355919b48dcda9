"""Fixtures shared by all tests. Servers start when the first test asks for them: unit tests start none."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from exchange.embedded.valkey import EmbeddedValkey
from tests.servers import FreshDatabase, PostgresServer, running_postgres, running_valkey
from tests.smtp_sink import SmtpSink, running_smtp_sink


@pytest.fixture(scope="session")
def servers_directory() -> Iterator[Path]:
    """Files of the servers; also their sockets, hence the short path."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp") as directory:
        yield Path(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server(servers_directory: Path) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL without our tables; `database` is what most tests want."""
    async with running_postgres(servers_directory, servers_directory) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey_server(servers_directory: Path) -> AsyncIterator[EmbeddedValkey]:
    """A Valkey shared by the session; tests that kill one start their own with `running_valkey`."""
    async with running_valkey(servers_directory, servers_directory) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def database(postgres_server: PostgresServer) -> AsyncIterator[FreshDatabase]:
    """A fresh migrated database, with an engine connected as the application role."""
    from exchange.kernel.db import make_engine

    name = await postgres_server.create_database()
    engine = make_engine(postgres_server.app_url(name))
    try:
        yield FreshDatabase(name, postgres_server.owner_url(name), postgres_server.app_url(name), engine)
    finally:
        await engine.dispose()
        await postgres_server.drop_database(name)


@pytest_asyncio.fixture(loop_scope="session")
async def empty_database_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """Owner URL of a database that no migration has touched."""
    name = await postgres_server.create_database(migrated=False)
    try:
        yield postgres_server.owner_url(name)
    finally:
        await postgres_server.drop_database(name)


@pytest_asyncio.fixture(loop_scope="session")
async def redis_url(valkey_server: EmbeddedValkey) -> str:
    """Address of an empty Valkey."""
    client = Redis.from_url(valkey_server.url)
    await client.flushall()
    await client.aclose()
    return valkey_server.url


@pytest.fixture(scope="session")
def shared_smtp_sink() -> Iterator[SmtpSink]:
    with running_smtp_sink() as sink:
        yield sink


@pytest.fixture
def smtp_sink(shared_smtp_sink: SmtpSink) -> SmtpSink:
    """A real SMTP server, empty and obliging until told otherwise."""
    shared_smtp_sink.reset()
    return shared_smtp_sink


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of the machine, for Playwright's `executable_path`. In CI its absence is a failure."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    advice = "Chromium est absent : « apt-get install chromium », puis relancez ./run test."
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(advice)
    pytest.skip(advice)
