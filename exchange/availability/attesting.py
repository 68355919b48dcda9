"""What every word about a published offer needs: its lock, and its lifetime."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.counters import lock_offers
from exchange.availability.models import PlaceOffer
from exchange.availability.policies import require_word_of
from exchange.availability.rules import (
    Lifetimes,
    OfferKind,
    OfferState,
    fresh_until,
)
from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition
from exchange.kernel.versions import require_seen
from exchange.organisations import queries as organisations


async def locked_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, act: str) -> PlaceOffer:
    """Lock a published offer for who gives its word. Raises `NotFound`, `ActForbidden`,
    `StaleVersion`, `IllegalTransition`."""
    offer = (await lock_offers(tx, (offer_id,)))[offer_id]
    require_word_of(actor, offer.facility_id)
    require_seen(tx, offer)
    if offer.state != OfferState.PUBLISHED:
        raise IllegalTransition(state=offer.state, act=act)
    return offer


async def attest(tx: AsyncSession, actor: Actor, offer: PlaceOffer, now: datetime) -> None:
    """Keep who gave this word about a locked offer, as what, when, and until when it holds."""
    offer.attested_by = actor.account_id
    offer.attested_role = actor.role.value
    offer.attested_at = now
    offer.fresh_until = await freshness(tx, OfferKind(offer.kind), now)


async def lifetimes(tx: AsyncSession, at: datetime | None = None) -> Lifetimes:
    """Return the community's clocks of availability, now or at a past instant."""
    clocks = await organisations.parameters(tx, at)
    return Lifetimes(
        asked_at=clocks.emergency_asked_at,
        valid_until=clocks.emergency_valid_until,
        ordinary_hours=clocks.ordinary_fresh_hours,
    )


async def freshness(tx: AsyncSession, kind: OfferKind, now: datetime) -> datetime:
    """Return until when an attestation made now may be proposed on, by the community's clocks."""
    return fresh_until(kind, now, await lifetimes(tx), await organisations.zone(tx))
