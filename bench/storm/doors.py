"""A small community and everybody in it, calling the product's own commands in committed transactions, as doors do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.plain.world import Person
from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, Reactions, now_of
from exchange.kernel.errors import DomainError
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.reactions import reactions
from tests.factories.ground import (
    LE_PUY,
    a_community,
    a_facility,
    a_living_area,
    actor_for,
    an_operator,
    database_of,
    ground,
)
from tests.factories.loans import person
from tests.servers import FreshDatabase
from workers.equipment import Call, Equipment
from workers.jobs import JOBS
from workers.outbox_row import run_row

T = TypeVar("T")
Command = Callable[[AsyncSession, Actor, datetime], Awaitable[T]]

HOUSES: Final = 3
ONE_A_DAY: Final = 2
"""The house that lends one professional a day at most."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """The same person as the product knows them, and as the model does."""

    actor: Actor
    person: Person


class NoSolver:
    """Proposals are the machine's own; no lane is ever run."""

    async def solve(self, request: SolveRequest) -> Solution:
        raise SolverStopped("unreachable")


@dataclass
class Doors:
    """One community. `houses`: facilities; the first two belong to one association, the third to another."""

    db: Database
    community_id: UUID
    houses: list[str]
    associations: dict[str, str]
    people: dict[str, Somebody]
    equipment: Equipment
    calls: dict[str, Call] = field(default_factory=dict)

    async def call(self, who: Somebody, command: Command[T]) -> tuple[str | None, T | None]:
        """Run one command in a transaction of its own; return the code of its refusal, or what it answers."""
        try:
            async with self.db.write(self.community_id) as tx:
                return None, await command(tx, who.actor, now_of(tx))
        except DomainError as refusal:
            return refusal.code, None

    async def work(self, row_id: str, fence: int) -> bool:
        """Run an outbox row as a worker does that was rung for it."""
        return await run_row(self.equipment, UUID(row_id), fence)

    async def work_again(self, call: Call) -> None:
        """Run a job that was already done, as after a crash between its commit and its settlement."""
        await JOBS[call.job](self.equipment, call)

    def volunteer(self, volunteer_id: str) -> Somebody:
        """A professional on their own link."""
        actor = person(self.community_id, UUID(volunteer_id))
        return Somebody(actor, Person("volunteer", volunteer=volunteer_id))


async def open_doors(fresh: FreshDatabase, follow_ups: Reactions = reactions) -> Doors:
    """Found a community of two associations and three houses, with all who act in it."""
    db = database_of(fresh, follow_ups)
    community_id = await a_community(db, time_zone="Europe/Paris")
    async with ground(db, community_id) as tx:
        await a_living_area(tx, commune_codes=(LE_PUY,))
        first, second = await an_operator(tx), await an_operator(tx)
        houses = [
            await a_facility(tx, operator_id=first),
            await a_facility(tx, operator_id=first),
            await a_facility(tx, operator_id=second, lends_at_most_per_day=1),
        ]
        people = {
            "adviser": Somebody(await actor_for(tx, Role.PATHWAY_ADVISER), Person("adviser")),
            "coordinator": Somebody(await actor_for(tx, Role.COORDINATOR), Person("coordinator")),
            "observer": Somebody(await actor_for(tx, Role.OBSERVER), Person("observer")),
            "oncall": Somebody(
                await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=first),
                Person("manager", frozenset(map(str, houses[:2]))),
            ),
            "system": Somebody(Actor.system(community_id), Person("system")),
        }
        for number, house in enumerate(houses):
            manager = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=house)
            people[f"manager{number}"] = Somebody(manager, Person("manager", frozenset({str(house)})))
    keys = [str(house) for house in houses]
    equipment = Equipment(db, NoSolver(), StraightLine(), {}, "http://entraide.essai")
    associations = dict(zip(keys, (str(first), str(first), str(second)), strict=True))
    return Doors(db, community_id, keys, associations, people, equipment)
