"""Places that free when an adult kept on (Creton amendment) is hosted elsewhere for good."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.cards import card_of as offer_card
from exchange.availability.commands import lock_offers
from exchange.availability.counters import segments_in_use
from exchange.availability.events import DepartureAwaited, PlaceFreed
from exchange.availability.models import PlaceOffer
from exchange.availability.policies import require_word_of
from exchange.availability.rules import OfferState
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden, IllegalTransition, NotFound
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.placements.errors import NotAnAdult
from exchange.placements.inputs import AwaitDeparture
from exchange.placements.models import AwaitedDeparture, Placement
from exchange.placements.rules import PlacementState
from exchange.reference.code_lists import AgeBand
from exchange.situations.commands import lock_situations
from exchange.situations.models import Situation
from exchange.situations.transitions import SituationState

ADULT_FROM: Final = 20
"""The age from which a young adult is kept on by article L242-4 of the social action code (Creton amendment)."""


async def await_departure(tx: AsyncSession, actor: Actor, awaited: AwaitDeparture, now: datetime) -> None:
    """Say that an offer is free only once the person of a situation is hosted elsewhere; it is no longer proposed.

    Nobody may count on it yet. Said again, the situation named last stands. Raises `NotFound`, `ActForbidden`,
    `NotAnAdult`, `IllegalTransition` where the offer is in use or taken back, or the situation closed.
    """
    situation_id = await tx.scalar(select(Situation.id).where(Situation.reference == awaited.reference))
    if situation_id is None:
        raise NotFound
    situation = (await lock_situations(tx, (situation_id,)))[situation_id]
    offer = (await lock_offers(tx, (awaited.offer_id,)))[awaited.offer_id]
    require_word_of(actor, offer.facility_id)
    if AgeBand(situation.age_band).bounds[0] < ADULT_FROM:
        raise NotAnAdult(field="reference")
    if situation.state == SituationState.CLOSED:
        raise IllegalTransition(state=situation.state, act="await_departure")
    if offer.state != OfferState.PUBLISHED:
        raise IllegalTransition(state=offer.state, act="await_departure")
    if await segments_in_use(tx, offer.id):
        raise IllegalTransition(state="in_use", act="await_departure")
    await tx.merge(
        AwaitedDeparture(
            offer_id=offer.id,
            situation_id=situation.id,
            declared_by=actor.account_id,
            declared_at=now,
            freed_at=None,
        )
    )
    offer.awaits_departure = True
    bump(offer)
    offer.terms_version += 1
    await tx.flush()
    fact = DepartureAwaited(subject_id=offer.id, facility_id=offer.facility_id, cards=(await offer_card(tx, offer.id),))
    await record(tx, actor, fact, now)


async def free_departed(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Open the places that waited for this person, who has arrived elsewhere for good; return their offers.

    A stay with an exit date frees nothing: the person comes back. Repeatable. Raises `ActForbidden`.
    """
    if actor.account_id is not None:
        raise ActForbidden
    waiting = (
        await tx.scalars(
            select(AwaitedDeparture.offer_id).where(
                AwaitedDeparture.situation_id == situation_id, AwaitedDeparture.freed_at.is_(None)
            )
        )
    ).all()
    freed: list[UUID] = []
    for offer in (await lock_offers(tx, waiting)).values():
        if await _left(tx, situation_id, offer):
            await _free(tx, actor, offer, now)
            freed.append(offer.id)
    return tuple(freed)


async def _left(tx: AsyncSession, situation_id: UUID, offer: PlaceOffer) -> bool:
    elsewhere = exists().where(
        Placement.situation_id == situation_id,
        Placement.state == PlacementState.ADMITTED.value,
        Placement.exit_on.is_(None),
        Placement.offer_id == PlaceOffer.id,
        PlaceOffer.facility_id != offer.facility_id,
    )
    return bool(await tx.scalar(select(elsewhere)))


async def _free(tx: AsyncSession, actor: Actor, offer: PlaceOffer, now: datetime) -> None:
    awaited = await tx.get_one(AwaitedDeparture, offer.id)
    awaited.freed_at = now
    offer.awaits_departure = False
    bump(offer)
    await tx.flush()
    fact = PlaceFreed(subject_id=offer.id, facility_id=offer.facility_id, cards=(await offer_card(tx, offer.id),))
    await record(tx, actor, fact, now)
