"""Real worker processes, killed or left without Redis at the worst moments: the exact set of letters arrives."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from exchange.embedded.valkey import EmbeddedValkey
from exchange.planning.models import MatchRun
from tests.servers import running_valkey
from tests.workers.workshop import Workshop

CLEAN_STOP_SECONDS = 1.5


@asynccontextmanager
async def own_valkey() -> AsyncIterator[EmbeddedValkey]:
    """A Valkey that a test may kill and empty."""
    with tempfile.TemporaryDirectory(prefix="ent-", dir="/tmp") as directory:
        async with running_valkey(Path(directory), Path(directory)) as valkey:
            yield valkey


async def kill_and_empty(valkey: EmbeddedValkey) -> None:
    assert valkey.process is not None
    valkey.process.kill()
    await asyncio.to_thread(valkey.process.wait)
    shutil.rmtree(valkey.data_dir)


async def stopped(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, 30)


async def test_worker_killed_after_the_commit_and_before_the_relay(workshop: Workshop, redis_url: str) -> None:
    worker = workshop.start_worker(redis_url)
    await workshop.hold()
    await workshop.all_told(1)
    worker.send_signal(signal.SIGSTOP)
    for _ in range(3):
        await workshop.hold()
    worker.kill()
    await stopped(worker)
    assert len(workshop.sink.received) == 2
    workshop.start_worker(redis_url)
    await workshop.all_told(4)


async def test_worker_killed_during_smtp_data(workshop: Workshop, redis_url: str) -> None:
    workshop.sink.hold_at_data()
    worker = workshop.start_worker(redis_url)
    for _ in range(3):
        await workshop.hold()
    assert await asyncio.to_thread(workshop.sink.data_reached.wait, 30)
    worker.kill()
    await stopped(worker)
    workshop.sink.release()
    started = time.monotonic()
    workshop.start_worker(redis_url)
    await workshop.all_told(3)
    assert time.monotonic() - started < 60


async def test_redis_killed_and_emptied_in_the_middle(workshop: Workshop) -> None:
    async with own_valkey() as valkey:
        workshop.start_worker(valkey.url)
        for _ in range(3):
            await workshop.hold()
        await kill_and_empty(valkey)
        for _ in range(3):
            await workshop.hold()
        await valkey.start()
        for _ in range(3):
            await workshop.hold()
        await workshop.all_told(9)
        assert {mail.message_id for mail in workshop.sink.received} == await workshop.message_ids(state="sent")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_that_has_solved_stops_at_once_and_leaves_nobody_behind(
    workshop: Workshop, redis_url: str, number: signal.Signals
) -> None:
    worker = workshop.start_worker(redis_url)
    await workshop.hold()
    await workshop.all_told(1)
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        runs = select(MatchRun.id).where(MatchRun.state == "recorded")
        deadline = time.monotonic() + 20
        while not (await reader.scalars(runs)).first():
            assert time.monotonic() < deadline, "no run was recorded"
            await asyncio.sleep(0.1)
    children = psutil.Process(worker.pid).children(recursive=True)
    assert children, "the solver runs in a child"
    asked = time.monotonic()
    worker.send_signal(number)
    status = await stopped(worker)
    took = time.monotonic() - asked
    assert status == 0, (workshop.logs / "worker-0.log").read_text()[-2000:]
    assert took < CLEAN_STOP_SECONDS
    gone, alive = psutil.wait_procs(children, timeout=2)
    assert (len(gone), alive) == (len(children), [])


async def test_the_solver_ends_with_a_worker_that_is_killed(workshop: Workshop, redis_url: str) -> None:
    worker = workshop.start_worker(redis_url)
    await workshop.hold()
    await workshop.all_told(1)
    children = psutil.Process(worker.pid).children(recursive=True)
    assert children
    worker.kill()
    await stopped(worker)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
