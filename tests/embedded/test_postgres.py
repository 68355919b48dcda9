import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from exchange.embedded.binaries import system_postgres, wheel_postgres
from exchange.embedded.directories import sole_instance
from exchange.embedded.errors import StartRefused
from exchange.embedded.launch import Guise, choose_guise, guise_prefix, runs
from exchange.embedded.postgres import EmbeddedPostgres
from exchange.embedded.valkey import EmbeddedValkey
from exchange.settings import PROJECT_ROOT

AS_ROOT = os.geteuid() == 0
GUISES = [Guise.NAMESPACE, Guise.NOBODY] if AS_ROOT else [Guise.SELF]


async def connect(server: EmbeddedPostgres, role: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=str(server.runtime_dir), port=5432, user=role, database="entraide")


@pytest.fixture
def shared_dir() -> Iterator[Path]:
    """Where `nobody` finds its files: a directory that everyone may cross."""
    with tempfile.TemporaryDirectory(prefix="ent-shared-", dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.mark.parametrize("guise", GUISES)
async def test_data_and_roles_survive_a_restart(guise: Guise, place: Path, shared_dir: Path) -> None:
    if not runs([*guise_prefix(guise), "true"]):
        pytest.skip(f"this machine forbids the guise {guise.value}")

    def server() -> EmbeddedPostgres:
        return EmbeddedPostgres(place / "postgres", place, durable=False, guise=guise, shared_dir=shared_dir)

    first = server()
    await first.start()
    owner = await connect(first, "postgres")
    await owner.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('été')")
    await owner.close()
    await first.stop()

    second = server()
    await second.start()
    try:
        owner = await connect(second, "postgres")
        assert await owner.fetchval("SELECT word FROM kept") == "été"
        await owner.close()
        application = await connect(second, "entraide_app")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.fetch("SELECT word FROM kept")
        assert not await application.fetchval(
            "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        await application.close()
    finally:
        await second.stop()


async def test_nothing_listens_beyond_a_private_socket(place: Path) -> None:
    server = EmbeddedPostgres(place / "postgres", place, durable=False)
    await server.start()
    try:
        assert server.process is not None
        assert psutil.Process(server.process.pid).net_connections(kind="inet") == []
        assert stat.S_IMODE((server.runtime_dir / ".s.PGSQL.5432").stat().st_mode) == 0o700
    finally:
        await server.stop()


async def test_lock_file_naming_a_stranger_does_not_prevent_the_start(place: Path) -> None:
    server = EmbeddedPostgres(place / "postgres", place, durable=False)
    await server.start()
    await server.stop()
    with subprocess.Popen(["sleep", "600"]) as stranger:
        (server.data_dir / "postmaster.pid").write_text(f"{stranger.pid}\n")
        try:
            await server.start()
            await server.stop()
        finally:
            stranger.kill()


async def test_interrupted_creation_is_done_again(place: Path) -> None:
    half = place / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(place / "postgres", place, durable=False)
    await server.start()
    await server.stop()
    assert not half.exists()


async def test_data_of_another_major_version_are_refused_untouched(place: Path) -> None:
    data = place / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartRefused, match="viennent de PostgreSQL 9"):
        await EmbeddedPostgres(data, place).start()
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


async def test_failed_start_is_told_with_the_server_s_own_reason(place: Path) -> None:
    server = EmbeddedPostgres(place / "postgres", place, durable=False)
    await server.start()
    await server.stop()
    (server.data_dir / "postgresql.conf").write_text("no_such_setting = on\n")
    with pytest.raises(StartRefused, match="no_such_setting"):
        await server.start()
    assert server.process is None


PARENT = """
import asyncio, sys, time
from pathlib import Path
from exchange.embedded.postgres import EmbeddedPostgres
from exchange.embedded.valkey import EmbeddedValkey

async def main():
    place = Path(sys.argv[1])
    servers = [EmbeddedPostgres(place / "postgres", place, durable=False), EmbeddedValkey(place / "valkey", place)]
    for server in servers:
        await server.start()
    print(*(server.process.pid for server in servers), flush=True)

asyncio.run(main())
time.sleep(600)
"""


@pytest.fixture
def orphans(place: Path) -> list[psutil.Process]:
    """A PostgreSQL and a Valkey whose parent has just been killed without warning."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(place)], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(servers) == 2
        parent.send_signal(signal.SIGKILL)
    return servers


def test_killed_parent_takes_its_servers_down(orphans: list[psutil.Process]) -> None:
    deadline = time.monotonic() + 10
    while any(server.is_running() and server.status() != psutil.STATUS_ZOMBIE for server in orphans):
        assert time.monotonic() < deadline, "a server outlived its parent"
        time.sleep(0.05)


@pytest.mark.usefixtures("orphans")
async def test_next_start_does_not_trip_over_servers_still_ending(place: Path) -> None:
    postgres = EmbeddedPostgres(place / "postgres", place, durable=False)
    valkey = EmbeddedValkey(place / "valkey", place)
    await postgres.start()
    await valkey.start()
    try:
        assert await valkey.answers()
        await (await connect(postgres, "entraide_app")).close()
    finally:
        await postgres.stop()
        await valkey.stop()


def test_second_holder_of_the_same_data_is_refused(place: Path) -> None:
    with sole_instance(place), pytest.raises(StartRefused, match="utilise déjà les données"), sole_instance(place):
        pytest.fail("two instances hold the same data")
    with sole_instance(place):
        pass


def test_programs_come_from_the_wheel_and_otherwise_from_the_machine() -> None:
    wheel = wheel_postgres()
    assert wheel is not None
    assert wheel.major >= 15
    system = system_postgres()
    if system is None:
        pytest.skip("this machine has no PostgreSQL of its own")
    assert system.initdb.exists()
    assert system.major >= 15


def test_root_never_runs_the_server_as_itself() -> None:
    assert (choose_guise() is Guise.SELF) is not AS_ROOT
