"""A run in course is seen, and stopped by a coordinator: its solve is killed, its demand kept, its lane free."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import select

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.kernel.journals import Event, OutboxRow
from exchange.planning.commands import CANCELLED_FOR, cancel_run
from exchange.planning.errors import RunIsOver
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution, SolveRequest
from exchange.planning.progress import LaneView, Progress, lanes
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import CHILD_PROGRAM, SolverProcess
from tests.factories.availability import an_offer
from tests.factories.ground import a_community
from tests.factories.situations import a_situation, coordinating
from tests.integration.planning.territory import Territory, proposals, run
from tests.integration.planning.test_solver_process import hard
from tests.stage import eventually


@dataclass(slots=True)
class Laborious:
    """A real solver that is given a problem of many seconds in place of the one that was asked."""

    solver: SolverProcess

    async def solve(self, request: SolveRequest) -> Solution:
        long = replace(request.limits, deterministic_time=60.0, wall_seconds=60.0)
        return await self.solver.solve(replace(request, problem=hard(), limits=long, kill_after_seconds=60.0))


def forks() -> set[int]:
    """Solves in course, whoever asked for them."""
    programs = [child for child in psutil.Process().children() if CHILD_PROGRAM in child.cmdline()]
    return {fork.pid for program in programs for fork in program.children()}


async def one_asks(territory: Territory) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)


async def seen(territory: Territory, role: Role = Role.COORDINATOR) -> tuple[LaneView, LaneView]:
    async with territory.db.read(territory.community_id) as reader:
        fast, full = await lanes(reader, Actor(community_id=territory.community_id, role=role, via=Via.API))
    return fast, full


async def cancelled_by(territory: Territory, role: Role, view: LaneView) -> None:
    assert view.run_id is not None
    async with territory.db.write(territory.community_id) as tx:
        await cancel_run(tx, await coordinating(tx, role), view.run_id, now_of(tx))


async def solving(territory: Territory) -> LaneView:
    async def is_solving() -> LaneView | None:
        fast, _ = await seen(territory)
        return fast if fast.state is Progress.SOLVING and forks() else None

    return await eventually(is_solving, "a run in course")


async def test_a_cancelled_run_records_nothing_and_the_next_one_does(
    territory: Territory, solver: SolverProcess
) -> None:
    await one_asks(territory)
    before = forks()
    running = asyncio.create_task(run(territory, Lane.FAST, Laborious(solver)))
    view = await solving(territory)
    assert view.since is not None
    (ours,) = forks() - before
    await cancelled_by(territory, Role.COORDINATOR, view)
    assert await running is RunEnd.OVERTAKEN

    async def killed() -> bool:
        return not psutil.pid_exists(ours)

    await eventually(killed, "the end of the solve", within_seconds=5.0)
    async with territory.db.read(territory.community_id) as reader:
        (stopped,) = (await reader.scalars(select(MatchRun))).all()
        (asked,) = (await reader.scalars(select(OutboxRow).where(OutboxRow.gather_key == "fast"))).all()
        left = asked.due_at - now_of(reader)
        told = (await reader.scalars(select(Event.actor_role).where(Event.kind == "run_cancelled"))).all()
    assert (stopped.state, stopped.failed_with, told) == ("cancelled", None, ["coordinator"])
    assert (asked.done_at, asked.lease_until) == (None, None)
    assert CANCELLED_FOR - timedelta(minutes=1) < left <= CANCELLED_FOR
    assert await proposals(territory) == []
    assert (await seen(territory))[0].state is Progress.IDLE

    assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE, "what was cancelled waits"
    async with territory.db.write(territory.community_id) as tx:
        await a_situation(tx, urgency=1)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert len(await proposals(territory)) == 1


async def test_a_run_that_is_over_cannot_be_cancelled(territory: Territory, solver: SolverProcess) -> None:
    await one_asks(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        (over,) = (await tx.scalars(select(MatchRun.id))).all()
        with pytest.raises(RunIsOver):
            await cancel_run(tx, await coordinating(tx, Role.COORDINATOR), over, now_of(tx))


def all_roles_but(*allowed: Role) -> Iterable[Role]:
    return sorted(set(Role) - set(allowed))


async def test_only_a_coordinator_of_the_community_cancels(territory: Territory, solver: SolverProcess) -> None:
    await one_asks(territory)
    running = asyncio.create_task(run(territory, Lane.FAST, Laborious(solver)))
    view = await solving(territory)
    for role in all_roles_but(Role.COORDINATOR):
        with pytest.raises(ActForbidden):
            await cancelled_by(territory, role, view)
    elsewhere = Territory(territory.db, await a_community(territory.db), territory.facility_id)
    with pytest.raises(NotFound):
        await cancelled_by(elsewhere, Role.COORDINATOR, view)
    assert not running.done()
    await cancelled_by(territory, Role.COORDINATOR, view)
    assert await running is RunEnd.OVERTAKEN


async def test_progress_says_what_waits_and_is_for_those_who_coordinate(
    territory: Territory, solver: SolverProcess
) -> None:
    assert [view.state for view in await seen(territory)] == [Progress.IDLE, Progress.IDLE]
    await one_asks(territory)
    fast, full = await seen(territory)
    assert (fast.state, full.state) == (Progress.WAITING, Progress.IDLE), "the full lane gathers a little longer"
    await territory.due_now()
    assert (await seen(territory))[1].state is Progress.WAITING
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    fast, _ = await seen(territory, Role.PATHWAY_ADVISER)
    assert (fast.state, fast.failures, fast.run_id) == (Progress.IDLE, 0, None)
    assert fast.recorded_at is not None
    for role in all_roles_but(Role.COORDINATOR, Role.PATHWAY_ADVISER, Role.SYSTEM):
        with pytest.raises(ActForbidden):
            await seen(territory, role)
