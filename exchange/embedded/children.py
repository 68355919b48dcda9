"""The processes of the product under the supervisor: started, watched, started again when they die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exchange.embedded.errors import StartRefused
from exchange.embedded.launch import open_log, spawn, stop_process

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 15.0
SOUND_LIFE_SECONDS = 30.0


class Server(Protocol):
    """Anything that is a process to keep alive."""

    process: subprocess.Popen[bytes] | None

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ProductProcess:
    """`entraide serve` or `entraide worker` as a child, its output in `log_path`."""

    def __init__(
        self,
        arguments: list[str],
        *,
        environment: Mapping[str, str],
        log_path: Path,
        death_signal: signal.Signals,
        patience_seconds: float,
    ) -> None:
        self.arguments = arguments
        self.environment = environment
        self.log_path = log_path
        self.death_signal = death_signal
        self.patience_seconds = patience_seconds
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with open_log(self.log_path) as log:
            self.process = spawn(
                [sys.executable, "-m", "exchange.cli", *self.arguments],
                death_signal=self.death_signal,
                output=log,
                environment={**os.environ, **self.environment},
            )

    async def stop(self) -> None:
        if self.process is not None:
            await stop_process(self.process, signal.SIGTERM, patience_seconds=self.patience_seconds)


@dataclass
class Watch:
    """Restarts one server each time it dies, waiting longer while its lives stay short."""

    label: str
    server: Server
    tell: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    started_at: float = field(init=False)
    delay_seconds: float = field(default=FIRST_DELAY_SECONDS, init=False)
    due_at: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.started_at = self.now()

    async def look(self) -> None:
        """Notice a death, or start again when the delay has passed. Call it a few times per second."""
        process = self.server.process
        if self.due_at is not None:
            if self.now() >= self.due_at:
                await self.start_again()
        elif process is not None and process.poll() is not None:
            if self.now() - self.started_at > SOUND_LIFE_SECONDS:
                self.delay_seconds = FIRST_DELAY_SECONDS
            self.plan_restart(f"arrêt inattendu (code {process.returncode})")

    async def start_again(self) -> None:
        self.due_at = None
        self.started_at = self.now()
        try:
            await self.server.start()
        except StartRefused as refusal:
            self.plan_restart(str(refusal))

    def plan_restart(self, reason: str) -> None:
        delay = f"{self.delay_seconds:.1f}".replace(".", ",")
        self.tell(f"{self.label} : {reason} ; nouvel essai dans {delay} s.")
        self.due_at = self.now() + self.delay_seconds
        self.delay_seconds = min(2 * self.delay_seconds, LONGEST_DELAY_SECONDS)
