"""Keeping the word about places true: nothing has changed, one more, one less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import attest, lifetimes, locked_offer
from exchange.availability.cards import card_of
from exchange.availability.counters import lock_offers
from exchange.availability.errors import CapacityBelowUsed
from exchange.availability.evening import is_said_for
from exchange.availability.events import CapacityChanged, OfferLapsed, OfferReconfirmed
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.rules import MOST_CAPACITY, OfferState, is_stale
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, InvalidValue
from exchange.kernel.periods import current_segment, tonight_at
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.staffing.values import check_between


async def reconfirm_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> datetime:
    """Say that nothing has changed: who attests, when, and until when it is fresh move, nothing else.

    Returns the new `fresh_until`. Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn.
    """
    return await _reconfirm(tx, actor, await locked_offer(tx, actor, offer_id, "reconfirm"), now)


async def reconfirm_all(tx: AsyncSession, actor: Actor, now: datetime) -> tuple[UUID, ...]:
    """Say that nothing has changed in any place of the houses whose word the actor gives; return their offers.

    Raises `ActForbidden` for who speaks for no house.
    """
    if not actor.facility_ids:
        raise ActForbidden
    published = await tx.scalars(
        select(PlaceOffer.id).where(
            PlaceOffer.facility_id.in_(actor.facility_ids), PlaceOffer.state == OfferState.PUBLISHED.value
        )
    )
    # A place taken back between the reading and its lock is nobody's to confirm.
    offers = await lock_offers(tx, published)
    confirmed = [offer for offer in offers.values() if offer.state == OfferState.PUBLISHED]
    for offer in confirmed:
        await _reconfirm(tx, actor, offer, now)
    return tuple(offer.id for offer in confirmed)


async def _reconfirm(tx: AsyncSession, actor: Actor, offer: PlaceOffer, now: datetime) -> datetime:
    was_stale = is_stale(offer.fresh_until, now) or await _was_unsaid_tonight(tx, offer, now)
    await attest(tx, actor, offer, now)
    fact = OfferReconfirmed(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        fresh_until=offer.fresh_until,
        was_stale=was_stale,
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
    return offer.fresh_until


async def lapse_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> bool:
    """Note that the word about an offer has come to its end, so that what was proposed on it goes; tell whether so.

    Nothing where it was said again since, or taken back. Only a clock does this. Raises `NotFound`, `ActForbidden`.
    """
    if actor.role is not Role.SYSTEM:
        raise ActForbidden
    offer = (await lock_offers(tx, (offer_id,)))[offer_id]
    if offer.state != OfferState.PUBLISHED or not is_stale(offer.fresh_until, now):
        return False
    await record(tx, actor, OfferLapsed(subject_id=offer_id, facility_id=offer.facility_id), now)
    return True


async def _was_unsaid_tonight(tx: AsyncSession, offer: PlaceOffer, now: datetime) -> bool:
    """Whether the offer is open tonight, and its last word no answer to tonight's question."""
    zone = await organisations.zone(tx)
    tonight = tonight_at(now, zone)
    if is_said_for(tonight, offer.attested_at, now, await lifetimes(tx), zone):
        return False
    return await tx.get(OfferSegment, (offer.id, tonight)) is not None


async def change_capacity(
    tx: AsyncSession, actor: Actor, offer_id: UUID, delta: int, segments: Sequence[int] | None, now: datetime
) -> None:
    """Add units to segments, or take some away; `segments=None` means all those not over.

    Fewer units may break what was proposed, so the terms move; more cannot. All segments change, or none. Whoever
    counts attests: it is a word about the place, as fresh as « nothing has changed ».
    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `InvalidValue`, `CapacityBelowUsed`.
    """
    offer = await locked_offer(tx, actor, offer_id, "change_capacity")
    check_between(delta, -MOST_CAPACITY, MOST_CAPACITY, "delta")
    if delta == 0:
        raise InvalidValue(field="delta", rule="zero")
    current = current_segment(now, await organisations.zone(tx))
    counters = await tx.scalars(
        select(OfferSegment)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment >= current)
        .order_by(OfferSegment.segment)
        .execution_options(populate_existing=True)
    )
    wanted = {counter.segment: counter for counter in counters}
    if segments is not None:
        if not segments or not set(segments) <= wanted.keys():
            raise InvalidValue(field="segments", rule="not-offered")
        wanted = {segment: wanted[segment] for segment in sorted(set(segments))}
    for segment, counter in wanted.items():
        capacity = counter.capacity + delta
        if capacity < 0 or capacity + counter.over_capacity < counter.used:
            raise CapacityBelowUsed(field="delta", segment=segment, used=counter.used)
        if capacity > MOST_CAPACITY:
            raise InvalidValue(field="delta", rule="out-of-range", least=0, most=MOST_CAPACITY)
        counter.capacity = capacity
    await attest(tx, actor, offer, now)
    bump(offer)
    if delta < 0:
        offer.terms_version += 1
    fact = CapacityChanged(
        subject_id=offer_id,
        facility_id=offer.facility_id,
        delta=delta,
        segments=len(wanted),
        fresh_until=offer.fresh_until,
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)
