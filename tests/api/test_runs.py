"""Runs told to those who coordinate: where the search stands, its files, and its end before time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.planning.models import MatchRun
from exchange.planning.troubles import MOST_FAILURES
from tests.api.conftest import World
from tests.api.test_story import posted, read


async def a_run(world: World, state: str, **over: object) -> UUID:
    """A run as its worker wrote it."""
    async with world.db.write(world.community_id) as tx:
        now = now_of(tx)
        run = MatchRun(
            id=new_id(), lane="fast", state=state, started_at=now, lease_until=now + timedelta(seconds=20), **over
        )
        tx.add(run)
        return run.id


async def test_a_run_in_course_is_seen_and_stopped_once(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    run_id = await a_run(world, "solving")
    fast, full = await read(coordinator, "/match-lanes")
    assert (fast["lane"], fast["state"], fast["run_id"], full["state"]) == ("fast", "reading", str(run_id), "idle")
    assert fast["since"] is not None
    await posted(coordinator, f"/match-runs/{run_id}/cancellation")
    reply = await coordinator.post(f"/api/v1/match-runs/{run_id}/cancellation")
    assert (reply.status_code, reply.json()["code"]) == (409, "run-is-over")
    assert [lane["state"] for lane in await read(coordinator, "/match-lanes")] == ["idle", "idle"]


async def test_a_run_that_failed_gives_its_problem_and_no_plan(world: World) -> None:
    problem = {"format": "entraide-problem/1"}
    run_id = await a_run(world, "failed", failed_with="memory", problem=problem)
    assert await read(world[Role.PATHWAY_ADVISER], f"/match-runs/{run_id}/problem") == problem
    reply = await world[Role.COORDINATOR].get(f"/api/v1/match-runs/{run_id}/plan")
    assert (reply.status_code, reply.json()["code"]) == (409, "run-without-plan")
    fast, _ = await read(world[Role.COORDINATOR], "/match-lanes")
    assert (fast["state"], fast["failures"], fast["failed_with"]) == ("retrying", 1, "memory")


async def test_nobody_hears_of_another_community_s_runs(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    for method, path in (("GET", "problem"), ("GET", "plan"), ("POST", "cancellation")):
        reply = await coordinator.request(method, f"/api/v1/match-runs/{new_id()}/{path}")
        assert (reply.status_code, reply.json()["code"]) == (404, "not-found")


async def test_a_stopped_lane_is_asked_again(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    reply = await coordinator.post("/api/v1/match-lanes/fast/retry")
    assert (reply.status_code, reply.json()["code"]) == (409, "search-not-stopped")
    for _ in range(MOST_FAILURES):
        await a_run(world, "failed", failed_with="memory")
    told = await posted(coordinator, "/match-lanes/fast/retry")
    assert (told["lane"], told["state"], told["failures"]) == ("fast", "stopped", MOST_FAILURES)
    reply = await world[Role.PATHWAY_ADVISER].post("/api/v1/match-lanes/fast/retry")
    assert (reply.status_code, reply.json()["code"]) == (403, "act-forbidden")
