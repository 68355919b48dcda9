"""What would suffice is worked out by the full lane alone, and read with the names that each reader may know."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest_asyncio

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import withdraw_offer
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.periods import Segment
from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd, run_lane
from exchange.planning.solver_process import SolverProcess
from exchange.planning.sufficient import OwnWay
from exchange.planning.unmet import Shortfall, own_ways, unmet_of_need, unmet_of_situation
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import a_facility, operator_of
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, a_volunteer, speaker_for
from tests.integration.planning.territory import Territory

SOMEBODY = "une personne d'un autre lieu"


@dataclass(frozen=True, slots=True)
class Short:
    """A territory with one place for two persons, and a shift that the only volunteer is not free for."""

    ground: Territory
    lender_id: UUID
    offer_id: UUID
    night: Segment
    situation_ids: tuple[UUID, ...]
    need_id: UUID
    volunteer_id: UUID

    def actor(self, role: Role, *facility_ids: UUID) -> Actor:
        return Actor(self.ground.community_id, role, Via.WEB, facility_ids=frozenset(facility_ids))

    async def search(self, lane: Lane, solver: SolverProcess) -> None:
        """Let everything be due, and run the lane once."""
        await self.ground.due_now()
        outcome = await run_lane(self.ground.db, self.ground.community_id, lane, solver, StraightLine())
        assert outcome.end is RunEnd.RECORDED

    async def of_situations(self) -> tuple[Shortfall, ...]:
        """What is left short of both persons, as the coordinator reads it."""
        coordinator = self.actor(Role.COORDINATOR)
        async with self.ground.db.read(self.ground.community_id) as reader:
            told = [await unmet_of_situation(reader, coordinator, each) for each in self.situation_ids]
        return tuple(shortfall for unmet in told if unmet is not None for shortfall in unmet.shortfalls)

    async def of_need(self, actor: Actor) -> tuple[Shortfall, ...]:
        async with self.ground.db.read(self.ground.community_id) as reader:
            unmet = await unmet_of_need(reader, actor, self.need_id, self.ground.facility_id)
        return () if unmet is None else unmet.shortfalls

    async def own(self, actor: Actor) -> tuple[OwnWay, ...]:
        async with self.ground.db.read(self.ground.community_id) as reader:
            return await own_ways(reader, actor)


@pytest_asyncio.fixture(loop_scope="session")
async def short(territory: Territory) -> Short:
    async with territory.db.write(territory.community_id) as tx:
        lender_id = await a_facility(tx)
        return Short(
            territory,
            lender_id,
            offer_id=await an_offer(tx, territory.facility_id),
            night=await tomorrow_night(tx),
            situation_ids=((await a_situation(tx)).id, (await a_situation(tx)).id),
            need_id=await a_need(tx, territory.facility_id),
            volunteer_id=await a_volunteer(tx, lender_id),
        )


async def test_the_full_lane_tells_what_would_suffice_and_the_fast_one_does_not_take_the_time(
    short: Short, solver: SolverProcess
) -> None:
    await short.search(Lane.FAST, solver)
    (left,) = await short.of_situations()
    assert left.ways == ()
    await short.search(Lane.FULL, solver)
    (left,) = await short.of_situations()
    (way,) = left.ways
    assert way.sentence.startswith("une place de plus, Foyer d'essai")
    (change,) = way.changes
    assert (change.code, change.offer_id, change.segments) == ("one-more-place", short.offer_id, (short.night,))
    assert (change.facility_id, change.volunteer_id) == (short.ground.facility_id, None)


async def test_a_near_miss_is_named_to_the_employer_alone(short: Short, solver: SolverProcess) -> None:
    await short.search(Lane.FULL, solver)
    host = short.actor(Role.FACILITY_MANAGER, short.ground.facility_id)
    for reader in (short.actor(Role.COORDINATOR), short.actor(Role.PATHWAY_ADVISER), host):
        (left,) = await short.of_need(reader)
        first = left.ways[0]
        assert first.sentence == f"être disponible sur ces horaires ({SOMEBODY})"
        assert first.changes[0].parameters() == {"code": "more-availability", "sentence": first.sentence}
    lender = short.actor(Role.FACILITY_MANAGER, short.lender_id)
    assert await short.of_need(lender) == ()
    (told,) = await short.own(lender)
    assert told.need_id == short.need_id
    (change,) = told.way.changes
    assert (change.volunteer_id, change.volunteer) == (short.volunteer_id, "Camille Essai")
    assert "Camille Essai" in told.way.sentence
    # Somebody from outside is the other way: of the same shift, whose hours the run counts in whole minutes.
    shift = (await short.of_need(host))[0].ways[-1].changes[0]
    assert shift.starts_at is not None
    assert shift.ends_at is not None
    assert (shift.code, shift.qualifications_any) == ("one-more-person", ("care_support_worker",))
    whole = [each.replace(second=0, microsecond=0) for each in (shift.starts_at, shift.ends_at)]
    assert [change.starts_at, change.ends_at] == whole


async def test_a_colleague_of_another_site_is_not_said_to_be_of_another_association(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        sister = await a_facility(tx, operator_id=await operator_of(tx, territory.facility_id))
        need_id = await a_need(tx, territory.facility_id)
        await a_volunteer(tx, sister)
    await territory.due_now()
    outcome = await run_lane(territory.db, territory.community_id, Lane.FULL, solver, StraightLine())
    assert outcome.end is RunEnd.RECORDED
    host = Actor(
        territory.community_id, Role.FACILITY_MANAGER, Via.WEB, facility_ids=frozenset({territory.facility_id})
    )
    async with territory.db.read(territory.community_id) as reader:
        unmet = await unmet_of_need(reader, host, need_id, territory.facility_id)
    assert unmet is not None
    (left,) = unmet.shortfalls
    assert left.ways[0].sentence == f"être disponible sur ces horaires ({SOMEBODY})"


async def test_a_house_reads_what_it_could_do_itself_without_knowing_for_whom(
    short: Short, solver: SolverProcess
) -> None:
    await short.search(Lane.FULL, solver)
    host = short.actor(Role.FACILITY_MANAGER, short.ground.facility_id)
    (told,) = await short.own(host)
    assert told.need_id is None
    assert told.way.sentence.startswith("une place de plus, chez vous, ")
    assert told.way.changes[0].situation_id is None
    assert await short.own(short.actor(Role.COORDINATOR)) == ()


async def test_a_place_taken_back_since_is_not_suggested(short: Short, solver: SolverProcess) -> None:
    await short.search(Lane.FULL, solver)
    async with short.ground.db.write(short.ground.community_id) as tx:
        host = await speaker_for(tx, short.ground.facility_id)
        await withdraw_offer(tx, host, short.offer_id, now_of(tx))
    (left,) = await short.of_situations()
    assert left.ways == ()
    assert await short.own(host) == ()
