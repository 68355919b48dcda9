"""The only places where a placement's state, and with it the counters of its offer, change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.cards import card_of as offer_card
from exchange.availability.commands import claim_segments, release_segments
from exchange.availability.errors import PlaceClosed
from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferState
from exchange.availability.statuses import TO_CONFIRM, why_not_on
from exchange.kernel.actor import Actor
from exchange.kernel.record import Card, record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.placements.cards import card_of
from exchange.placements.errors import OfferToConfirm, ProposalOutdated, SegmentsAlreadyServed
from exchange.placements.events import (
    AnswerSuperseded,
    HoldExpired,
    PlacementCancelled,
    PlacementHeld,
    PlacementRefused,
    StayEnded,
)
from exchange.placements.hold_time import URGENT_FROM
from exchange.placements.locks import lock_placements, segments_of
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import Act, CancelCause, PlacementState, Side, next_state
from exchange.reference.answers import RefusalReason
from exchange.situations.models import Situation


def move(placement: Placement, act: Act, side: Side) -> None:
    """Change a locked placement's state along the table. Raises `ActForbidden`, `IllegalTransition`."""
    placement.state = next_state(PlacementState(placement.state), act, side).value
    bump(placement)


async def cards_of(tx: AsyncSession, placement: Placement) -> tuple[Card, ...]:
    """Return what a change of counters shows: the placement and its offer."""
    return await card_of(tx, placement.id), await offer_card(tx, placement.offer_id)


async def require_current(
    tx: AsyncSession,
    placement: Placement,
    situation: Situation,
    offer: PlaceOffer,
    segments: Collection[int],
    now: datetime,
) -> None:
    """Raise `PlaceClosed`, `ProposalOutdated` or `OfferToConfirm` where a proposal may no longer be promised.

    All three are locked: what the house says is read again under its offer's lock.
    """
    why_not = await why_not_on(tx, offer, segments, now)
    if why_not is not None and why_not not in TO_CONFIRM:
        raise PlaceClosed(offer_id=str(offer.id), why=why_not.value)
    if (
        situation.terms_version != placement.situation_terms_version
        or offer.terms_version != placement.offer_terms_version
        or offer.state != OfferState.PUBLISHED
    ):
        raise ProposalOutdated
    if why_not is not None:
        raise OfferToConfirm(offer_id=str(offer.id))


async def hold(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    placement: Placement,
    situation: Situation,
    offer: PlaceOffer,
    held_until: datetime,
    now: datetime,
) -> None:
    """Reserve a proposal's segments; everything is locked.

    Raises `PlaceClosed`, `ProposalOutdated`, `OfferToConfirm`, `SegmentsAlreadyServed`, `PlaceAlreadyHeld`,
    `IllegalTransition`.
    """
    segments = (await segments_of(tx, (placement.id,)))[placement.id]
    await require_current(tx, placement, situation, offer, segments, now)
    if segments & await served_segments(tx, situation.id):
        raise SegmentsAlreadyServed
    await claim_segments(tx, offer.id, segments)
    move(placement, Act.HOLD, side)
    placement.held_until = held_until
    clocks = await organisations.parameters(tx)
    silent_at = now + timedelta(minutes=clocks.on_call_silent_minutes)
    fact = PlacementHeld(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        held_until=held_until,
        silent_at=silent_at if situation.urgency >= URGENT_FROM else None,
        rank=placement.rank,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def served_segments(tx: AsyncSession, situation_id: UUID) -> frozenset[int]:
    """Return the segments of a situation that some placement claims."""
    segments = await tx.scalars(
        select(PlacementSegment.segment).where(PlacementSegment.situation_id == situation_id, PlacementSegment.claiming)
    )
    return frozenset(segments)


async def expire(tx: AsyncSession, actor: Actor, side: Side, placement: Placement, now: datetime) -> None:
    """End a hold that nobody answered."""
    await _release(tx, placement, Act.EXPIRE, side)
    fact = HoldExpired(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def refuse(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    placement: Placement,
    reason: RefusalReason,
    private_note: str | None,
    now: datetime,
) -> None:
    """End a placement that the facility cannot host."""
    segments = (await segments_of(tx, (placement.id,)))[placement.id]
    # State and reason together: a flush between the two would break the constraint that binds them.
    move(placement, Act.REFUSE, side)
    placement.refusal_reason = reason.value
    placement.private_note = private_note
    await release_segments(tx, placement.offer_id, segments)
    fact = PlacementRefused(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        reason=reason.value,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def call_off(
    tx: AsyncSession, actor: Actor, side: Side, placement: Placement, act: Act, cause: CancelCause, now: datetime
) -> None:
    """End a promise before arrival, for a reason that is not the facility's refusal."""
    await _release(tx, placement, act, side)
    fact = PlacementCancelled(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        cause=cause.value,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def leave(tx: AsyncSession, actor: Actor, side: Side, placement: Placement, now: datetime) -> None:
    """End a stay."""
    await _release(tx, placement, Act.END_STAY, side)
    fact = StayEnded(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        cards=await cards_of(tx, placement),
    )
    await record(tx, actor, fact, now)


async def supersede(tx: AsyncSession, actor: Actor, side: Side, placement: Placement, now: datetime) -> None:
    """Take a proposal away; it claimed nothing, so no counter moves."""
    move(placement, Act.SUPERSEDE, side)
    fact = AnswerSuperseded(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)


async def _release(tx: AsyncSession, placement: Placement, act: Act, side: Side) -> None:
    segments = (await segments_of(tx, (placement.id,)))[placement.id]
    move(placement, act, side)
    await release_segments(tx, placement.offer_id, segments)


async def expire_overdue(
    tx: AsyncSession, actor: Actor, side: Side, offers: Mapping[UUID, PlaceOffer], now: datetime
) -> Collection[UUID]:
    """End the overdue holds of locked offers, whoever's they are; return the situations that they served.

    A constraint cannot read the clock: whoever wants the place tidies first, and the sweeper only confirms. The
    other situations are not locked here (their offers come after them): their own ladders advance in their own jobs.
    """
    overdue = await tx.scalars(
        select(Placement.id).where(
            Placement.offer_id.in_(offers.keys()),
            Placement.state == PlacementState.HELD.value,
            Placement.held_until <= now,
        )
    )
    ended = await lock_placements(tx, overdue)
    for placement in ended.values():
        await expire(tx, actor, side, placement, now)
    return frozenset(placement.situation_id for placement in ended.values())
