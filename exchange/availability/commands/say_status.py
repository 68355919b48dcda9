"""What a house says of itself: its colour in one tap, or closed until a date."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import lifetimes
from exchange.availability.cards import card_of
from exchange.availability.counters import lock_offers
from exchange.availability.evening import Colour, check_status, status_until
from exchange.availability.events import HouseStatusSaid
from exchange.availability.inputs import SayStatus
from exchange.availability.models import FacilityStatus, OfferSegment, PlaceOffer
from exchange.availability.policies import require_word_of
from exchange.availability.rules import OfferState
from exchange.availability.statuses import statuses_in_force
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.periods import current_segment
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.reference.answers import StatusReason
from exchange.staffing.values import code_of

TICK = timedelta(microseconds=1)


async def say_status(tx: AsyncSession, actor: Actor, said: SayStatus, now: datetime) -> datetime:
    """Say the colour of a house, in place of the one in force; return until when it holds.

    Red moves the terms of every offer of the house, so that nothing proposed there may still be held. What is already
    held or expected stays: its own acts decide. Raises `NotFound`, `ActForbidden`, `InvalidValue`.
    """
    require_word_of(actor, said.facility_id)
    site = await organisations.facility(tx, said.facility_id)
    colour = code_of(Colour, said.colour, "colour")
    reason = None if said.reason is None else code_of(StatusReason, said.reason, "reason")
    check_status(colour, reason, is_dated=said.until_on is not None, never_full=site.never_full)
    until = status_until(said.until_on, now, await lifetimes(tx), await organisations.zone(tx))
    offers = await _locked(tx, site.id)
    status_id = new_id()
    was = await _in_place(tx, actor, site.id, status_id, colour, reason, until, now)
    if colour is Colour.RED:
        for offer in offers.values():
            offer.terms_version += 1
    fact = HouseStatusSaid(
        subject_id=site.id,
        status_id=status_id,
        colour=colour.value,
        reason=None if reason is None else reason.value,
        until=until,
        was=None if was is None else was.value,
        was_used=await _is_used(tx, offers, now),
        cards=tuple([await card_of(tx, offer_id) for offer_id in offers]),
    )
    await record(tx, actor, fact, now)
    return until


async def _locked(tx: AsyncSession, facility_id: UUID) -> dict[UUID, PlaceOffer]:
    """Lock the house, then its published offers: a hold holds one of them while it reads the colour."""
    await tx.execute(select(Facility.id).where(Facility.id == facility_id).with_for_update(key_share=True))
    published = await tx.scalars(
        select(PlaceOffer.id).where(
            PlaceOffer.facility_id == facility_id, PlaceOffer.state == OfferState.PUBLISHED.value
        )
    )
    return await lock_offers(tx, published)


async def _in_place(
    tx: AsyncSession,
    actor: Actor,
    facility_id: UUID,
    status_id: UUID,
    colour: Colour,
    reason: StatusReason | None,
    until: datetime,
    now: datetime,
) -> Colour | None:
    """End the colour in force and begin the new one; return the old one."""
    before = (await statuses_in_force(tx, (facility_id,), now)).get(facility_id)
    starts_at = now
    if before is not None:
        old = await tx.get_one(FacilityStatus, before.id)
        # Two taps may come in one instant, or the younger one first: a colour always has a length.
        starts_at = max(now, (old.during.lower or now) + TICK)
        old.during = Range(old.during.lower, starts_at)
        await tx.flush()
    if until <= starts_at:
        raise InvalidValue(field="until_on", rule="in-the-past")
    tx.add(
        FacilityStatus(
            id=status_id,
            facility_id=facility_id,
            colour=colour.value,
            reason=None if reason is None else reason.value,
            during=Range(starts_at, until),
            attested_by=actor.account_id,
            attested_role=actor.role.value,
            attested_at=now,
        )
    )
    await tx.flush()
    return None if before is None else before.colour


async def _is_used(tx: AsyncSession, offers: dict[UUID, PlaceOffer], now: datetime) -> bool:
    current = current_segment(now, await organisations.zone(tx))
    used = exists().where(
        OfferSegment.offer_id.in_(offers.keys()), OfferSegment.used > 0, OfferSegment.segment >= current
    )
    return bool(await tx.scalar(select(used)))
