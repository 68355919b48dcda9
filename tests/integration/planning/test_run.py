"""From a demand to proposals, on a real database and a real solver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import withdraw_offer
from exchange.availability.models import PlaceOffer
from exchange.kernel.db import now_of
from exchange.kernel.journals import CardVersion, OutboxRow
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.planning.run import RunEnd, drain_lane
from exchange.planning.snapshot import snapshot_of
from exchange.planning.solver_process import SolverProcess
from exchange.situations.models import Situation
from tests.factories.availability import an_offer
from tests.factories.ground import a_facility, an_operator
from tests.factories.situations import a_situation, an_adviser
from tests.factories.staffing import speaker_for
from tests.integration.planning.territory import Meanwhile, Territory, proposals, run


async def test_a_situation_and_an_offer_become_a_proposal_with_its_reasons(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
    async with territory.db.write(territory.community_id) as tx:
        received = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (proposal,) = await proposals(territory)
    assert (proposal.situation_id, proposal.offer_id, proposal.rank) == (received.id, offer_id, 1)
    assert {reason["code"] for reason in proposal.reasons} == {"fits_needs", "same_living_area", "travel_minutes"}
    async with territory.db.read(territory.community_id) as reader:
        match_run = (await reader.scalars(select(MatchRun))).one()
        left = await reader.scalars(
            select(OutboxRow.id).where(OutboxRow.gather_key == "fast", OutboxRow.done_at.is_(None))
        )
        shown = await reader.scalar(select(CardVersion.subject_id).where(CardVersion.subject_id == proposal.id))
    assert (match_run.state, match_run.status, list(left), shown) == ("recorded", "proven", [], proposal.id)
    assert match_run.problem is not None
    assert match_run.problem["format"] == "entraide-problem/1"


async def test_a_commune_without_coordinates_is_out_of_reach_and_harms_nobody_else(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        overseas = await a_situation(tx, commune_code="97502", max_travel_minutes=240)
        near = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert {proposal.situation_id for proposal in await proposals(territory)} == {near.id} != {overseas.id}


@dataclass(slots=True)
class Hurried:
    """A real solver that is given no time at all."""

    solver: SolverProcess

    async def solve(self, request: SolveRequest) -> Solution:
        return await self.solver.solve(replace(request, kill_after_seconds=0.0))


async def test_two_runs_of_a_lane_begun_together_solve_once(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    ends = await asyncio.gather(*(run(territory, Lane.FAST, solver) for _ in range(4)))
    assert sorted(ends) == [RunEnd.IDLE, RunEnd.IDLE, RunEnd.IDLE, RunEnd.RECORDED]
    assert len(await proposals(territory)) == 1


async def test_a_demand_that_comes_during_a_run_is_solved_when_it_ends(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        await a_situation(tx)
    late: list[UUID] = []

    async def another_call() -> None:
        if not late:
            async with territory.db.write(territory.community_id) as tx:
                late.append((await a_situation(tx)).id)
            assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE

    outcomes = await drain_lane(
        territory.db, territory.community_id, Lane.FAST, Meanwhile(solver, another_call), StraightLine()
    )
    assert [outcome.end for outcome in outcomes] == [RunEnd.RECORDED, RunEnd.RECORDED, RunEnd.IDLE]
    assert late[0] in {proposal.situation_id for proposal in await proposals(territory)}


async def test_an_answer_held_during_a_full_run_is_left_as_it_is(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        first = await an_offer(tx, territory.facility_id)
        received = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        nearer = await an_offer(tx, await a_facility(tx))
    await territory.due_now()

    async def somebody_holds() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await hold_answer(tx, await an_adviser(tx), HoldAnswer(received.id, 1), now_of(tx))

    assert await run(territory, Lane.FULL, Meanwhile(solver, somebody_holds)) is RunEnd.RECORDED
    live = [p for p in await proposals(territory) if p.state in ("proposed", "held") and p.rank == 1]
    assert [(p.state, p.offer_id) for p in live] == [("held", first)]
    assert nearer != first


async def test_an_answer_found_by_the_fast_lane_survives_a_full_run_begun_before(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        received = await a_situation(tx)
    await territory.due_now()

    async def an_offer_is_found() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await an_offer(tx, territory.facility_id)
        assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED

    assert await run(territory, Lane.FULL, Meanwhile(solver, an_offer_is_found)) is RunEnd.RECORDED
    (kept,) = await proposals(territory)
    assert (kept.situation_id, kept.state) == (received.id, "proposed")


async def test_a_line_whose_offer_changed_during_the_solve_is_dropped(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await a_situation(tx)

    async def places_are_withdrawn() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await withdraw_offer(tx, await speaker_for(tx, territory.facility_id), offer_id, now_of(tx))

    assert await run(territory, Lane.FAST, Meanwhile(solver, places_are_withdrawn)) is RunEnd.RECORDED
    assert await proposals(territory) == []


async def test_a_solve_over_its_wall_cap_is_killed_and_its_demand_comes_due_again(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    with pytest.raises(SolverStopped, match="wall-cap"):
        await Hurried(solver).solve(await some_request(territory))
    assert await run(territory, Lane.FAST, Hurried(solver)) is RunEnd.FAILED
    async with territory.db.read(territory.community_id) as reader:
        failed = (await reader.scalars(select(MatchRun))).one()
        waiting = (await reader.scalars(select(OutboxRow).where(OutboxRow.gather_key == "fast"))).one()
        assert waiting.due_at > now_of(reader)
    assert (failed.state, failed.failed_with) == ("failed", "wall-cap")
    assert failed.problem is not None, "what stopped the solver is what its report needs"
    assert (waiting.done_at, waiting.failed_with, waiting.lease_until) == (None, "wall-cap", None)
    assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert len(await proposals(territory)) == 1


async def test_a_run_whose_lease_passed_is_abandoned_and_records_nothing(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)

    async def overtaken() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await tx.execute(update(MatchRun).values(lease_until=text("now() - interval '1 second'")))
        assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED

    assert await run(territory, Lane.FAST, Meanwhile(solver, overtaken)) is RunEnd.OVERTAKEN
    async with territory.db.read(territory.community_id) as reader:
        states = await reader.scalars(select(MatchRun.state).order_by(MatchRun.started_at))
    assert list(states) == ["abandoned", "recorded"]
    assert len(await proposals(territory)) == 1


async def test_an_offer_past_its_lifetime_is_not_proposed(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await tx.execute(
            update(PlaceOffer).where(PlaceOffer.id == offer_id).values(fresh_until=text("now() - interval '1 minute'"))
        )
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await proposals(territory) == []
    async with territory.db.read(territory.community_id) as reader:
        problem = await reader.scalar(select(MatchRun.problem))
    assert problem is not None
    assert (len(problem["situations"]), problem["offers"]) == (1, [])


async def test_the_next_best_places_are_recorded_as_backups(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offers = {await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx))) for _ in range(4)}
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    found = await proposals(territory)
    assert [proposal.rank for proposal in found] == [1, 2, 3]
    assert len({proposal.offer_id for proposal in found} & offers) == 3


async def test_a_backup_that_is_no_longer_one_leaves_even_when_the_run_finds_no_other(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        for _ in range(2):
            await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    first, backup = await proposals(territory)
    async with territory.db.write(territory.community_id) as tx:
        await tx.execute(update(PlaceOffer).where(PlaceOffer.id == backup.offer_id).values(fresh_until=now_of(tx)))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert [(seen.id, seen.state) for seen in await proposals(territory)] == [
        (first.id, "proposed"),
        (backup.id, "superseded"),
    ]


async def test_a_full_run_keeps_the_rows_of_the_lines_that_it_proposes_again(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (before,) = await proposals(territory)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    (after,) = await proposals(territory)
    assert (after.id, after.state) == (before.id, "proposed")
    assert after.run_id != before.run_id


async def test_a_promise_that_breaks_a_rule_since_does_not_stop_the_others(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        held_offer = await an_offer(tx, territory.facility_id)
        kept = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        await hold_answer(tx, await an_adviser(tx), HoldAnswer(kept.id, 1), now_of(tx))
        await tx.execute(update(Situation).where(Situation.id == kept.id).values(max_travel_minutes=0))
        free_offer = await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)))
        other = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    live = {(p.situation_id, p.offer_id, p.state) for p in await proposals(territory) if p.rank == 1}
    assert live == {(kept.id, held_offer, "held"), (other.id, free_offer, "proposed")}


async def some_request(territory: Territory) -> SolveRequest:
    """The request of a snapshot that no run has leased."""
    async with territory.db.read(territory.community_id, repeatable=True) as reader:
        ground = await load_ground(reader, territory.community_id)
    matrix = await StraightLine().minutes_between(ground.places, ground.places, ground.at)
    return snapshot_of(ground, matrix, Lane.FULL, territory.community_id).request
