"""A problem that stops the solver each time is tried less and less often, then no more, and people are told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden
from exchange.kernel.journals import Event, OutboxRow
from exchange.notifications.commands import fan_out
from exchange.notifications.models import Message
from exchange.planning.commands import ask_again
from exchange.planning.errors import SearchNotStopped
from exchange.planning.lanes import Lane
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.planning.progress import LaneView, Progress, lanes
from exchange.planning.run import RunEnd, drain_lane
from exchange.planning.solver_process import SolverProcess
from exchange.planning.troubles import DELAYS, MOST_FAILURES
from tests.factories.availability import an_offer
from tests.factories.ground import a_membership, ground
from tests.factories.situations import a_situation
from tests.integration.planning.territory import Territory, proposals, run


@dataclass(slots=True)
class Poisoned:
    """What the worker hears of a solve that takes all the memory it may have."""

    asked: list[SolveRequest] = field(default_factory=list)

    async def solve(self, request: SolveRequest) -> Solution:
        self.asked.append(request)
        raise SolverStopped("memory")


async def one_asks(territory: Territory) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await a_situation(tx)


async def fast_lane(territory: Territory) -> LaneView:
    async with territory.db.read(territory.community_id) as reader:
        fast, _ = await lanes(reader, Actor(community_id=territory.community_id, role=Role.COORDINATOR, via=Via.API))
    return fast


async def pauses(territory: Territory) -> list[timedelta]:
    """How far away each demand of the fast lane still to do is."""
    async with territory.db.read(territory.community_id) as reader:
        due = await reader.scalars(
            select(OutboxRow.due_at).where(OutboxRow.gather_key == "fast", OutboxRow.done_at.is_(None))
        )
        return [at - now_of(reader) for at in due]


async def stopped_lane(territory: Territory) -> Poisoned:
    """A lane that failed as often as it may."""
    solver = Poisoned()
    await one_asks(territory)
    for _ in range(MOST_FAILURES):
        await territory.due_now()
        assert await run(territory, Lane.FAST, solver) is RunEnd.FAILED
    return solver


async def test_each_failure_in_a_row_waits_longer(territory: Territory) -> None:
    await one_asks(territory)
    for planned in DELAYS:
        await territory.due_now()
        assert await run(territory, Lane.FAST, Poisoned()) is RunEnd.FAILED
        (pause,) = await pauses(territory)
        assert planned - timedelta(seconds=2) < pause <= planned
        fast = await fast_lane(territory)
        assert (fast.state, fast.failed_with) == (Progress.RETRYING, "memory")


async def test_what_is_asked_during_the_pause_waits_with_the_rest(territory: Territory) -> None:
    solver = Poisoned()
    await one_asks(territory)
    for _ in range(3):
        await territory.due_now()
        assert await run(territory, Lane.FAST, solver) is RunEnd.FAILED
    await one_asks(territory)
    outcomes = await drain_lane(territory.db, territory.community_id, Lane.FAST, solver, StraightLine())
    assert [outcome.end for outcome in outcomes] == [RunEnd.IDLE]
    assert len(solver.asked) == 3
    assert [pause > timedelta(seconds=50) for pause in await pauses(territory)] == [True, True]


async def test_after_so_many_failures_the_lane_stops_and_its_coordinators_are_told_once(territory: Territory) -> None:
    async with ground(territory.db, territory.community_id) as tx:
        await a_membership(tx, Role.COORDINATOR)
        await a_membership(tx, Role.PATHWAY_ADVISER)
    solver = await stopped_lane(territory)
    assert await pauses(territory) == []
    fast = await fast_lane(territory)
    assert (fast.state, fast.failures, fast.failed_with) == (Progress.STOPPED, MOST_FAILURES, "memory")
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE

    await one_asks(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.FAILED, "a new fact tries once"
    assert len(solver.asked) == MOST_FAILURES + 1
    async with territory.db.write(territory.community_id) as tx:
        (fact_id,) = (await tx.scalars(select(Event.fact_id).where(Event.kind == "search_stopped"))).all()
        await fan_out(tx, fact_id, now_of(tx))
    async with territory.db.read(territory.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(Message)) == 1


async def test_a_coordinator_starts_a_stopped_lane_again_and_nobody_starts_one_that_goes_on(
    territory: Territory, solver: SolverProcess
) -> None:
    coordinator = Actor(community_id=territory.community_id, role=Role.COORDINATOR, via=Via.WEB)
    async with territory.db.write(territory.community_id) as tx:
        with pytest.raises(SearchNotStopped):
            await ask_again(tx, coordinator, Lane.FAST, now_of(tx))
    await stopped_lane(territory)
    for role in set(Role) - {Role.COORDINATOR}:
        async with territory.db.write(territory.community_id) as tx:
            with pytest.raises(ActForbidden):
                await ask_again(tx, replace(coordinator, role=role), Lane.FAST, now_of(tx))
    assert await pauses(territory) == []
    async with territory.db.write(territory.community_id) as tx:
        with pytest.raises(SearchNotStopped):
            await ask_again(tx, coordinator, Lane.FULL, now_of(tx))
        await ask_again(tx, coordinator, Lane.FAST, now_of(tx))
    fast = await fast_lane(territory)
    assert fast.state is Progress.STOPPED
    assert fast.next_try_at is not None
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert (await fast_lane(territory)).state is Progress.IDLE


async def test_one_recorded_run_ends_the_trouble(territory: Territory, solver: SolverProcess) -> None:
    await stopped_lane(territory)
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
    await one_asks(territory)
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    fast = await fast_lane(territory)
    assert (fast.state, fast.failures) == (Progress.IDLE, 0)
    assert len(await proposals(territory)) == 2, "those who waited are served with the newcomer"
