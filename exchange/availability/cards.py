"""What the board shows of an offer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.rules import OfferKind, OfferState
from exchange.kernel.db import now_of
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import current_segment
from exchange.kernel.record import Card
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility, LivingArea
from exchange.reference.models import Commune

SEGMENTS_SHOWN = 28
"""Two weeks of days and nights."""


async def card_of(tx: AsyncSession, offer_id: UUID) -> Card:
    """Return the card of an offer as the transaction sees it; empty once withdrawn or ended. Raises `NotFound`.

    The commune of a facility that hides its address is absent.
    """
    await tx.flush()
    row = (
        await tx.execute(
            select(PlaceOffer, Facility, Commune.name, LivingArea.name)
            .join(Facility, Facility.id == PlaceOffer.facility_id)
            .join(Commune, Commune.code == Facility.commune_code)
            .join(LivingArea, LivingArea.id == Facility.living_area_id, isouter=True)
            .where(PlaceOffer.id == offer_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    offer, facility, commune, living_area = row
    if offer.state != OfferState.PUBLISHED:
        return Card("offer", offer_id, None, facility.living_area_id, facility.id)
    current = current_segment(now_of(tx), await organisations.zone(tx))
    segments = await tx.execute(
        select(OfferSegment.segment, OfferSegment.capacity + OfferSegment.over_capacity, OfferSegment.used)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment >= current)
        .order_by(OfferSegment.segment)
        .limit(SEGMENTS_SHOWN)
    )
    content = {
        "kind": "offer",
        "facility": facility.name,
        "facility_id": facility.id,
        "operator_id": facility.operator_id,
        "commune": None if facility.hides_address else commune,
        "living_area": living_area,
        "offer_kind": offer.kind,
        "care_mode": offer.care_mode,
        "ages": [offer.ages_from, offer.ages_to],
        "populations": offer.populations,
        "provides": offer.provides,
        "segments": [list(segment) for segment in segments],
        "attested_at": offer.attested_at,
        "fresh_until": offer.fresh_until,
        "state": offer.state,
        "version": offer.version,
        "is_conditional": offer.kind == OfferKind.CONDITIONAL,
    }
    return Card("offer", offer_id, content, facility.living_area_id, facility.id)
