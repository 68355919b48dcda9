"""Taking places back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import locked_offer
from exchange.availability.cards import card_of
from exchange.availability.counters import segments_in_use
from exchange.availability.events import OfferWithdrawn
from exchange.availability.models import PlaceOffer, SegmentRequirement
from exchange.availability.rules import (
    OfferState,
)
from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.staffing.commands import cancel_need
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import NeedState


async def withdraw_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> None:
    """Take the places back; what was held on them ends by its own acts, told by the event.

    A coupled need that nothing else rests on, and for which nobody is promised, is cancelled with it.
    Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn.
    """
    offer = await locked_offer(tx, actor, offer_id, "withdraw")
    offer.state = OfferState.WITHDRAWN.value
    bump(offer)
    offer.terms_version += 1
    in_use = await segments_in_use(tx, offer_id)
    fact = OfferWithdrawn(
        subject_id=offer_id,
        facility_id=offer.facility_id,
        was_used=bool(in_use),
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)
    if not in_use:
        for need_id in await _needs_left_alone(tx, offer_id):
            await cancel_need(tx, actor, need_id, now)


async def _needs_left_alone(tx: AsyncSession, offer_id: UUID) -> Sequence[UUID]:
    """Return the coupled needs of an offer that no published offer rests on and nobody is promised for."""
    rests_on = (
        select(Shift.need_id)
        .join(SegmentRequirement, SegmentRequirement.shift_id == Shift.id)
        .join(PlaceOffer, PlaceOffer.id == SegmentRequirement.offer_id)
    )
    promised = select(Shift.need_id).where(Shift.seats_agreed > 0)
    needs = await tx.scalars(
        select(StaffNeed.id)
        .where(
            StaffNeed.is_coupled,
            StaffNeed.state == NeedState.OPEN.value,
            StaffNeed.id.in_(rests_on.where(PlaceOffer.id == offer_id)),
            StaffNeed.id.not_in(rests_on.where(PlaceOffer.state == OfferState.PUBLISHED.value)),
            StaffNeed.id.not_in(promised),
        )
        .order_by(StaffNeed.id)
    )
    return needs.all()
