"""Opening places."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import freshness
from exchange.availability.cards import card_of
from exchange.availability.events import OfferPublished
from exchange.availability.inputs import PublishOffer
from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.policies import require_word_of
from exchange.availability.rules import (
    OfferState,
    OpenSegment,
    check_offer,
    open_segments,
)
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.organisations import queries as organisations
from exchange.reference.models import Commune
from exchange.staffing.commands import declare_need
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import NeedState


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
    until = await freshness(tx, kind, now)
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
            attested_role=actor.role.value,
            attested_at=now,
            fresh_until=until,
            awaits_departure=offer.awaits_departure,
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


async def _check_communes(tx: AsyncSession, codes: Iterable[str]) -> None:
    wanted = set(codes)
    if not wanted:
        return
    known = await tx.scalars(select(Commune.code).where(Commune.code.in_(wanted)))
    if set(known) != wanted:
        raise InvalidValue(field="zone_communes", rule="unknown-code")


async def _check_shifts(tx: AsyncSession, facility_id: UUID, shift_ids: set[UUID]) -> None:
    """Refuse shifts that are not asked for by this facility, or no longer."""
    if not shift_ids:
        return
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
