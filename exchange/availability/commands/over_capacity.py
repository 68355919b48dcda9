"""Hosting beyond capacity: never by itself, always signed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import locked_offer
from exchange.availability.cards import card_of
from exchange.availability.events import OverCapacityDecided
from exchange.availability.inputs import DecideOverCapacity
from exchange.availability.models import OfferSegment, OverCapacityDecision
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden, InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.periods import current_segment
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.answers import OverCapacityReason
from exchange.staffing.values import check_between, check_count, code_of

MOST_OVER = 5
"""Units beyond capacity on one segment; the project's own choice: past it, the house itself must change."""

MOST_SEGMENTS = 62


async def decide_over_capacity(tx: AsyncSession, actor: Actor, decision: DecideOverCapacity, now: datetime) -> UUID:
    """Sign units beyond capacity on segments of an offer, all of them or none; return the decision.

    Only somebody with an account signs, and only for a house whose word they give: no job ever does. Raises
    `NotFound`, `ActForbidden`, `IllegalTransition`, `InvalidValue`.
    """
    offer = await locked_offer(tx, actor, decision.offer_id, "decide_over_capacity")
    if actor.account_id is None:
        raise ActForbidden
    reason = code_of(OverCapacityReason, decision.reason, "reason")
    check_between(decision.units, 1, MOST_OVER, "units")
    check_count(decision.segments, 1, MOST_SEGMENTS, "segments")
    wanted = sorted(set(decision.segments))
    current = current_segment(now, await organisations.zone(tx))
    counters = await tx.scalars(
        select(OfferSegment)
        .where(OfferSegment.offer_id == offer.id, OfferSegment.segment.in_(wanted), OfferSegment.segment >= current)
        .order_by(OfferSegment.segment)
        .execution_options(populate_existing=True)
    )
    found = counters.all()
    if [counter.segment for counter in found] != wanted:
        raise InvalidValue(field="segments", rule="not-offered")
    for counter in found:
        check_between(counter.over_capacity + decision.units, 1, MOST_OVER, "units")
        counter.over_capacity += decision.units
    decision_id = new_id()
    tx.add(
        OverCapacityDecision(
            id=decision_id,
            offer_id=offer.id,
            segments=wanted,
            units=decision.units,
            reason=reason.value,
            decided_by=actor.account_id,
            decided_role=actor.role.value,
            decided_at=now,
        )
    )
    bump(offer)
    await tx.flush()
    fact = OverCapacityDecided(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        decision_id=decision_id,
        units=decision.units,
        segments=len(wanted),
        reason=reason.value,
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
    return decision_id
