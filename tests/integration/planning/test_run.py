"""From a demand to proposals, on a real database and a real solver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text, update

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import CapacitySpan, change_capacity
from exchange.availability.inputs import PublishOffer
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import CardVersion, OutboxRow
from exchange.loans.models import StaffLoan
from exchange.placements.models import Placement
from exchange.planning.demand import begin_run
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.planning.run import RunEnd, drain_lane, run_lane
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from tests.factories.availability import an_offer, local_date, offer_form
from tests.factories.ground import a_community, a_facility, a_living_area, database_of
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


@dataclass(frozen=True, slots=True)
class Territory:
    db: Database
    community_id: UUID
    facility_id: UUID

    async def due_now(self) -> None:
        """Let every demand's gathering time be over."""
        async with self.db.write(self.community_id) as tx:
            await tx.execute(
                update(OutboxRow).where(OutboxRow.gather_key.is_not(None), OutboxRow.done_at.is_(None)).values(
                    due_at=text("now() - interval '1 second'")
                )
            )


@pytest_asyncio.fixture(loop_scope="session")
async def territory(database: FreshDatabase) -> Territory:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        await a_living_area(tx)
        facility_id = await a_facility(tx)
    return Territory(db, community_id, facility_id)


async def run(territory: Territory, lane: Lane, solver: object) -> RunEnd:
    outcome = await run_lane(territory.db, territory.community_id, lane, solver, StraightLine())  # type: ignore[arg-type]
    return outcome.end


async def proposals(territory: Territory) -> list[Placement]:
    async with territory.db.read(territory.community_id) as reader:
        return list(await reader.scalars(select(Placement).order_by(Placement.rank, Placement.id)))


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
