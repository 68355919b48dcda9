"""Counting persons into the segments of offers. Availability only counts; placements promise."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.errors import PlaceAlreadyHeld
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.errors import NotFound


async def lock_offers(tx: AsyncSession, offer_ids: Iterable[UUID]) -> dict[UUID, PlaceOffer]:
    """Lock offers, ids ascending, and read them again. Raises `NotFound` where one is missing.

    The offer's row guards all its counters: whoever counts holds it.
    """
    wanted = set(offer_ids)
    await tx.flush()
    found = await tx.scalars(
        select(PlaceOffer)
        .where(PlaceOffer.id.in_(wanted))
        .order_by(PlaceOffer.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    offers = {offer.id: offer for offer in found}
    if offers.keys() != wanted:
        raise NotFound
    return offers


async def claim_segments(tx: AsyncSession, offer_id: UUID, segments: Iterable[int]) -> None:
    """Count one person into each segment, or into none; the offer is already locked by `lock_offers`.

    Raises `PlaceAlreadyHeld` naming the first segment that has no unit left, or that the offer never opened.
    """
    wanted = set(segments)
    counted = await tx.scalars(
        update(OfferSegment)
        .where(
            OfferSegment.offer_id == offer_id,
            OfferSegment.segment.in_(wanted),
            OfferSegment.used < OfferSegment.capacity + OfferSegment.over_capacity,
        )
        .values(used=OfferSegment.used + 1)
        .returning(OfferSegment.segment)
        .execution_options(synchronize_session=False)
    )
    full = wanted - set(counted)
    if full:
        raise PlaceAlreadyHeld(segment=min(full), offer_id=str(offer_id))


async def release_segments(tx: AsyncSession, offer_id: UUID, segments: Iterable[int]) -> None:
    """Count one person out of each segment; the offer is already locked, whatever its state.

    Releasing what nobody claimed breaks the CHECK: it is a fault of the caller. Raises `NotFound` where a segment
    does not exist.
    """
    wanted = set(segments)
    counted = await tx.scalars(
        update(OfferSegment)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment.in_(wanted))
        .values(used=OfferSegment.used - 1)
        .returning(OfferSegment.segment)
        .execution_options(synchronize_session=False)
    )
    if set(counted) != wanted:
        raise NotFound


async def segments_in_use(tx: AsyncSession, offer_id: UUID) -> frozenset[int]:
    """Return the segments in which somebody counts."""
    used = await tx.scalars(
        select(OfferSegment.segment).where(OfferSegment.offer_id == offer_id, OfferSegment.used > 0)
    )
    return frozenset(used)
