"""A private PostgreSQL cluster on a Unix socket: `postgres` owns it, the application is `entraide_app`."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import asyncpg

from exchange.embedded.binaries import PostgresPrograms, find_postgres
from exchange.embedded.directories import claim_private_directory
from exchange.embedded.errors import StartRefused
from exchange.embedded.launch import (
    Guise,
    choose_guise,
    guise_prefix,
    last_lines,
    nobody_uid,
    open_log,
    runs,
    spawn,
    stop_process,
)

OWNER_ROLE = "postgres"
APPLICATION_ROLE = "entraide_app"
DATABASE = "entraide"
# Recovery after a power cut may replay up to max_wal_size before the first connection.
START_PATIENCE_SECONDS = 120.0
PREDECESSOR_PATIENCE_SECONDS = 15.0

# Small on purpose: the demo shares one machine with the application and its browser.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "autovacuum_max_workers": "1",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One cluster: files in `data_dir`, log beside it, socket in `runtime_dir` (mode 0700, so trust is safe).

    `durable=False` gives up surviving a power cut, for tests. `guise` is chosen for the account when absent.
    `shared_dir` is used only as root without user namespaces: the account `nobody` must reach it.
    """

    def __init__(
        self,
        data_dir: Path,
        runtime_dir: Path,
        *,
        durable: bool = True,
        guise: Guise | None = None,
        shared_dir: Path = Path("/var/lib/entraide"),
    ) -> None:
        self.data_dir = data_dir
        self.runtime_dir = runtime_dir
        self.durable = durable
        self.guise = guise
        self.shared_dir = shared_dir
        self.log_path = data_dir.with_name("postgres.log")
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str) -> str:
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(self.runtime_dir))}&port=5432"

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE, DATABASE)

    @property
    def app_url(self) -> str:
        return self.url(APPLICATION_ROLE, DATABASE)

    async def start(self) -> None:
        """Create the cluster where there is none, start it, and make sure of its database and roles.

        Raises StartRefused. Call on the main thread (see `spawn`).
        """
        guise = self.guise or choose_guise()
        programs = find_postgres()
        if guise is Guise.NOBODY:
            programs = self.move_within_reach_of_nobody(programs)
        prefix = guise_prefix(guise)
        await self.create_cluster(programs, prefix)
        await self.wait_for_predecessor()
        settings = {**SETTINGS, **({} if self.durable else FORGETFUL_SETTINGS)}
        settings["unix_socket_directories"] = str(self.runtime_dir)
        if programs.major >= 18:
            settings["io_method"] = "sync"
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open_log(self.log_path) as log:
            self.process = spawn(
                [programs.postgres, "-D", self.data_dir, *arguments],
                prefix=prefix,
                death_signal=signal.SIGINT,
                output=log,
            )
        await self.prepare_database()

    async def create_cluster(self, programs: PostgresPrograms, prefix: list[str]) -> None:
        """Run initdb beside the final place, then rename: an interruption leaves no half cluster."""
        version_file = self.data_dir / "PG_VERSION"
        if version_file.exists():
            written_by = version_file.read_text().strip()
            if written_by != str(programs.major):
                raise StartRefused(
                    f"Les données de {self.data_dir} viennent de PostgreSQL {written_by}, or seul PostgreSQL "
                    f"{programs.major} est installé : indiquez un autre dossier avec ENTRAIDE_DATA_DIR."
                )
            return
        draft = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, self.data_owner(prefix), -1)
        command: list[str | Path] = [programs.initdb, "-D", draft, "-U", OWNER_ROLE]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        with open_log(self.log_path) as log:
            process = spawn(command, prefix=prefix, death_signal=signal.SIGKILL, output=log)
            try:
                status = await asyncio.to_thread(process.wait)
            finally:
                if process.poll() is None:
                    process.kill()
        if status != 0:
            raise StartRefused(f"La base n’a pas pu être créée ({self.log_path}) : {last_lines(self.log_path)}")
        draft.rename(self.data_dir)

    def data_owner(self, prefix: list[str]) -> int:
        return nobody_uid() if prefix == guise_prefix(Guise.NOBODY) else os.geteuid()

    async def wait_for_predecessor(self) -> None:
        """Let a server orphaned by a killed supervisor finish, and drop a lock file naming another program.

        The caller holds the instance lock, so whoever is left in the data directory is on its way out. After
        a container restarts, the recorded pid may be a stranger's, which PostgreSQL would take for its own.
        """
        lock_file = self.data_dir / "postmaster.pid"
        deadline = time.monotonic() + PREDECESSOR_PATIENCE_SECONDS
        while lock_file.exists():
            pid = lock_file.read_text().partition("\n")[0].strip()
            if not works_in(pid, self.data_dir):
                lock_file.unlink(missing_ok=True)
            elif time.monotonic() > deadline:
                raise StartRefused(f"Un autre PostgreSQL (processus {pid}) utilise encore {self.data_dir}.")
            else:
                await asyncio.sleep(0.05)

    async def prepare_database(self) -> None:
        connection = await self.first_connection()
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APPLICATION_ROLE):
                await connection.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def first_connection(self) -> asyncpg.Connection:
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while True:
            try:
                return await asyncpg.connect(
                    host=str(self.runtime_dir), port=5432, user=OWNER_ROLE, database="postgres", timeout=10
                )
            except (OSError, asyncpg.CannotConnectNowError, TimeoutError) as error:
                gone = self.process is None or self.process.poll() is not None
                if gone or time.monotonic() > deadline:
                    await self.stop()
                    raise StartRefused(
                        f"PostgreSQL n’a pas démarré ({self.log_path}) : {last_lines(self.log_path)}"
                    ) from error
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, committed ones stay."""
        if self.process is not None:
            await stop_process(self.process, signal.SIGINT, patience_seconds=15)
            self.process = None

    def move_within_reach_of_nobody(self, programs: PostgresPrograms) -> PostgresPrograms:
        """Give `nobody` programs, data and a socket directory that it can reach, under `shared_dir`.

        A home in mode 700 hides the environment, and the data directory itself is private to root.
        """
        prefix = guise_prefix(Guise.NOBODY)
        uid = nobody_uid()
        self.shared_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not runs([*prefix, programs.postgres, "--version"]):
            programs = copy_programs(programs, self.shared_dir / f"postgresql-{programs.major}")
        identity = self.runtime_dir.name
        self.data_dir = self.shared_dir / identity / "postgres"
        self.data_dir.parent.mkdir(mode=0o755, exist_ok=True)
        sockets = self.shared_dir / f"{identity}-sockets"
        if not sockets.exists():
            sockets.mkdir(mode=0o700)
            os.chown(sockets, uid, -1)
        self.runtime_dir = claim_private_directory(sockets, uid)
        return programs


def works_in(pid: str, directory: Path) -> bool:
    """Whether that process has `directory` as its own; taken for granted where the system cannot tell."""
    if not Path("/proc/self/cwd").exists():
        return True
    here = Path("/proc", pid, "cwd")
    return pid.isdecimal() and here.exists() and here.resolve() == directory.resolve()


def copy_programs(programs: PostgresPrograms, destination: Path) -> PostgresPrograms:
    """Copy the whole bundle, then rename: a reader never sees half of it."""
    if not programs.bundle:
        raise StartRefused(f"Le compte « nobody » ne peut pas lire {programs.bin_dir} : corrigez ses droits.")
    inner = programs.bin_dir.relative_to(programs.bundle[0].parent)
    if not (destination / inner).exists():
        draft = destination.with_name(f"{destination.name}.{os.getpid()}")
        for directory in programs.bundle:
            shutil.copytree(directory, draft / directory.name, symlinks=True)
        draft.rename(destination)
    return PostgresPrograms(destination / inner, programs.major)
