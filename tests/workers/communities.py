"""Several communities, one of them with a problem of many seconds, for real workers to plan together."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from exchange.kernel.db import Database, now_of
from exchange.placements.models import Placement
from exchange.planning.models import MatchRun
from exchange.staffing.commands import ShiftAsked
from tests.factories.availability import an_offer
from tests.factories.ground import a_community, a_facility, a_living_area, an_operator
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, a_volunteer, stated

QUALIFICATIONS = ("care_support_worker", "nursing_assistant", "nurse", "special_educator")


@dataclass(frozen=True, slots=True)
class Planned:
    """One community of the batch."""

    db: Database
    community_id: UUID

    async def runs(self) -> list[MatchRun]:
        async with self.db.read(self.community_id) as reader:
            return list(await reader.scalars(select(MatchRun).order_by(MatchRun.started_at)))

    async def has_run(self, state: str, *, times: int = 1) -> bool:
        return sum(run.state == state for run in await self.runs()) >= times

    async def proposals(self) -> list[Placement]:
        async with self.db.read(self.community_id) as reader:
            return list(await reader.scalars(select(Placement).order_by(Placement.id)))


async def an_easy_community(db: Database, name: str) -> Planned:
    """One house with room, and one person who needs it."""
    community_id = await a_community(db, name=name)
    async with db.write(community_id) as tx:
        await a_living_area(tx)
        await an_offer(tx, await a_facility(tx), capacity=5)
        await a_situation(tx)
    return Planned(db, community_id)


async def a_laborious_community(db: Database, name: str) -> Planned:
    """Dozens of people who could each hold any of dozens of overlapping shifts, in one transaction."""
    draw = random.Random(1)
    community_id = await a_community(db, name=name)
    async with db.write(community_id) as tx:
        now = now_of(tx)
        area_id = await a_living_area(tx)
        sites = [await a_facility(tx, operator_id=await an_operator(tx, name=f"Association {at}")) for at in range(8)]
        for who in range(60):
            site = sites[who % len(sites)]
            person = await a_volunteer(
                tx,
                site,
                qualifications=tuple(draw.sample(QUALIFICATIONS, 2)),
                living_area_ids=(area_id,),
                max_loan_minutes=2880,
            )
            await stated(tx, site, person, "available", now, now + timedelta(days=12))
        for _ in range(30):
            starts = [now + timedelta(days=draw.randrange(1, 11), hours=draw.choice((0, 7, 14))) for _ in range(6)]
            await a_need(
                tx,
                draw.choice(sites),
                qualifications_any=tuple(draw.sample(QUALIFICATIONS, 2)),
                urgency=draw.randint(1, 4),
                shifts=tuple(ShiftAsked(at, at + timedelta(hours=8)) for at in sorted(set(starts))),
            )
    return Planned(db, community_id)
