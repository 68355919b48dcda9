"""The whole product as processes: server, worker, PostgreSQL, Valkey, SMTP; killed and restarted at will."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import uuid4

import httpx

from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def eventually(read: Callable[[], Awaitable[T | None]], what: str, *, within_seconds: float = 30.0) -> T:
    """Poll until `read` returns something true; fail with `what` was awaited."""
    deadline = time.monotonic() + within_seconds
    while True:
        found = await read()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"never seen within {within_seconds} s: {what}")
        await asyncio.sleep(0.05)


@dataclass
class Stage:
    """One running exchange, as its operator would see it."""

    database: FreshDatabase
    redis_url: str
    sink: SmtpSink
    logs: Path
    module: tuple[str, ...] = ("exchange.cli",)
    """What `python -m` runs, with its first arguments."""
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    open_logs: list[IO[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start `serve` or `worker`."""
        log = (self.logs / f"{name}-{uuid4().hex[:6]}.log").open("wb")
        self.open_logs.append(log)
        environment = {
            **os.environ,
            "DATABASE_URL": self.database.app_url,
            "OWNER_DATABASE_URL": self.database.owner_url,
            "REDIS_URL": self.redis_url,
            "SMTP_URL": self.sink.url,
            "ENTRAIDE_PORT": str(self.port),
            "ENTRAIDE_PUBLIC_URL": self.url,
            "ENTRAIDE_DATA_DIR": str(self.logs),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        process = subprocess.Popen(
            [sys.executable, "-m", *self.module, name],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """Kill a process and its children without a word, as the kernel would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Stop what still runs, politely, then not."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()
        for log in self.open_logs:
            log.close()

    async def answers(self) -> None:
        """Wait until the server says that it is well."""

        async def healthy() -> bool | None:
            async with httpx.AsyncClient(base_url=self.url) as client:
                try:
                    return (await client.get("/sante")).status_code == 200
                except httpx.TransportError:
                    return None

        await eventually(healthy, "the health page", within_seconds=60)

    def told(self) -> str:
        """Return what the processes wrote, for the message of a failed assertion."""
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.logs.glob("*.log")))


@asynccontextmanager
async def running_stage(database: FreshDatabase, redis_url: str, sink: SmtpSink, logs: Path) -> AsyncIterator[Stage]:
    """Start server and worker, wait until the server answers, and leave nothing behind."""
    stage = Stage(database, redis_url, sink, logs)
    try:
        stage.start("serve")
        stage.start("worker")
        await stage.answers()
        yield stage
    finally:
        stage.stop()


@dataclass
class Caller:
    """One person with a token, calling the API as `curl` would."""

    client: httpx.AsyncClient

    async def get(self, path: str, **query: str) -> Any:
        reply = await self.client.get(f"/api/v1{path}", params=query)
        assert reply.status_code == 200, f"GET {path}: {reply.status_code} {reply.text}"
        return reply.json()

    async def post(self, path: str, body: dict[str, Any] | None = None, *, expect: int | None = None) -> Any:
        reply = await self.client.post(f"/api/v1{path}", json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        if expect is None:
            assert reply.status_code in (200, 201), f"POST {path}: {reply.status_code} {reply.text}"
        else:
            assert reply.status_code == expect, f"POST {path}: {reply.status_code} {reply.text}"
        return reply.json()


@asynccontextmanager
async def caller(stage: Stage, token: str) -> AsyncIterator[Caller]:
    """Open a client that carries a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=stage.url, headers=headers, timeout=20) as client:
        yield Caller(client)
