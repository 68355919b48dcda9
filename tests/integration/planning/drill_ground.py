"""A valley whose house closes: what the tests of drills stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import NullPool, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.placements.models import Placement
from exchange.planning.drills.commands import ask_drill
from exchange.planning.drills.queries import DrillView, drill
from exchange.planning.drills.run import run_drill
from exchange.planning.drills.terms import AskDrill, Headcount
from exchange.planning.drills.told import Result
from exchange.reactions import reactions
from migrations.metadata import METADATA
from tests.factories.availability import an_offer, from_tonight, tonight
from tests.factories.crisis import a_coordinator
from tests.factories.ground import a_community, a_facility, a_living_area, database_of, ground
from tests.servers import FreshDatabase

DAY = timedelta(days=1)
ADULT = Headcount("30-44", ("intellectual_disability",))
OF_THE_DRILL = {"closing_drills", "events", "outbox", "access_log"}
"""The drill's own table, and the journals that tell who asked."""


@dataclass(frozen=True, slots=True)
class Valley:
    """A house that closes, and one neighbour with some places."""

    db: Database
    community_id: UUID
    house_id: UUID
    neighbour_id: UUID
    offer_id: UUID
    segment: int
    owner_url: str

    @property
    def coordinator(self) -> Actor:
        return a_coordinator(self.community_id)

    def asked(self, *headcount: Headcount, **over: object) -> AskDrill:
        form = AskDrill(self.house_id, self.segment, self.segment + 2, headcount=headcount)
        return replace(form, **over)  # type: ignore[arg-type]

    async def solved(self, solver: object, asked: AskDrill) -> tuple[UUID, Result]:
        """Ask, solve, reopen."""
        async with self.db.write(self.community_id) as tx:
            drill_id = await ask_drill(tx, self.coordinator, asked, now_of(tx))
        assert await run_drill(self.db, self.community_id, drill_id, solver, StraightLine())  # type: ignore[arg-type]
        result = (await self.seen(drill_id)).result
        assert result is not None
        return drill_id, result

    async def seen(self, drill_id: UUID) -> DrillView:
        async with self.db.read(self.community_id) as reader:
            return await drill(reader, self.coordinator, drill_id)

    async def hold(self, situation_id: UUID) -> None:
        """Keep the places of the first answer, as coordination does."""
        async with self.db.write(self.community_id) as tx:
            await hold_answer(tx, self.coordinator, HoldAnswer(situation_id, 1), now_of(tx))

    async def placements(self) -> list[tuple[UUID, UUID, str, str]]:
        async with self.db.read(self.community_id) as reader:
            rows = await reader.scalars(select(Placement).order_by(Placement.created_at, Placement.id))
            return [(row.situation_id, row.offer_id, row.state, row.origin) for row in rows]


async def a_valley(fresh: FreshDatabase, capacity: int = 2) -> Valley:
    db = database_of(fresh, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_living_area(tx)
        house_id = await a_facility(tx, name="Maison qui ferme")
        neighbour_id = await a_facility(tx, name="Maison voisine")
        offer_id = await an_offer(tx, neighbour_id, spans=await from_tonight(tx, capacity))
        segment = await tonight(tx)
    return Valley(db, community_id, house_id, neighbour_id, offer_id, segment, fresh.owner_url)


async def digests(owner_url: str) -> Mapping[str, str]:
    """One digest per table that is none of the drill's own, with the owner's eyes."""
    engine = create_async_engine(owner_url, poolclass=NullPool)
    found = {}
    async with engine.connect() as connection:
        for table in sorted(set(METADATA.tables) - OF_THE_DRILL):
            rows = await connection.execute(
                text(f"SELECT md5(coalesce(string_agg(each::text, '\n' ORDER BY each::text), '')) FROM {table} each")
            )
            found[table] = str(rows.scalar_one())
    await engine.dispose()
    return found
