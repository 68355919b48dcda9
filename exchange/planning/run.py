"""One run of a lane: lease what is due, snapshot, solve outside any transaction, put forward what still holds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.matching.errors import ProblemInvalid
from exchange.matching.files import problem_to_json
from exchange.planning.demand import Run, begin_run, give_demand_back, holds_lane
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.ports import Solution, Solver, SolverStopped
from exchange.planning.record import Recorded, keep_problem, record_backups, record_plan
from exchange.planning.snapshot import Snapshot, snapshot_of
from exchange.planning.stopwatch import Stopwatch
from exchange.planning.troubles import WORKER_STOPPED
from exchange.reference.ports import TravelTimes

WATCH_SECONDS = 1.0
"""Between two looks at whether a run in course still holds its lane; most are over before the first."""

GIVE_BACK_SECONDS = 0.7
"""At a stop of the worker: enough to hand the demand to the next one, not enough to hold the stop back."""

_log = structlog.get_logger(__name__)


class RunEnd(StrEnum):
    """How a call ended. `idle`: nothing was due, or another run holds the lane and will look again when it ends."""

    IDLE = "idle"
    RECORDED = "recorded"
    OVERTAKEN = "overtaken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """`placements` and `loans` count the new proposals of rank 1."""

    end: RunEnd
    run_id: UUID | None = None
    placements: int = 0
    loans: int = 0


async def run_lane(db: Database, community_id: UUID, lane: Lane, solver: Solver, travel: TravelTimes) -> RunOutcome:
    """Run a lane once for a community; a second call meanwhile is idle.

    The snapshot is taken after the lease, so that no demand is missed. Whatever fails, the demand is given back with
    the reason and comes due again; nothing raises but cancellation.
    """
    watch = Stopwatch()
    with watch.part("lease"):
        async with db.write(community_id) as tx:
            run = await begin_run(tx, lane, now_of(tx))
    if run is None:
        return RunOutcome(RunEnd.IDLE)
    try:
        snapshot, solution, recorded = await _solve_and_record(db, community_id, run, solver, travel, watch)
    except _Overtaken:
        return RunOutcome(RunEnd.OVERTAKEN, run.run_id)
    except SolverStopped as stopped:
        return await _give_back(db, community_id, run, stopped.code)
    except ProblemInvalid as refusal:
        return await _give_back(db, community_id, run, f"refused: {refusal.key}")
    except asyncio.CancelledError:
        async with asyncio.timeout(GIVE_BACK_SECONDS):
            await _give_back(db, community_id, run, WORKER_STOPPED)
        raise
    except Exception as error:  # noqa: BLE001  # any defect: the demand must come back, and somebody must read of it
        _log.error("run_defect", lane=lane.value, run=str(run.run_id), error=type(error).__name__, exc_info=True)
        return await _give_back(db, community_id, run, type(error).__name__)
    if recorded is None:
        return RunOutcome(RunEnd.OVERTAKEN, run.run_id)
    _log.info(
        "run_recorded",
        lane=lane.value,
        run=str(run.run_id),
        status=solution.plan.status.value,
        placements=recorded.placements,
        loans=recorded.loans,
        milliseconds=watch.milliseconds,
    )
    await _record_backups(db, community_id, run, snapshot, solution)
    return RunOutcome(RunEnd.RECORDED, run.run_id, recorded.placements, recorded.loans)


async def drain_lane(
    db: Database, community_id: UUID, lane: Lane, solver: Solver, travel: TravelTimes
) -> tuple[RunOutcome, ...]:
    """Run a lane until nothing is due: what came due during a run found the lane held, and waits for its end."""
    outcomes: list[RunOutcome] = []
    while True:
        outcome = await run_lane(db, community_id, lane, solver, travel)
        outcomes.append(outcome)
        if outcome.end in (RunEnd.IDLE, RunEnd.FAILED):
            return tuple(outcomes)


async def _solve_and_record(
    db: Database, community_id: UUID, run: Run, solver: Solver, travel: TravelTimes, watch: Stopwatch
) -> tuple[Snapshot, Solution, Recorded | None]:
    with watch.part("load"):
        async with db.read(community_id, repeatable=True) as reader:
            ground = await load_ground(reader, community_id)
    with watch.part("build"):
        matrix = await travel.minutes_between(ground.places, ground.places, ground.at)
        snapshot = snapshot_of(ground, matrix, run.lane, run.run_id)
    keeping = asyncio.create_task(_keep_problem(db, community_id, run, snapshot))
    try:
        with watch.part("solve"):
            solution = await _watched(db, community_id, run, solver.solve(snapshot.request))
    finally:
        # Also where no plan comes back: the file of a problem that stops the solver is what its report needs.
        await keeping
    watch.milliseconds["solver"] = round(1000 * solution.plan.solver.wall_seconds)
    with watch.part("record"):
        async with db.write(community_id) as tx:
            recorded = await record_plan(tx, run, snapshot, solution, now_of(tx))
    return snapshot, solution, recorded


class _Overtaken(Exception):
    """Somebody cancelled the run, or another worker took its lane over: its plan would not be recorded."""


async def _watched(db: Database, community_id: UUID, run: Run, solve: Coroutine[Any, Any, Solution]) -> Solution:
    """Solve as long as the run holds its lane; then kill the solve, as at any cancellation. Raises `_Overtaken`."""
    solving = asyncio.create_task(solve)
    try:
        while not (await asyncio.wait({solving}, timeout=WATCH_SECONDS))[0]:
            async with db.read(community_id) as reader:
                if not await holds_lane(reader, run):
                    raise _Overtaken
        return solving.result()
    finally:
        solving.cancel()
        await asyncio.wait({solving})


async def _keep_problem(db: Database, community_id: UUID, run: Run, snapshot: Snapshot) -> None:
    """Write the problem down while it is being solved: a quarter of a megabyte that nobody should wait for."""
    async with db.write(community_id) as tx:
        await keep_problem(tx, run, snapshot.ground.at, problem_to_json(snapshot.request.problem))


async def _record_backups(db: Database, community_id: UUID, run: Run, snapshot: Snapshot, solution: Solution) -> None:
    """Backups are nothing without rank 1, and cost nobody anything when missing: a failure is told, not retried."""
    try:
        async with db.write(community_id) as tx:
            await record_backups(tx, run, snapshot, solution, now_of(tx))
    except Exception as error:  # noqa: BLE001  # the next run records them
        _log.error("backups_defect", run=str(run.run_id), error=type(error).__name__, exc_info=True)


async def _give_back(db: Database, community_id: UUID, run: Run, code: str) -> RunOutcome:
    _log.warning("run_failed", lane=run.lane.value, run=str(run.run_id), code=code)
    async with db.write(community_id) as tx:
        await give_demand_back(tx, Actor.system(community_id), run, code, now_of(tx))
    return RunOutcome(RunEnd.FAILED, run.run_id)
