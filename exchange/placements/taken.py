"""Proposals whose place somebody else holds: still there, since a hold may fall, and never shown as free to take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment
from exchange.kernel.journals import CardVersion
from exchange.kernel.record import show_card
from exchange.placements.cards import card_of
from exchange.placements.locks import lock_placements
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import PlacementState

_INFINITY: ColumnElement[datetime] = literal_column("'infinity'::timestamptz")


def taken_among(placement_ids: Iterable[UUID]) -> Select[UUID]:
    """Select, of some placements, the proposals of which a day or a night has no unit left."""
    return (
        select(PlacementSegment.placement_id)
        .distinct()
        .join(Placement, Placement.id == PlacementSegment.placement_id)
        .join(
            OfferSegment,
            (OfferSegment.offer_id == PlacementSegment.offer_id) & (OfferSegment.segment == PlacementSegment.segment),
        )
        .where(
            PlacementSegment.placement_id.in_(set(placement_ids)),
            Placement.state == PlacementState.PROPOSED.value,
            OfferSegment.used >= OfferSegment.capacity + OfferSegment.over_capacity,
        )
    )


async def shown_otherwise(reader: AsyncSession, offer_id: UUID) -> tuple[UUID, ...]:
    """Return the proposals of an offer whose live card says free what is taken, or taken what is free."""
    of_offer = (Placement.offer_id == offer_id) & (Placement.state == PlacementState.PROPOSED.value)
    proposed = (await reader.scalars(select(Placement.id).where(of_offer).order_by(Placement.id))).all()
    taken = frozenset(await reader.scalars(taken_among(proposed)))
    shown = frozenset(
        await reader.scalars(
            select(CardVersion.subject_id).where(
                CardVersion.subject_id.in_(proposed),
                CardVersion.shown_until == _INFINITY,
                CardVersion.card["is_taken"].astext == "true",
            )
        )
    )
    return tuple(one for one in proposed if (one in taken) is not (one in shown))


async def show_as_it_stands(tx: AsyncSession, placement_id: UUID, now: datetime) -> bool:
    """Show a proposal's card anew; whether it was still a proposal. Repeatable.

    Outside the hold: one last place may have two hundred proposals, and whoever took it must not wait for their cards.
    """
    placement = (await lock_placements(tx, (placement_id,))).get(placement_id)
    if placement is None or placement.state != PlacementState.PROPOSED:
        return False
    await show_card(tx, await card_of(tx, placement_id), now)
    return True
