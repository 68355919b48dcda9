"""`entraide demo`: servers, data, mail catcher and processes of the product, from start to clean stop."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from exchange.embedded.children import ProductProcess, Watch
from exchange.embedded.directories import claim_data_directory, runtime_directory, sole_instance
from exchange.embedded.errors import StartRefused
from exchange.embedded.launch import last_lines, open_log, spawn, stop_process
from exchange.embedded.mail_catcher import LOOPBACK, MailCatcher
from exchange.embedded.ports import make_sure_port_is_free, port_number
from exchange.embedded.postgres import EmbeddedPostgres
from exchange.embedded.running import announce, withdraw
from exchange.embedded.valkey import EmbeddedValkey, redis_answers
from exchange.embedded.welcome import DemoAccess, read_access, welcome
from exchange.settings import PROJECT_ROOT

HEALTH_PATIENCE_SECONDS = 90.0
PROGRESS_SECONDS = 4.0
# A stream that a browser keeps open must not hold the stop back.
GRACE_SECONDS = 1
Outcome = TypeVar("Outcome")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def tell(line: str) -> None:
    """Show a line; a terminal that is gone must not prevent a clean stop."""
    with suppress(OSError):
        click.echo(line)


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What one start of the demonstration must do."""

    host: str
    port: int
    mail_port: int
    data_dir: Path
    given: Mapping[str, str]
    """The addresses of servers that exist already: those are used, and none is started in their place."""
    without: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, without: frozenset[str] = frozenset()) -> "DemoPlan":
        env = os.environ
        names = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "SMTP_URL")
        return cls(
            host=env.get("ENTRAIDE_HOST", LOOPBACK),
            port=port_number(env.get("ENTRAIDE_PORT", "8000"), "ENTRAIDE_PORT"),
            mail_port=port_number(env.get("ENTRAIDE_MAIL_PORT", "8025"), "ENTRAIDE_MAIL_PORT"),
            data_dir=Path(env.get("ENTRAIDE_DATA_DIR", PROJECT_ROOT / "var")).absolute(),
            given={name: env[name] for name in names if env.get(name, "").strip()},
            without=without,
        )


def run_demo(plan: DemoPlan) -> None:
    """Run until a signal asks for the end; raises StartRefused when the demonstration cannot start."""
    claim_data_directory(plan.data_dir)
    with sole_instance(plan.data_dir):
        if "serve" not in plan.without:
            make_sure_port_is_free(plan.host, plan.port, "ENTRAIDE_PORT")
        if "SMTP_URL" not in plan.given:
            make_sure_port_is_free(LOOPBACK, plan.mail_port, "ENTRAIDE_MAIL_PORT")
        asyncio.run(live_until_told(plan))


async def live_until_told(plan: DemoPlan) -> None:
    told = asyncio.Event()
    for stop_signal in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(stop_signal, told.set)
    demonstration = Demonstration(plan)
    life = asyncio.create_task(demonstration.live())
    order = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({life, order}, return_when=asyncio.FIRST_COMPLETED)
        if told.is_set():
            tell("\nArrêt en cours…")
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
    finally:
        order.cancel()
        await demonstration.stop()
    tell(f"Tout est arrêté. Les données restent dans {plan.data_dir}.")


@dataclass
class Demonstration:
    """Everything that one demonstration started, in the order in which it must stop."""

    plan: DemoPlan
    environment: dict[str, str] = field(default_factory=dict)
    sockets: Path | None = None
    postgres: EmbeddedPostgres | None = None
    valkey: EmbeddedValkey | None = None
    catcher: MailCatcher | None = None
    preparation: subprocess.Popen[bytes] | None = None
    products: dict[str, ProductProcess] = field(default_factory=dict)

    async def live(self) -> None:
        """Start everything, greet, then keep it alive."""
        started_at = time.monotonic()
        await timed("Serveurs PostgreSQL, Valkey et courriel", self.start_servers())
        access = await timed("Schéma et données de démonstration", self.prepare_data())
        await timed("Application et travaux de fond", self.start_products())
        announce(self.plan.data_dir, self.environment)
        seconds = time.monotonic() - started_at
        tell(welcome(access, self.site_url, self.catcher.page_url if self.catcher else None, seconds))
        watches = [
            Watch(label, server, tell)
            for label, server in (
                ("PostgreSQL", self.postgres),
                ("Valkey", self.valkey),
                ("Application", self.products.get("serve")),
                ("Travaux de fond", self.products.get("worker")),
            )
            if server is not None
        ]
        while True:
            await asyncio.sleep(0.25)
            for watch in watches:
                await watch.look()

    @property
    def site_url(self) -> str:
        reachable = LOOPBACK if self.plan.host in ("0.0.0.0", "::") else self.plan.host  # noqa: S104
        return f"http://{reachable}:{self.plan.port}/"

    async def start_servers(self) -> None:
        plan = self.plan
        self.environment = {
            "ENTRAIDE_HOST": plan.host,
            "ENTRAIDE_PORT": str(plan.port),
            "ENTRAIDE_DATA_DIR": str(plan.data_dir),
            **plan.given,
        }
        sockets = self.sockets = runtime_directory(plan.data_dir)
        starts: list[Awaitable[None]] = []
        if "DATABASE_URL" not in plan.given:
            self.postgres = EmbeddedPostgres(plan.data_dir / "postgres", sockets)
            starts.append(self.postgres.start())
        if "REDIS_URL" not in plan.given:
            self.valkey = EmbeddedValkey(plan.data_dir / "valkey", sockets)
            starts.append(self.valkey.start())
        if "SMTP_URL" not in plan.given:
            self.catcher = MailCatcher(plan.data_dir / "mails", plan.mail_port)
            starts.append(self.catcher.start())
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        if self.postgres is not None:
            self.environment["DATABASE_URL"] = self.postgres.app_url
            self.environment["OWNER_DATABASE_URL"] = self.postgres.owner_url
        if self.valkey is not None:
            self.environment["REDIS_URL"] = self.valkey.url
        if self.catcher is not None:
            self.environment["SMTP_URL"] = self.catcher.smtp_url
        if "REDIS_URL" in plan.given and not await redis_answers(plan.given["REDIS_URL"]):
            tell("  Attention : REDIS_URL ne répond pas. Rien ne se perd, mais pages et travaux suivront avec retard.")

    async def prepare_data(self) -> DemoAccess:
        """Migrate and load in a child, so that its memory goes back; it leaves the demo accounts in a file."""
        log_path = self.plan.data_dir / "preparation.log"
        access_path = self.plan.data_dir / "accounts.json"
        with open_log(log_path) as log:
            self.preparation = spawn(
                [sys.executable, "-m", "exchange.embedded.preparation", str(access_path)],
                death_signal=signal.SIGKILL,
                output=log,
                environment={**os.environ, **self.environment},
            )
        status = await asyncio.to_thread(self.preparation.wait)
        access = read_access(access_path)
        if status != 0 or access is None:
            reason = last_lines(log_path, 1)
            raise StartRefused(f"Les données n’ont pas pu être préparées ({log_path}) : {reason}")
        return access

    async def start_products(self) -> None:
        arguments = {"serve": ["serve", "--grace-seconds", str(GRACE_SECONDS)], "worker": ["worker"]}
        # An orphaned server would keep the port from the next start; a worker still has children of its own to end.
        death_signals = {"serve": signal.SIGKILL, "worker": signal.SIGTERM}
        for name in sorted(arguments.keys() - self.plan.without):
            self.products[name] = ProductProcess(
                arguments[name],
                environment=self.environment,
                log_path=self.plan.data_dir / f"{name}.log",
                death_signal=death_signals[name],
                patience_seconds=GRACE_SECONDS + 1.0,
            )
            await self.products[name].start()
        if "serve" in self.products:
            await self.wait_for_health(self.products["serve"])

    async def wait_for_health(self, serve: ProductProcess) -> None:
        deadline = time.monotonic() + HEALTH_PATIENCE_SECONDS
        host = self.site_url.removeprefix("http://").rpartition(":")[0]
        while not await answers(host, self.plan.port, "/sante"):
            dead = serve.process is None or serve.process.poll() is not None
            if dead or time.monotonic() > deadline:
                raise StartRefused(
                    f"L’application n’a pas démarré ({serve.log_path}) : {last_lines(serve.log_path, 1)}"
                )
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Product first, then what it talks to."""
        withdraw(self.plan.data_dir)
        if self.preparation is not None:
            await stop_process(self.preparation, signal.SIGTERM, patience_seconds=1)
        await asyncio.gather(*(product.stop() for product in self.products.values()))
        servers = [server for server in (self.catcher, self.valkey, self.postgres) if server is not None]
        await asyncio.gather(*(server.stop() for server in servers))
        if self.sockets is not None:
            with suppress(OSError):  # a killed server left its socket: the next start will use the directory again
                self.sockets.rmdir()


async def answers(host: str, port: int, path: str) -> bool:
    """Whether the address answers 200."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        return b" 200 " in await asyncio.wait_for(reader.readline(), 10)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


async def timed(label: str, step: Awaitable[Outcome]) -> Outcome:
    """Announce a step, show that a long one goes on, then tell how long it took."""
    tell(f"• {label}…")
    started_at = time.monotonic()
    running = asyncio.ensure_future(step)
    try:
        while not (await asyncio.wait({running}, timeout=PROGRESS_SECONDS))[0]:
            tell(f"  en cours depuis {time.monotonic() - started_at:.0f} s…")
    finally:
        running.cancel()
    result = await running
    seconds = f"{time.monotonic() - started_at:.1f}".replace(".", ",")
    tell(f"  prêt en {seconds} s")
    return result
