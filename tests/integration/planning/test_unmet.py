"""What a real run leaves unserved is read back with its reasons, by those who may know."""

from __future__ import annotations

from uuid import UUID

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database
from exchange.planning.lanes import Lane
from exchange.planning.run import run_lane
from exchange.planning.solver_process import SolverProcess
from exchange.planning.unmet import Obstacle, Unmet, unmet_of_need, unmet_of_situation
from exchange.reactions import reactions
from tests.factories.availability import an_offer
from tests.factories.ground import a_community, a_facility, a_living_area, database_of
from tests.factories.situations import a_situation, an_adviser
from tests.factories.staffing import a_need, a_volunteer
from tests.servers import FreshDatabase


async def of_situation(db: Database, community_id: UUID, situation_id: UUID, role: Role) -> Unmet | None:
    actor = Actor(community_id, role, Via.WEB)
    async with db.read(community_id) as reader:
        return await unmet_of_situation(reader, actor, situation_id)


async def test_what_a_run_could_not_serve_is_told_with_its_obstacles(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        await a_living_area(tx)
        facility_id = await a_facility(tx)
        other_id = await a_facility(tx)
        await an_offer(tx, facility_id, ages_from=60, ages_to=80)
        served = await a_situation(tx, age_band="60+")
        received = await a_situation(tx, age_band="20-29")
        need_id = await a_need(tx, facility_id)
        await a_volunteer(tx, other_id)
        adviser = await an_adviser(tx)
    assert await of_situation(db, community_id, received.id, Role.PATHWAY_ADVISER) is None, "no run has looked yet"
    await run_lane(db, community_id, Lane.FAST, solver, StraightLine())
    told = await of_situation(db, community_id, received.id, Role.PATHWAY_ADVISER)
    assert told is not None
    (shortfall,) = told.shortfalls
    assert (shortfall.missing, shortfall.obstacles) == (1, (Obstacle("age", 1),))
    assert await of_situation(db, community_id, served.id, Role.PATHWAY_ADVISER) is None
    for role in set(Role) - {Role.COORDINATOR, Role.PATHWAY_ADVISER}:
        assert await of_situation(db, community_id, received.id, role) is None, role

    host, stranger = (
        Actor(community_id, Role.FACILITY_MANAGER, Via.WEB, facility_ids=frozenset({site}))
        for site in (facility_id, other_id)
    )
    async with db.read(community_id) as reader:
        found = [await unmet_of_need(reader, actor, need_id, facility_id) for actor in (adviser, host, stranger)]
    assert found[2] is None
    for unmet in found[:2]:
        assert unmet is not None
        (shortfall,) = unmet.shortfalls
        assert (shortfall.missing, shortfall.obstacles) == (1, (Obstacle("availability", 1),))
