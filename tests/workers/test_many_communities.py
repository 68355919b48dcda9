"""Two real workers plan several communities at once; the one whose solve dies each time harms nobody else."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import time
from uuid import UUID

import psutil

from exchange.planning.lanes import Lane
from exchange.planning.solver_process import CHILD_PROGRAM
from exchange.reactions import reactions
from tests.factories.ground import database_of
from tests.factories.situations import a_situation
from tests.stage import eventually
from tests.workers.communities import Planned, a_laborious_community, an_easy_community
from tests.workers.workshop import Workshop

LANES = {lane.value for lane in Lane}
SHORT_SECONDS = 2.0
"""An easy solve takes a tenth of that: what lasts longer is the laborious one."""


def long_solves(workers: list[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    """The forks that have been solving for longer than an easy community's ever do."""
    found = []
    for worker in workers:
        for program in psutil.Process(worker.pid).children():
            if CHILD_PROGRAM in program.cmdline():
                found += [fork for fork in program.children() if time.time() - fork.create_time() > SHORT_SECONDS]
    return found


async def killing(workers: list[subprocess.Popen[bytes]]) -> None:
    """What the kernel does to whoever takes too much memory, for ever."""
    while True:
        for fork in long_solves(workers):
            try:
                fork.kill()
            except psutil.NoSuchProcess:
                continue
        await asyncio.sleep(0.05)


async def test_a_community_whose_solve_is_killed_each_time_harms_no_other(workshop: Workshop, redis_url: str) -> None:
    db = database_of(workshop.database, reactions)
    others = [await an_easy_community(db, f"Communauté {number}") for number in range(4)]
    workers = [workshop.start_worker(redis_url) for _ in range(2)]

    async def others_planned() -> bool:
        return all([{run.lane for run in await other.runs() if run.state == "recorded"} == LANES for other in others])

    await eventually(others_planned, "both lanes of four communities", within_seconds=60)
    kills = asyncio.create_task(killing(workers))
    try:
        poisoned = await a_laborious_community(db, "La laborieuse")

        async def is_at_work() -> bool:
            return bool(long_solves(workers)) or await poisoned.has_run("failed")

        await eventually(is_at_work, "the laborious solve", within_seconds=30)
        newcomers = [await one_more(other) for other in others]

        async def newcomers_answered() -> bool:
            answered = {line.situation_id for other in others for line in await other.proposals()}
            return answered.issuperset(newcomers)

        await eventually(newcomers_answered, "an answer in every other community", within_seconds=30)

        async def failed_twice() -> bool:
            return await poisoned.has_run("failed", times=2)

        await eventually(failed_twice, "two failures", within_seconds=30)
        assert {run.failed_with for run in await poisoned.runs() if run.state == "failed"} == {"crashed"}
        assert not await poisoned.has_run("recorded")
        assert not any([await other.has_run("failed") for other in others])
    finally:
        kills.cancel()
        await asyncio.gather(kills, return_exceptions=True)
    assert [worker.poll() for worker in workers] == [None, None]

    async def recovered() -> bool:
        return await poisoned.has_run("recorded")

    await eventually(recovered, "a run of the laborious one, once nobody kills it", within_seconds=60)
    for community in (poisoned, *others):
        assert_one_at_a_time(await community_runs(community))


async def one_more(community: Planned) -> UUID:
    async with community.db.write(community.community_id) as tx:
        return (await a_situation(tx)).id


async def community_runs(community: Planned) -> list[tuple[Lane, float, float]]:
    return [
        (Lane(run.lane), run.started_at.timestamp(), (run.recorded_at or run.lease_until).timestamp())
        for run in await community.runs()
        if run.state != "solving"
    ]


def assert_one_at_a_time(runs: list[tuple[Lane, float, float]]) -> None:
    """No two runs of a lane overlap, whichever worker made them."""
    for lane in Lane:
        ours = [(began, ended) for each, began, ended in runs if each is lane]
        assert all(one[1] <= next_one[0] for one, next_one in itertools.pairwise(ours)), (lane, ours)


async def test_the_fast_lane_answers_at_once_and_moves_nobody_then_everything_is_solved_again(
    workshop: Workshop, redis_url: str
) -> None:
    db = database_of(workshop.database, reactions)
    community = await an_easy_community(db, "Communauté pressée")
    workshop.start_worker(redis_url)

    async def settled() -> bool:
        runs = await community.runs()
        return {run.lane for run in runs if run.state == "recorded"} == {"fast", "full"}

    await eventually(settled, "both lanes of the first person", within_seconds=60)
    (first,) = [each for each in await community.proposals() if each.rank == 1]
    known = {run.id for run in await community.runs()}
    newcomer = await one_more(community)

    async def answered() -> UUID | None:
        found = [each for each in await community.proposals() if each.situation_id == newcomer and each.rank == 1]
        return found[0].run_id if found else None

    by = await eventually(answered, "the newcomer's proposal", within_seconds=30)
    after = [run for run in await community.runs() if run.id not in known]
    assert [(run.id, run.lane) for run in after if run.state == "recorded"][:1] == [(by, "fast")]
    (kept,) = [each for each in await community.proposals() if each.id == first.id]
    assert (kept.state, kept.offer_id) == ("proposed", first.offer_id)

    async def solved_again() -> bool:
        return any(
            run.lane == "full" and run.state == "recorded" for run in await community.runs() if run.id not in known
        )

    await eventually(solved_again, "the full run that follows", within_seconds=15)
    assert {(each.id, each.state) for each in await community.proposals() if each.rank == 1} >= {(first.id, "proposed")}
