"""What the board shows of an offer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, OverCapacityDecision, PlaceOffer
from exchange.availability.rules import OfferKind, OfferState
from exchange.availability.statuses import statuses_in_force
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
    counters = (
        await tx.execute(
            select(
                OfferSegment.segment,
                OfferSegment.capacity + OfferSegment.over_capacity,
                OfferSegment.used,
                OfferSegment.over_capacity,
            )
            .where(OfferSegment.offer_id == offer_id, OfferSegment.segment >= current)
            .order_by(OfferSegment.segment)
            .limit(SEGMENTS_SHOWN)
        )
    ).all()
    status = (await statuses_in_force(tx, (facility.id,), now_of(tx))).get(facility.id)
    over = {segment: units for segment, _, _, units in counters if units}
    decided = await _last_decision(tx, offer_id) if over else None
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
        "segments": [[segment, capacity, used] for segment, capacity, used, _ in counters],
        "over": [list(item) for item in over.items()],
        "over_decided": None if decided is None else {"by": decided.decided_role, "at": decided.decided_at},
        "attested_at": offer.attested_at,
        "attested_as": offer.attested_role,
        "fresh_until": offer.fresh_until,
        "state": offer.state,
        "version": offer.version,
        "is_conditional": offer.kind == OfferKind.CONDITIONAL,
        "closing": None if offer.closed_until is None else {"until": offer.closed_until, "reason": offer.closed_reason},
        "awaits_departure": offer.awaits_departure,
        "house": None
        if status is None
        else {
            "colour": status.colour,
            "reason": status.reason,
            "said_at": status.said_at,
            "said_as": status.said_as,
            "until": status.until,
        },
        "never_full": facility.never_full,
    }
    return Card("offer", offer_id, content, facility.living_area_id, facility.id)


async def _last_decision(tx: AsyncSession, offer_id: UUID) -> OverCapacityDecision | None:
    return (
        await tx.scalars(
            select(OverCapacityDecision)
            .where(OverCapacityDecision.offer_id == offer_id)
            .order_by(OverCapacityDecision.decided_at.desc(), OverCapacityDecision.id.desc())
            .limit(1)
        )
    ).one_or_none()
