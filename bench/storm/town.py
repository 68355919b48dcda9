"""A community to storm: houses with their managers, advisers, professionals; each with a token, set up by commands.

What is set up here asks for no background work: only what the players do over HTTP writes outbox rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.world import World
from exchange.identity.commands import CreateToken, create_token
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, now_of
from exchange.placements.commands import put_forward
from exchange.situations.commands import receive_situation
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    a_community,
    a_facility,
    a_living_area,
    actor_for,
    database_of,
    founder,
    ground,
)
from tests.factories.placements import a_line
from tests.factories.situations import situation_form


@dataclass(frozen=True, slots=True)
class Somebody:
    """An actor with a real account, and a token for the API."""

    actor: Actor
    token: str


@dataclass(frozen=True, slots=True)
class House:
    """A facility with the manager who speaks for it."""

    facility_id: UUID
    manager: Somebody


@dataclass(frozen=True, slots=True)
class Call:
    """A situation: its id, and the reference under which the API knows it."""

    id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: an offer for the blocks of a situation at these positions, all of them by default."""

    situation_id: UUID
    offer_id: UUID
    rank: int = 1
    positions: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """A committed community."""

    db: Database
    community_id: UUID
    area_id: UUID
    adviser: Somebody
    coordinator: Somebody
    houses: tuple[House, ...]

    @property
    def system(self) -> Actor:
        return Actor.system(self.community_id)

    async def offer(self, house: int = 0, **over: object) -> UUID:
        """Publish places of a house, from tomorrow on; `capacity=` for another count than one."""
        async with self.db.write(self.community_id) as tx:
            return await an_offer(tx, self.houses[house].facility_id, **over)

    async def first_segment(self) -> int:
        """Tomorrow's day, the first that the offers above open; its night is the next number."""
        async with self.db.read(self.community_id) as reader:
            return await tomorrow_night(reader) - 1

    async def calls(self, blocks: Iterable[Sequence[Sequence[int]]]) -> list[Call]:
        """Receive a situation for each of these lists of blocks of segments."""
        async with self.db.write(self.community_id) as tx:
            forms = [situation_form(blocks=tuple(tuple(block) for block in wanted)) for wanted in blocks]
            received = [await receive_situation(tx, self.adviser.actor, form, now_of(tx)) for form in forms]
        return [Call(one.id, one.reference) for one in received]

    async def calls_for_tomorrow_night(self, count: int) -> list[Call]:
        """Receive so many situations of one night each."""
        return await self.calls([[[await self.first_segment() + 1]]] * count)

    async def propose(self, lines: Iterable[Line]) -> list[UUID]:
        """Put lines forward as a run would; return the new placements, in the order of the lines."""
        async with self.db.write(self.community_id) as tx:
            wanted = [
                await a_line(tx, line.situation_id, line.offer_id, rank=line.rank, positions=line.positions)
                for line in lines
            ]
            new = await put_forward(tx, self.system, tuple(wanted), None, now_of(tx))
        if len(new) != len(wanted):
            raise RuntimeError(f"{len(wanted) - len(new)} proposals were dropped while setting up")
        return list(new)


async def a_town(world: World, *, houses: int = 1) -> Town:
    """Found a community with so many houses, each of an association of its own."""
    db = database_of(world.database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        area_id = await a_living_area(tx, commune_codes=(LE_PUY, BRIVES))
        built = [await _a_house(tx, community_id) for _ in range(houses)]
        adviser = await somebody(tx, await actor_for(tx, Role.PATHWAY_ADVISER))
        coordinator = await somebody(tx, await actor_for(tx, Role.COORDINATOR))
    return Town(db, community_id, area_id, adviser, coordinator, tuple(built))


async def somebody(tx: AsyncSession, actor: Actor) -> Somebody:
    """Cut a token for an actor's membership. The transaction comes from `ground`."""
    if actor.membership_id is None:
        raise ValueError("a token stands for a membership")
    asked = CreateToken(actor.membership_id, "tempête", now_of(tx) + timedelta(days=1))
    return Somebody(actor, await create_token(tx, founder(actor.community_id), asked, now_of(tx)))


async def _a_house(tx: AsyncSession, community_id: UUID) -> House:
    facility_id = await a_facility(tx)
    actor = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=facility_id)
    return House(facility_id, await somebody(tx, actor))
