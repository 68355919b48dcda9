"""A small territory with one association, and a solver loaded once for all the tests of this room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from exchange.planning.solver_process import SolverProcess, running_solver
from exchange.reactions import reactions
from tests.factories.ground import a_community, a_facility, a_living_area, database_of
from tests.integration.planning.territory import Territory
from tests.servers import FreshDatabase


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def solver() -> AsyncIterator[SolverProcess]:
    async with running_solver() as process:
        await process.start()
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def territory(database: FreshDatabase) -> Territory:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        await a_living_area(tx)
        facility_id = await a_facility(tx)
    return Territory(db, community_id, facility_id)
