"""A community where places can be promised: one house with an offer, its manager, an adviser, and proposals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, Reactions, now_of
from exchange.placements.commands import (
    GiveYes,
    HoldAnswer,
    ProposedPlacement,
    give_yes,
    hold_answer,
    put_forward,
)
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import CLAIMING, PlacementState, YesParty
from exchange.situations.commands import receive_situation
from exchange.situations.models import Situation, SituationBlock
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import a_community, a_facility, actor_for, database_of, ground, no_follow_up
from tests.factories.situations import a_situation, an_adviser, situation_form
from tests.servers import FreshDatabase


@dataclass(frozen=True, slots=True)
class House:
    """A facility with one offer and the manager who gives its word."""

    facility_id: UUID
    offer_id: UUID
    manager: Actor


@dataclass(frozen=True, slots=True)
class Stage:
    """A committed community with one house and an adviser, both with real accounts."""

    db: Database
    community_id: UUID
    adviser: Actor
    house: House

    @property
    def system(self) -> Actor:
        return Actor.system(self.community_id)


async def a_stage(fresh: FreshDatabase, *, reactions: Reactions = no_follow_up, **offer: object) -> Stage:
    """Commit a community, its house and its adviser; `offer` goes to `an_offer` (`capacity=2`, `kind=...`)."""
    db = database_of(fresh, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        adviser = await actor_for(tx, Role.PATHWAY_ADVISER)
        house = await a_house(tx, **offer)
    return Stage(db, community_id, adviser, house)


async def a_house(tx: AsyncSession, **offer: object) -> House:
    """Another facility with an offer and a manager. The transaction comes from `ground`."""
    facility_id = await a_facility(tx)
    manager = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=facility_id)
    return House(facility_id, await an_offer(tx, facility_id, **offer), manager)


async def proposed(
    tx: AsyncSession,
    situation_id: UUID,
    offer_id: UUID,
    *,
    rank: int = 1,
    positions: Iterable[int] | None = None,
) -> UUID:
    """A proposal of the matcher for the situation's blocks at these positions, all of them by default.

    Put forward beside what already stands: the call speaks of no other line.
    """
    line = await a_line(tx, situation_id, offer_id, rank=rank, positions=positions)
    standing = [
        ProposedPlacement(
            row.situation_id,
            row.offer_id,
            tuple(UUID(block) for block in row.blocks_key.split(",")),
            row.rank,
            tuple(row.reasons),
            row.situation_terms_version,
            row.offer_terms_version,
        )
        for row in await tx.scalars(
            select(Placement).where(Placement.situation_id == situation_id, Placement.state == "proposed")
        )
    ]
    community_id = await tx.scalar(text("SELECT current_community()"))
    assert isinstance(community_id, UUID)
    new = await put_forward(tx, Actor.system(community_id), (*standing, line), None, now_of(tx))
    assert len(new) == 1, "the proposal was dropped"
    return new[0]


async def a_line(
    tx: AsyncSession,
    situation_id: UUID,
    offer_id: UUID,
    *,
    rank: int = 1,
    positions: Iterable[int] | None = None,
    reasons: tuple[dict[str, object], ...] = ({"code": "same_living_area"},),
) -> ProposedPlacement:
    """One line of a plan, with the versions as they stand."""
    blocks = await tx.execute(
        select(SituationBlock.id, SituationBlock.position).where(SituationBlock.situation_id == situation_id)
    )
    wanted = None if positions is None else set(positions)
    situation_version = await tx.scalar(select(Situation.terms_version).where(Situation.id == situation_id))
    offer_version = await tx.scalar(select(PlaceOffer.terms_version).where(PlaceOffer.id == offer_id))
    assert situation_version is not None
    assert offer_version is not None
    return ProposedPlacement(
        situation_id=situation_id,
        offer_id=offer_id,
        block_ids=tuple(row.id for row in blocks if wanted is None or row.position in wanted),
        rank=rank,
        reasons=reasons,
        situation_terms_version=situation_version,
        offer_terms_version=offer_version,
    )


async def waiting(stage: Stage, *, offer_ids: Iterable[UUID] | None = None, **over: object) -> UUID:
    """A committed situation for tomorrow night, with a proposal per offer: ranks 1, 2, 3 in their order."""
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx, **over)
        for rank, offer_id in enumerate((stage.house.offer_id,) if offer_ids is None else offer_ids, 1):
            await proposed(tx, situation.id, offer_id, rank=rank)
    return situation.id


async def two_nights(tx: AsyncSession, **over: object) -> UUID:
    """A situation of two blocks: tomorrow night, and the night after."""
    night = await tomorrow_night(tx)
    form = situation_form(night, **{"blocks": ((night,), (night + 2,)), **over})
    return (await receive_situation(tx, await an_adviser(tx), form, now_of(tx))).id


async def hold(stage: Stage, situation_id: UUID, *, rank: int = 1, now: datetime | None = None) -> datetime:
    """The adviser reserves an answer; committed."""
    async with stage.db.write(stage.community_id) as tx:
        return await hold_answer(tx, stage.adviser, HoldAnswer(situation_id, rank), now or now_of(tx))


async def say(stage: Stage, placement_id: UUID, *parties: YesParty, manager: Actor | None = None) -> PlacementState:
    """These parties say yes, each in a transaction of its own; return the state after the last."""
    state = PlacementState.PROPOSED
    for party in parties:
        actor = (manager or stage.house.manager) if party is YesParty.RECEIVER else stage.adviser
        yes = GiveYes(placement_id, party, Via.WEB, person_yes_from="person", legal_basis="emergency_admission")
        async with stage.db.write(stage.community_id) as tx:
            state = await give_yes(tx, actor, yes, now_of(tx))
    return state


ALL_YESES = (YesParty.RECEIVER, YesParty.PERSON, YesParty.LEGAL_BASIS)


async def placements_of(stage: Stage, situation_id: UUID) -> dict[int, list[tuple[UUID, PlacementState]]]:
    """The placements of a situation by rank, oldest first."""
    async with stage.db.read(stage.community_id) as reader:
        rows = await reader.execute(
            select(Placement.rank, Placement.id, Placement.state)
            .where(Placement.situation_id == situation_id)
            .order_by(Placement.rank, Placement.id)
        )
        found: dict[int, list[tuple[UUID, PlacementState]]] = {}
        for rank, placement_id, state in rows:
            found.setdefault(rank, []).append((placement_id, PlacementState(state)))
        return found


async def the_placement(stage: Stage, situation_id: UUID, *, rank: int = 1) -> UUID:
    """The newest placement of a situation at a rank."""
    return (await placements_of(stage, situation_id))[rank][-1][0]


async def state_of(stage: Stage, placement_id: UUID) -> PlacementState:
    async with stage.db.read(stage.community_id) as reader:
        state = await reader.scalar(select(Placement.state).where(Placement.id == placement_id))
    return PlacementState(str(state))


async def situation_state(stage: Stage, situation_id: UUID) -> str:
    async with stage.db.read(stage.community_id) as reader:
        return str(await reader.scalar(select(Situation.state).where(Situation.id == situation_id)))


async def counted_and_claimed(stage: Stage) -> tuple[dict[tuple[UUID, int], int], dict[tuple[UUID, int], int]]:
    """What the counters say, and what a recount of the claiming segments says; both without zeros."""
    async with stage.db.read(stage.community_id) as reader:
        counted = await reader.execute(
            select(OfferSegment.offer_id, OfferSegment.segment, OfferSegment.used).where(OfferSegment.used > 0)
        )
        claimed = await reader.execute(
            select(PlacementSegment.offer_id, PlacementSegment.segment)
            .join(Placement, Placement.id == PlacementSegment.placement_id)
            .where(Placement.state.in_([state.value for state in CLAIMING]))
        )
        recount: dict[tuple[UUID, int], int] = {}
        for offer_id, segment in claimed:
            recount[offer_id, segment] = recount.get((offer_id, segment), 0) + 1
        return {(offer_id, segment): used for offer_id, segment, used in counted}, recount


async def age_offer(stage: Stage, offer_id: UUID) -> None:
    """Let an offer outlive its attestation by a minute."""
    async with stage.db.write(stage.community_id) as tx:
        offer = await tx.get_one(PlaceOffer, offer_id)
        offer.fresh_until = now_of(tx) - timedelta(minutes=1)


async def overdue(stage: Stage, placement_id: UUID) -> None:
    """Let a hold run out a minute ago, without anybody having tidied."""
    async with stage.db.write(stage.community_id) as tx:
        placement = await tx.get_one(Placement, placement_id)
        placement.held_until = now_of(tx) - timedelta(minutes=1)


def demoted(actor: Actor) -> Actor:
    """The same person once their facility was taken away from them."""
    return replace(actor, role=Role.OBSERVER, facility_ids=frozenset())
