"""Closing one place until a date, and opening it again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import attest, locked_offer
from exchange.availability.cards import card_of
from exchange.availability.evening import closed_until
from exchange.availability.events import OfferClosed, OfferReopened
from exchange.availability.inputs import CloseOffer
from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.answers import StatusReason
from exchange.staffing.values import code_of


async def close_offer(tx: AsyncSession, actor: Actor, closing: CloseOffer, now: datetime) -> datetime:
    """Close a place until a date included: still visible, marked, and not proposed on these dates; return the end.

    It is a word about the place, hence attests it. Raises `NotFound`, `ActForbidden`, `IllegalTransition`,
    `InvalidValue`.
    """
    offer = await locked_offer(tx, actor, closing.offer_id, "close")
    reason = code_of(StatusReason, closing.reason, "reason")
    until = closed_until(closing.until_on, now, await organisations.zone(tx))
    await attest(tx, actor, offer, now)
    offer.closed_until, offer.closed_reason = until, reason.value
    bump(offer)
    offer.terms_version += 1
    await tx.flush()
    fact = OfferClosed(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        until=until,
        reason=reason.value,
        fresh_until=offer.fresh_until,
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
    return until


async def reopen_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> None:
    """Open a closed place again before its date. Raises `NotFound`, `ActForbidden`, `IllegalTransition`."""
    offer = await locked_offer(tx, actor, offer_id, "reopen")
    if offer.closed_until is None or offer.closed_until <= now:
        raise IllegalTransition(state=offer.state, act="reopen")
    await attest(tx, actor, offer, now)
    offer.closed_until, offer.closed_reason = None, None
    bump(offer)
    await tx.flush()
    fact = OfferReopened(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        fresh_until=offer.fresh_until,
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
