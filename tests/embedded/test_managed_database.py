"""What the README says to do beyond one machine, done as written on a server that nobody prepared."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.error import URLError
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from exchange.embedded.postgres import EmbeddedPostgres
from exchange.kernel.db import Database, make_engine
from exchange.settings import PROJECT_ROOT, with_async_driver

STATEMENTS = re.compile(r"```sql\n(.*?)```", re.DOTALL)
UNREACHABLE_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
async def bare_server(place: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server with its superuser alone: neither the application's role nor its database."""
    server = EmbeddedPostgres(place / "postgres", place, durable=False)
    await server.start()
    try:
        await execute(server, "postgres", "postgres", ["DROP DATABASE entraide", "DROP ROLE entraide_app"])
        yield server
    finally:
        await server.stop()


async def execute(server: EmbeddedPostgres, role: str, database: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(host=str(server.runtime_dir), port=5432, user=role, database=database)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def blocks_of_the_readme() -> list[list[str]]:
    page = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    return [
        [statement.strip() for statement in block.split(";") if statement.strip()] for block in STATEMENTS.findall(page)
    ]


def environment(server: EmbeddedPostgres, place: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": server.url("entraide_web", "entraide"),
        "OWNER_DATABASE_URL": server.url("entraide_owner", "entraide"),
        "REDIS_URL": UNREACHABLE_REDIS,
        "ENTRAIDE_DATA_DIR": str(place),
    }


def entraide(*arguments: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exchange.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=False, timeout=40)


def health_of(port: int, served: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while served.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=5) as answer:
                return int(answer.status)
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"no answer, status {served.poll()}")


async def test_the_recipe_of_the_readme_serves_under_row_level_security(
    bare_server: EmbeddedPostgres, place: Path
) -> None:
    by_the_administrator, by_the_owner = blocks_of_the_readme()
    variables = environment(bare_server, place)

    await execute(bare_server, "postgres", "postgres", by_the_administrator)
    early = await asyncio.to_thread(entraide, "serve", variables=variables)
    assert (early.returncode, early.stderr.count("\n")) == (1, 1), early.stderr

    migrated = await asyncio.to_thread(entraide, "migrate", variables=variables)
    assert migrated.returncode == 0, migrated.stderr
    await execute(bare_server, "entraide_owner", "entraide", by_the_owner)

    ours, theirs = uuid4(), uuid4()
    engine = make_engine(with_async_driver(variables["DATABASE_URL"]), pool_size=1)
    try:
        database = Database(engine)
        for community in (ours, theirs):
            async with database.write(community) as tx:
                await tx.execute(
                    text("INSERT INTO communities (id, name, time_zone) VALUES (:id, 'Essai', 'Europe/Paris')"),
                    {"id": community},
                )
        async with database.read(ours) as reader:
            assert (await reader.execute(text("SELECT session_user, current_user"))).one() == (
                "entraide_web",
                "entraide_app",
            )
            assert list(await reader.scalars(text("SELECT id FROM communities"))) == [ours]
    finally:
        await engine.dispose()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    served = subprocess.Popen(
        [sys.executable, "-m", "exchange.cli", "serve"], env={**variables, "ENTRAIDE_PORT": str(port)}
    )
    try:
        assert await asyncio.to_thread(health_of, port, served) == 200
    finally:
        served.send_signal(signal.SIGTERM)
        assert served.wait(15) == 0


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["migrate"], ["token", "create", "--email", "a@b.invalid"]])
@pytest.mark.parametrize(
    ("role", "database", "said"),
    [
        ("nobody_here", "entraide", "refuse ce compte"),
        ("postgres", "nothing_here", "n’existe pas"),
    ],
)
async def test_database_that_refuses_is_told_in_one_sentence(
    bare_server: EmbeddedPostgres, place: Path, command: list[str], role: str, database: str, said: str
) -> None:
    url = bare_server.url(role, database)
    variables = {**environment(bare_server, place), "DATABASE_URL": url, "OWNER_DATABASE_URL": url}
    done = await asyncio.to_thread(entraide, *command, variables=variables)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert done.stderr.startswith("Erreur : La base ")
    assert said in done.stderr


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["migrate"], ["token", "create", "--email", "a@b.invalid"]])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://entraide_web:secret@127.0.0.1:1/entraide", "ne répond pas"),
        ("postgresql://entraide_web:secret@127.0.0.1:port/entraide", "ne se lit pas"),
        ("mysql://entraide_web:secret@127.0.0.1/entraide", "ne se lit pas"),
        ("n’importe quoi", "ne se lit pas"),
    ],
)
def test_database_out_of_reach_is_told_without_its_password(
    place: Path, command: list[str], url: str, said: str
) -> None:
    variables = {**os.environ, "DATABASE_URL": url, "OWNER_DATABASE_URL": url, "REDIS_URL": UNREACHABLE_REDIS}
    done = entraide(*command, variables={**variables, "ENTRAIDE_DATA_DIR": str(place)})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert said in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("port", ["abc", "0", "70000", "80.5"])
def test_port_that_is_none_is_told_in_one_sentence(place: Path, port: str) -> None:
    variables = {**os.environ, "DATABASE_URL": "postgresql://127.0.0.1:1/entraide", "REDIS_URL": UNREACHABLE_REDIS}
    done = entraide("serve", variables={**variables, "ENTRAIDE_DATA_DIR": str(place), "ENTRAIDE_PORT": port})
    assert done.returncode == 1
    assert done.stderr == (f"Erreur : ENTRAIDE_PORT doit être un numéro de port entre 1 et 65535, et non « {port} ».\n")
