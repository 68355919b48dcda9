"""Writing what places are spare, and keeping that word fresh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.cards import card_of
from exchange.availability.counters import claim_segments, lock_offers, release_segments, segments_in_use
from exchange.availability.errors import CapacityBelowUsed
from exchange.availability.events import CapacityChanged, OfferPublished, OfferReconfirmed, OfferWithdrawn
from exchange.availability.inputs import CapacitySpan, PublishOffer
from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.policies import require_word_of
from exchange.availability.rules import (
    MOST_CAPACITY,
    Lifetimes,
    OfferKind,
    OfferState,
    OpenSegment,
    check_offer,
    fresh_until,
    is_stale,
    open_segments,
)
from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition, InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.periods import current_segment
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.reference.models import Commune
from exchange.staffing.commands import cancel_need, declare_need
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import NeedState
from exchange.staffing.values import check_between

__all__ = [
    "CapacitySpan",
    "PublishOffer",
    "change_capacity",
    "claim_segments",
    "lock_offers",
    "publish_offer",
    "reconfirm_offer",
    "release_segments",
    "withdraw_offer",
]


async def publish_offer(tx: AsyncSession, actor: Actor, offer: PublishOffer, now: datetime) -> UUID:
    """Open dated segments of capacity for a facility that the actor speaks for.

    A conditional offer may bring the need on which it rests: both live in this transaction, or neither.
    Raises `NotFound` for another community's facility, `ActForbidden`, `InvalidValue`.
    """
    facility = await organisations.facility(tx, offer.facility_id)
    require_word_of(actor, facility.id)
    kind = check_offer(offer)
    segments = open_segments(offer.spans, now, await organisations.zone(tx))
    await _check_communes(tx, offer.zone_communes or ())
    shift_ids = {shift_id for segment in segments for shift_id in segment.requires_shift_ids}
    await _check_shifts(tx, facility.id, shift_ids)
    coupled_shift_ids: tuple[UUID, ...] = ()
    if offer.coupled_need is not None:
        need_id = await declare_need(tx, actor, offer.coupled_need, now)
        coupled_shift_ids = tuple(await tx.scalars(select(Shift.id).where(Shift.need_id == need_id)))
    offer_id = new_id()
    until = await _fresh_until(tx, kind, now)
    tx.add(
        PlaceOffer(
            id=offer_id,
            facility_id=facility.id,
            kind=kind.value,
            care_mode=str(offer.care_mode),
            populations=[str(code) for code in offer.populations],
            provides=[str(code) for code in offer.provides],
            ages_from=offer.ages_from,
            ages_to=offer.ages_to,
            max_stay_nights=offer.max_stay_nights,
            zone_communes=sorted(set(offer.zone_communes)) if offer.zone_communes else None,
            arrival_from=offer.arrival_from,
            arrival_until=offer.arrival_until,
            state=OfferState.PUBLISHED.value,
            attested_by=actor.account_id,
            attested_at=now,
            fresh_until=until,
            created_at=now,
        )
    )
    await tx.flush()
    await _open(tx, offer_id, segments, coupled_shift_ids)
    fact = OfferPublished(
        subject_id=offer_id,
        facility_id=facility.id,
        offer_kind=kind.value,
        fresh_until=until,
        cards=(await card_of(tx, offer_id),),
    )
    await record(tx, actor, fact, now)
    return offer_id


async def reconfirm_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> datetime:
    """Say that nothing has changed: who attests, when, and until when it is fresh move, nothing else.

    Returns the new `fresh_until`. Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn.
    """
    offer = await _locked(tx, actor, offer_id, "reconfirm")
    was_stale = is_stale(offer.fresh_until, now)
    offer.attested_by = actor.account_id
    offer.attested_at = now
    offer.fresh_until = await _fresh_until(tx, OfferKind(offer.kind), now)
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
    offer = await _locked(tx, actor, offer_id, "change_capacity")
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
    offer.version += 1
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


async def withdraw_offer(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> None:
    """Take the places back; what was held on them ends by its own acts, told by the event.

    A coupled need that nothing else rests on, and for which nobody is promised, is cancelled with it.
    Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn.
    """
    offer = await _locked(tx, actor, offer_id, "withdraw")
    offer.state = OfferState.WITHDRAWN.value
    offer.version += 1
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


async def _locked(tx: AsyncSession, actor: Actor, offer_id: UUID, act: str) -> PlaceOffer:
    offer = (await lock_offers(tx, (offer_id,)))[offer_id]
    require_word_of(actor, offer.facility_id)
    if offer.state != OfferState.PUBLISHED:
        raise IllegalTransition(state=offer.state, act=act)
    return offer


async def _open(
    tx: AsyncSession, offer_id: UUID, segments: Iterable[OpenSegment], coupled_shift_ids: tuple[UUID, ...]
) -> None:
    opened = tuple(segments)
    tx.add_all(
        OfferSegment(
            offer_id=offer_id,
            segment=each.segment,
            capacity=each.capacity,
            provides=None if each.provides is None else [code.value for code in each.provides],
        )
        for each in opened
    )
    await tx.flush()
    tx.add_all(
        SegmentRequirement(offer_id=offer_id, segment=each.segment, shift_id=shift_id)
        for each in opened
        for shift_id in sorted({*each.requires_shift_ids, *coupled_shift_ids})
    )
    await tx.flush()


async def _fresh_until(tx: AsyncSession, kind: OfferKind, now: datetime) -> datetime:
    clocks = await organisations.parameters(tx)
    lifetimes = Lifetimes(
        asked_at=clocks.emergency_asked_at,
        valid_until=clocks.emergency_valid_until,
        ordinary_hours=clocks.ordinary_fresh_hours,
    )
    return fresh_until(kind, now, lifetimes, await organisations.zone(tx))


async def _check_communes(tx: AsyncSession, codes: Iterable[str]) -> None:
    wanted = set(codes)
    known = await tx.scalars(select(Commune.code).where(Commune.code.in_(wanted)))
    if set(known) != wanted:
        raise InvalidValue(field="zone_communes", rule="unknown-code")


async def _check_shifts(tx: AsyncSession, facility_id: UUID, shift_ids: set[UUID]) -> None:
    """Refuse shifts that are not asked for by this facility, or no longer."""
    known = await tx.execute(
        select(Shift.id, StaffNeed.facility_id, StaffNeed.state)
        .join(StaffNeed, StaffNeed.id == Shift.need_id)
        .where(Shift.id.in_(shift_ids))
    )
    asked = {row.id: row for row in known}
    if asked.keys() != shift_ids:
        raise InvalidValue(field="spans", rule="unknown-shift")
    for row in asked.values():
        if row.facility_id != facility_id:
            raise InvalidValue(field="spans", rule="other-facility")
        if row.state not in (NeedState.OPEN, NeedState.COVERED):
            raise InvalidValue(field="spans", rule="shift-not-asked")


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
