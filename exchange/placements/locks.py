"""Locking what a placement stands on, in the order of the house: situations, offers, placements; ids ascending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.availability.models import PlaceOffer
from exchange.kernel.errors import IllegalTransition, NotFound
from exchange.kernel.versions import require_seen
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import Act, PlacementState
from exchange.situations.commands import lock_situations
from exchange.situations.models import Situation
from exchange.situations.transitions import SituationState


@dataclass(frozen=True, slots=True)
class Line:
    """What never changes of a placement, read before any lock."""

    placement_id: UUID
    situation_id: UUID
    offer_id: UUID
    facility_id: UUID


@dataclass(frozen=True, slots=True)
class Locked:
    """A placement with the situation and the offer that it joins, all locked and read again."""

    placement: Placement
    situation: Situation
    offer: PlaceOffer

    @property
    def state(self) -> PlacementState:
        """The placement's state, typed."""
        return PlacementState(self.placement.state)


async def line_of(tx: AsyncSession, placement_id: UUID) -> Line:
    """Return what a placement joins. Raises `NotFound`."""
    row = (
        await tx.execute(
            select(Placement.situation_id, Placement.offer_id, PlaceOffer.facility_id)
            .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
            .where(Placement.id == placement_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return Line(placement_id, row.situation_id, row.offer_id, row.facility_id)


async def lock_line(tx: AsyncSession, line: Line) -> Locked:
    """Lock a placement after its situation and its offer."""
    situation = (await lock_situations(tx, (line.situation_id,)))[line.situation_id]
    offer = (await lock_offers(tx, (line.offer_id,)))[line.offer_id]
    placement = (await lock_placements(tx, (line.placement_id,)))[line.placement_id]
    return Locked(placement, situation, offer)


def require_open(situation: Situation, act: Act) -> None:
    """Raise `IllegalTransition` where the situation is closed: nothing more is promised for it."""
    if situation.state == SituationState.CLOSED:
        raise IllegalTransition(state=situation.state, act=act.value)


async def lock_group(tx: AsyncSession, situation_id: UUID) -> dict[UUID, Situation]:
    """Lock a situation with the open ones that it must stay together with. Raises `NotFound`."""
    kept_together = select(Situation.together_id).where(Situation.id == situation_id).scalar_subquery()
    companions = await tx.scalars(
        select(Situation.id).where(
            Situation.together_id == kept_together, Situation.state != SituationState.CLOSED.value
        )
    )
    return await lock_situations(tx, {situation_id, *companions})


async def lock_placements(tx: AsyncSession, placement_ids: Iterable[UUID]) -> dict[UUID, Placement]:
    """Lock placements `FOR UPDATE`, ids ascending, and read them again; their offers are already locked.

    The full strength: `is_claiming` is part of a key that segments refer to, and a weaker lock deadlocks.
    """
    await tx.flush()
    found = await tx.scalars(
        select(Placement)
        .where(Placement.id.in_(set(placement_ids)))
        .order_by(Placement.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    placements = {placement.id: placement for placement in found}
    require_seen(tx, *placements.values())
    return placements


async def segments_of(tx: AsyncSession, placement_ids: Iterable[UUID]) -> dict[UUID, frozenset[int]]:
    """Return the segments of placements."""
    rows = await tx.execute(
        select(PlacementSegment.placement_id, func.array_agg(PlacementSegment.segment))
        .where(PlacementSegment.placement_id.in_(set(placement_ids)))
        .group_by(PlacementSegment.placement_id)
    )
    return {placement_id: frozenset(segments) for placement_id, segments in rows}
