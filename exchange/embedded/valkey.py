"""A private Valkey (or Redis) on a Unix socket. It holds nothing that PostgreSQL could not give back."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from exchange.embedded.binaries import find_valkey
from exchange.embedded.errors import StartRefused
from exchange.embedded.launch import last_lines, open_log, spawn, stop_process

START_PATIENCE_SECONDS = 20.0
PING_PATIENCE_SECONDS = 5.0


class EmbeddedValkey:
    """One server: files in `data_dir`, log beside it, socket in `runtime_dir` (mode 0700)."""

    def __init__(self, data_dir: Path, runtime_dir: Path) -> None:
        self.data_dir = data_dir
        self.socket = runtime_dir / "valkey.sock"
        self.log_path = data_dir.with_name("valkey.log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    async def start(self) -> None:
        """Start and wait for an answer; raises StartRefused. Call on the main thread (see `spawn`)."""
        program = find_valkey()
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.data_dir),
            "--appendonly": "yes",
            "--save": "",
            "--maxmemory-policy": "noeviction",
            "--loglevel": "warning",
        }
        arguments = [part for option in options.items() for part in option]
        with open_log(self.log_path) as log:
            # Ending slowly, an orphan would unlink the socket of its successor: it dies at once instead.
            self.process = spawn([program, *arguments], death_signal=signal.SIGKILL, output=log)
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while not await self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                await self.stop()
                raise StartRefused(f"Valkey n’a pas démarré ({self.log_path}) : {last_lines(self.log_path)}")
            await asyncio.sleep(0.02)

    async def answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return (await asyncio.wait_for(reader.readline(), 5)).startswith(b"+PONG")
        except OSError:
            return False
        finally:
            writer.close()

    async def stop(self) -> None:
        if self.process is not None:
            await stop_process(self.process, signal.SIGTERM, patience_seconds=5)
            self.process = None


async def redis_answers(url: str) -> bool:
    """Whether a server that somebody else started answers at this address; an unreadable address does not."""
    try:
        async with asyncio.timeout(PING_PATIENCE_SECONDS), Redis.from_url(url) as client:
            await client.ping()
    except (RedisError, OSError, TimeoutError, ValueError):
        return False
    return True
