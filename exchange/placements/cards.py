"""What the board shows of a placement."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import date_of
from exchange.kernel.record import Card
from exchange.organisations.models import Facility, LivingArea
from exchange.placements.models import Placement, PlacementCover, PlacementSegment
from exchange.placements.rules import CLAIMING, PlacementState
from exchange.placements.stay_limits import counters_of
from exchange.situations.models import Situation

ON_THE_BOARD = CLAIMING | {PlacementState.PROPOSED}


async def card_of(tx: AsyncSession, placement_id: UUID) -> Card:
    """Return the card of a placement as the transaction sees it; empty once it has ended. Raises `NotFound`.

    Nothing of the person: the spoken reference alone joins it to the situation's card.
    """
    await tx.flush()
    row = (
        await tx.execute(
            select(Placement, PlaceOffer.kind, PlaceOffer.care_mode, Situation.reference, Facility, LivingArea.name)
            .join(PlaceOffer, PlaceOffer.id == Placement.offer_id)
            .join(Situation, Situation.id == Placement.situation_id)
            .join(Facility, Facility.id == PlaceOffer.facility_id)
            .join(LivingArea, LivingArea.id == Facility.living_area_id, isouter=True)
            .where(Placement.id == placement_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    placement, offer_kind, care_mode, reference, facility, living_area = row
    if PlacementState(placement.state) not in ON_THE_BOARD:
        return Card("placement", placement_id, None, facility.living_area_id, facility.id)
    found = await tx.scalars(
        select(PlacementSegment.segment)
        .where(PlacementSegment.placement_id == placement_id)
        .order_by(PlacementSegment.segment)
    )
    segments = found.all()
    counters = counters_of(placement.legal_basis, care_mode, date_of(min(segments)), placement.temporary_days_before)
    covers = await tx.scalars(select(PlacementCover.covered).where(PlacementCover.placement_id == placement_id))
    content = {
        "kind": "placement",
        "situation_id": placement.situation_id,
        "reference": reference,
        "offer_id": placement.offer_id,
        "facility": facility.name,
        "facility_id": facility.id,
        "living_area": living_area,
        "offer_kind": offer_kind,
        "care_mode": care_mode,
        "rank": placement.rank,
        "state": placement.state,
        "held_until": placement.held_until,
        "segments": segments,
        "exit_on": placement.exit_on,
        "counters": [{"kind": each.kind, "first_on": each.first_on, "before": each.before} for each in counters],
        "receiver_yes": placement.receiver_yes_at is not None,
        "person_yes": placement.person_yes_at is not None,
        "legal_basis": placement.legal_basis_at is not None,
        "origin": placement.origin,
        "reasons": placement.reasons,
        "rests_on_loan": offer_kind == "conditional",
        "at_risk": not all(covers),
        "is_taken": placement.state == PlacementState.PROPOSED and await _is_taken(tx, placement),
    }
    return Card("placement", placement_id, content, facility.living_area_id, facility.id)


async def _is_taken(tx: AsyncSession, placement: Placement) -> bool:
    """Whether somebody else holds the last unit of a day or night that this proposal wants."""
    full = await tx.scalar(
        select(OfferSegment.segment)
        .join(
            PlacementSegment,
            (PlacementSegment.offer_id == OfferSegment.offer_id) & (PlacementSegment.segment == OfferSegment.segment),
        )
        .where(
            PlacementSegment.placement_id == placement.id,
            OfferSegment.used >= OfferSegment.capacity + OfferSegment.over_capacity,
        )
        .limit(1)
    )
    return full is not None
