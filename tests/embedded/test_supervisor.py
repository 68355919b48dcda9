"""The one command, as a person starts and stops it: the real processes, on data and ports of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from exchange.embedded.directories import runtime_directory_path
from exchange.embedded.valkey import EmbeddedValkey
from exchange.settings import PROJECT_ROOT

START_PATIENCE_SECONDS = 90
STOP_PATIENCE_SECONDS = 10


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Demo:
    """A started demonstration: its process, what it printed before its last line of welcome, its addresses."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    welcome: str
    descendants: list[psutil.Process]

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.environment['ENTRAIDE_PORT']}"

    @property
    def password(self) -> str:
        found = re.search(r"mot de passe : (\S+)\)", self.welcome)
        assert found, self.welcome
        return found[1]

    def programs(self) -> set[str]:
        """What runs under the supervisor, by the name of the program or of the command."""
        names = set()
        for process in psutil.Process(self.process.pid).children():
            line = process.cmdline()
            # Valkey rewrites its command line: its first word is still its program.
            names.add(line[3] if "exchange.cli" in line else Path(line[0].split()[0]).name)
        return names

    def stop(self, with_signal: signal.Signals) -> float:
        """Ask for the end, check that it is a clean one, and return the seconds that it took."""
        started_at = time.monotonic()
        self.process.send_signal(with_signal)
        status = self.process.wait(STOP_PATIENCE_SECONDS)
        seconds = time.monotonic() - started_at
        assert status == 0
        assert [process for process in self.descendants if process.is_running()] == []
        assert not runtime_directory_path(Path(self.environment["ENTRAIDE_DATA_DIR"])).exists()
        return seconds


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "exchange.cli", *arguments]


def demo_environment(data_dir: Path, **given: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    ports = {"ENTRAIDE_PORT": str(free_port()), "ENTRAIDE_MAIL_PORT": str(free_port())}
    return {**inherited, **ports, "ENTRAIDE_DATA_DIR": str(data_dir), **given}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def started_demo(environment: dict[str, str]) -> Iterator[Demo]:
    with subprocess.Popen(
        command("demo"), cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        welcome = "".join(lines)
        assert process.poll() is None, welcome
        demo = Demo(process, environment, welcome, psutil.Process(process.pid).children(recursive=True))
        try:
            yield demo
        finally:
            if process.poll() is None:
                process.terminate()
            process.stdout.close()


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Data that the tests of this module share: the first start fills them, the others find them."""
    with tempfile.TemporaryDirectory(prefix="ent-demo-", dir="/tmp") as directory:
        yield Path(directory) / "var"


@pytest.fixture
def demo(data_dir: Path) -> Iterator[Demo]:
    with started_demo(demo_environment(data_dir)) as demo:
        yield demo


def answers(address: str) -> bool:
    try:
        return status_of(address) == 200
    except OSError:
        return False


def status_of(address: str) -> int:
    with urlopen(address, timeout=10) as response:
        return int(response.status)


def test_one_command_gives_a_usable_exchange_and_ctrl_c_ends_it_all(demo: Demo) -> None:
    assert demo.programs() == {"postgres", "valkey-server", "serve", "worker"}
    assert status_of(demo.site + "/sante") == 200
    assert status_of(f"http://127.0.0.1:{demo.environment['ENTRAIDE_MAIL_PORT']}/") == 200
    assert demo.site in demo.welcome
    assert "coordination@demo.invalid" in demo.welcome

    second = run(demo.environment, "demo")
    assert second.returncode == 1
    assert second.stderr.startswith("Erreur : Une démonstration utilise déjà les données")
    assert second.stderr.count("\n") == 1
    assert status_of(demo.site + "/sante") == 200, "the refused instance harmed the first"

    assert demo.stop(signal.SIGINT) < 5


def test_command_in_another_terminal_finds_the_running_demo(demo: Demo) -> None:
    created = run(demo.environment, "token", "create", "--email", "coordination@demo.invalid")
    assert created.returncode == 0, created.stderr
    assert re.fullmatch(r"\S{20,}\n", created.stdout)
    unknown = run(demo.environment, "token", "create", "--email", "personne@demo.invalid")
    assert unknown.returncode == 1
    assert unknown.stderr == "Erreur : Aucun compte actif n’a l’adresse personne@demo.invalid.\n"

    demo.stop(signal.SIGTERM)
    orphaned = run(demo.environment, "token", "create", "--email", "coordination@demo.invalid")
    assert "DATABASE_URL" in orphaned.stderr, "the addresses go with the demo"


def test_dead_process_is_replaced(demo: Demo) -> None:
    serve = next(process for process in demo.descendants if "serve" in process.cmdline())
    serve.kill()
    serve.wait(5)
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while not answers(demo.site + "/sante"):
        assert time.monotonic() < deadline, "nothing replaced the killed process"
        time.sleep(0.1)
    demo.stop(signal.SIGHUP)


def test_killed_supervisor_leaves_nothing_behind_and_the_next_start_works(data_dir: Path) -> None:
    environment = demo_environment(data_dir)
    with started_demo(environment) as demo:
        demo.process.kill()
        demo.process.wait()
        _, alive = psutil.wait_procs(demo.descendants, timeout=STOP_PATIENCE_SECONDS)
        assert alive == []
    with started_demo(environment) as again:
        assert again.password == demo.password, "later starts show the password that the first one drew"
        again.stop(signal.SIGINT)


@pytest.mark.parametrize("variable", ["ENTRAIDE_PORT", "ENTRAIDE_MAIL_PORT"])
def test_port_in_use_is_refused_before_anything_starts(place: Path, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run(demo_environment(place / "var", **{variable: str(port)}), "demo")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"Erreur : Le port {port} est déjà utilisé")
    assert [path.name for path in (place / "var").iterdir()] == ["instance.lock"]


async def test_given_servers_are_used_and_none_is_started(
    valkey_server: EmbeddedValkey, empty_database_url: str, place: Path
) -> None:
    environment = demo_environment(
        place / "var",
        DATABASE_URL=empty_database_url,
        OWNER_DATABASE_URL=empty_database_url,
        REDIS_URL=valkey_server.url,
    )
    with started_demo(environment) as demo:
        assert demo.programs() == {"serve", "worker"}
        assert not (place / "var" / "postgres").exists()
        demo.stop(signal.SIGINT)
    assert await valkey_server.answers()


def test_silent_given_database_is_told_in_one_sentence(place: Path) -> None:
    nowhere = f"postgresql://entraide@127.0.0.1:{free_port()}/entraide"
    outcome = run(demo_environment(place / "var", DATABASE_URL=nowhere, REDIS_URL="redis://127.0.0.1:1"), "demo")
    assert outcome.returncode == 1
    assert "127.0.0.1" in outcome.stderr
    assert "ne répond pas" in outcome.stderr
    assert "Traceback" not in outcome.stderr
