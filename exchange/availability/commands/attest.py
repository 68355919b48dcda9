"""Keeping the word about places true: nothing has changed, one more, one less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import freshness, locked_offer
from exchange.availability.cards import card_of
from exchange.availability.errors import CapacityBelowUsed
from exchange.availability.events import CapacityChanged, OfferReconfirmed
from exchange.availability.models import OfferSegment
from exchange.availability.rules import (
    MOST_CAPACITY,
    OfferKind,
    is_stale,
)
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.staffing.values import check_between


async def reconfirm_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> datetime:
    """Say that nothing has changed: who attests, when, and until when it is fresh move, nothing else.

    Returns the new `fresh_until`. Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn.
    """
    offer = await locked_offer(tx, actor, offer_id, "reconfirm")
    was_stale = is_stale(offer.fresh_until, now)
    offer.attested_by = actor.account_id
    offer.attested_at = now
    offer.fresh_until = await freshness(tx, OfferKind(offer.kind), now)
    fact = OfferReconfirmed(
        subject_id=offer_id,
        facility_id=offer.facility_id,
        fresh_until=offer.fresh_until,
        was_stale=was_stale,
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)
    return offer.fresh_until


async def change_capacity(
    tx: AsyncSession, actor: Actor, offer_id: UUID, delta: int, segments: Sequence[int] | None, now: datetime
) -> None:
    """Add units to segments, or take some away; `segments=None` means all those not over.

    Fewer units may break what was proposed, so the terms move; more cannot. All segments change, or none.
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
    bump(offer)
    if delta < 0:
        offer.terms_version += 1
    fact = CapacityChanged(
        subject_id=offer_id,
        facility_id=offer.facility_id,
        delta=delta,
        segments=len(wanted),
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)
