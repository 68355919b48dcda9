"""The worker's side of the solver: one preloaded child, restarted when it dies, never waited for without a limit."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import structlog

from exchange.matching.plan_files import plan_from_json
from exchange.matching.problem import PlacementLine
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.planning.solver_wire import LENGTH, Answer, Stop, Work, frame_of, packed
from exchange.settings import PROJECT_ROOT

CHILD_PROGRAM = "exchange.planning.solver_child"
GRACE_SECONDS = 3.0
"""Beyond the wall cap of a solve: the child itself kills the fork, so only a hung child is ever killed from here."""

_log = structlog.get_logger(__name__)


@dataclass
class _Child:
    """A running child, and who waits for which reply."""

    process: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    replies: asyncio.StreamReader
    waiting: dict[int, asyncio.Future[Answer]] = field(default_factory=dict)
    reading: asyncio.Task[None] | None = None


class SolverProcess:
    """Solves in forks of one preloaded child; at most `at_once` together, the others wait their turn."""

    def __init__(self, *, at_once: int = 4) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._child: _Child | None = None

    async def start(self) -> None:
        """Load the child ahead of the first problem: its imports take most of a second."""
        await self._running()

    async def solve(self, request: SolveRequest) -> Solution:
        """Return the checked plan of a problem. Raises `SolverStopped`."""
        async with self._turns:
            reply = await self._ask(request)
        if reply.failed:
            raise SolverStopped(reply.failed)
        return Solution(
            plan=plan_from_json(reply.plan),
            loosened_document=reply.loosened,
            plan_document=reply.plan,
            backups=tuple(
                (rank, PlacementLine(situation, block, offer)) for rank, situation, block, offer in reply.backups
            ),
        )

    async def close(self) -> None:
        """End the child and whatever it is solving."""
        child, self._child = self._child, None
        if child is not None:
            await _end(child)

    async def _ask(self, request: SolveRequest) -> Answer:
        child = await self._running()
        number = next(self._numbers)
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        child.waiting[number] = reply
        work = Work(
            id=number,
            problem=packed(request.problem),
            deterministic_time=request.limits.deterministic_time,
            wall_seconds=request.limits.wall_seconds,
            seed=request.limits.seed,
            promised_loans=request.promised_loans,
            promised_placements=request.promised_placements,
            kill_after_seconds=request.kill_after_seconds,
            niceness=request.niceness,
            memory_bytes=request.memory_bytes,
            items_with_ways=request.items_with_ways,
        )
        try:
            async with asyncio.timeout(request.kill_after_seconds + GRACE_SECONDS):
                child.requests.write(frame_of(work))
                await child.requests.drain()
                return await reply
        except asyncio.CancelledError:
            # Without this the fork would search on for nobody, and keep a core from those who wait.
            child.requests.write(frame_of(Stop(number)))
            raise
        except (TimeoutError, ConnectionError) as error:
            _log.error("solver_child_lost", error=type(error).__name__)
            if self._child is child:
                self._child = None
            await _end(child)
            raise SolverStopped("unreachable") from error
        finally:
            child.waiting.pop(number, None)

    async def _running(self) -> _Child:
        async with self._starting:
            if self._child is None or self._child.process.returncode is not None:
                self._child = await _launch()
            return self._child


async def _launch() -> _Child:
    # One thread per library: a fork keeps only the thread that forked, and solves already share two cores.
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT_ROOT), os.environ.get("PYTHONPATH", "")))),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        CHILD_PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the solver's child was started without pipes")
    child = _Child(process, process.stdin, process.stdout)
    child.reading = asyncio.create_task(_read(child))
    return child


async def _read(child: _Child) -> None:
    """Hand each reply to who waits for it; when the child ends, tell them all."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            (length,) = LENGTH.unpack(await child.replies.readexactly(LENGTH.size))
            reply = msgspec.json.decode(await child.replies.readexactly(length), type=Answer)
            waiting = child.waiting.get(reply.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(reply)
    for waiting in child.waiting.values():
        if not waiting.done():
            waiting.set_exception(ConnectionResetError("the solver's child ended"))


async def _end(child: _Child) -> None:
    child.requests.close()
    with contextlib.suppress(ProcessLookupError):
        child.process.kill()
    await child.process.wait()
    if child.reading is not None:
        await child.reading


@asynccontextmanager
async def running_solver(*, at_once: int = 4) -> AsyncIterator[SolverProcess]:
    """A solver for the length of a block, loaded on first use."""
    solver = SolverProcess(at_once=at_once)
    try:
        yield solver
    finally:
        await solver.close()
