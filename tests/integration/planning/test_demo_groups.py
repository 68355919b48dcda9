"""The fictional community, planned once: its couple, its siblings and its residents in pairs are never parted."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

import pytest_asyncio
from sqlalchemy import select, text, update

from exchange.adapters.straight_line import StraightLine
from exchange.availability.models import PlaceOffer
from exchange.demo.community import FACILITIES
from exchange.demo.load import load_community
from exchange.demo.situations import SITUATION_BY_ID, SITUATIONS
from exchange.kernel.db import now_of
from exchange.kernel.journals import OutboxRow
from exchange.organisations.models import Facility
from exchange.placements.models import Placement
from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd, run_lane
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from exchange.situations.models import Situation
from tests.factories.ground import database_of
from tests.servers import FreshDatabase

FACILITY_BY_NAME = {line.name: line.id for line in FACILITIES}
SIZES = Counter(person.together for person in SITUATIONS if person.together is not None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A proposal: who (commune and group tell the persons of the tables apart), at which rank, in which facility."""

    situation_id: UUID
    commune: str
    together_id: UUID | None
    rank: int
    facility: str


@pytest_asyncio.fixture(loop_scope="session")
async def proposals(database: FreshDatabase, solver: SolverProcess) -> list[Seen]:
    db = database_of(database, reactions)
    async with db.read(None) as reader:
        now = now_of(reader)
    community_id = await load_community(db, "not a password", now)
    async with db.write(community_id) as tx:
        await tx.execute(
            update(OutboxRow).where(OutboxRow.gather_key == "full").values(due_at=text("now() - interval '1 second'"))
        )
    outcome = await run_lane(db, community_id, Lane.FULL, solver, StraightLine())
    assert outcome.end is RunEnd.RECORDED
    async with db.read(community_id) as reader:
        rows = await reader.execute(
            select(Situation.id, Situation.commune_code, Situation.together_id, Placement.rank, Facility.name)
            .join(Placement, Placement.situation_id == Situation.id)
            .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
            .join(Facility, Facility.id == PlaceOffer.facility_id)
        )
        return [Seen(*row[:4], FACILITY_BY_NAME[row[4]]) for row in rows]


def _first_choice(proposals: list[Seen], person: str) -> list[str]:
    """The facilities proposed at rank 1 to the persons of that commune, one per person."""
    commune = SITUATION_BY_ID[person].commune
    return [seen.facility for seen in proposals if seen.commune == commune and seen.rank == 1]


async def test_the_couple_gets_the_twin_studio_and_the_single_man_the_other_house(proposals: list[Seen]) -> None:
    assert _first_choice(proposals, "S14-1") == ["F05", "F05"]
    assert set(_first_choice(proposals, "S01")) == {"F04"}


async def test_the_three_siblings_share_a_house_that_takes_children_in_an_emergency(proposals: list[Seen]) -> None:
    assert _first_choice(proposals, "S04-1") in (["F17"] * 3, ["F24"] * 3)


async def test_every_group_is_whole_under_one_roof_at_every_rank_or_absent_from_it(proposals: list[Seen]) -> None:
    members: dict[tuple[UUID, int], set[UUID]] = defaultdict(set)
    roofs: dict[tuple[UUID, int], set[str]] = defaultdict(set)
    for seen in proposals:
        if seen.together_id is not None:
            members[seen.together_id, seen.rank].add(seen.situation_id)
            roofs[seen.together_id, seen.rank].add(seen.facility)
    assert {len(houses) for houses in roofs.values()} == {1}
    served = Counter(len(members[group, rank]) for group, rank in members if rank == 1)
    # S15's two young people want no bed: everybody else's group is served.
    assert served == Counter(size for group, size in SIZES.items() if group != "S15")
    backups = [(group, rank) for group, rank in members if rank > 1]
    assert backups
    assert all(members[group, rank] == members[group, 1] for group, rank in backups)
