"""Writing messages: derived from facts and clocks, once per recipient, in the transaction that found them due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferKind
from exchange.kernel.errors import NotFound
from exchange.kernel.journals import Event
from exchange.notifications.messages import MAIL, write_messages
from exchange.notifications.recipients import Recipient, recipients_of
from exchange.notifications.rules import (
    ASK_AGAIN,
    EMERGENCY_LIMIT,
    EXIT_SOON,
    NOTICES,
    YEARLY_LIMIT,
    Notice,
)
from exchange.organisations import queries as organisations
from exchange.placements.models import Placement
from exchange.placements.stay import EXIT_TOLD_BEFORE, counters
from exchange.placements.stay_limits import LimitKind

__all__ = ["MAIL", "ask_to_confirm", "fan_out", "warn_of_exit"]


async def fan_out(tx: AsyncSession, fact_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Write the messages that a fact calls for, and a delivery for each; return the new ones. Repeatable.

    Recipients are frozen here. A person concerned twice by one fact is told once, by the first notice that names them.
    Raises `NotFound` where the fact is not of this community.
    """
    event = (await tx.execute(select(Event.kind, Event.subject_id).where(Event.fact_id == fact_id).limit(1))).first()
    if event is None:
        raise NotFound
    written: list[UUID] = []
    told: set[UUID] = set()
    for notice in NOTICES.get(event.kind, ()):
        recipients = [one for one in await _recipients(tx, notice, event.subject_id) if one.id not in told]
        told.update(one.id for one in recipients)
        written += await write_messages(tx, fact_id, notice, event.subject_id, recipients, now)
    return tuple(written)


async def ask_to_confirm(tx: AsyncSession, fact_id: UUID, offer_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Ask a facility whether an offer past its lifetime still stands. Repeatable; nothing once it has said.

    A 24/24 place is not asked about by itself: its asking is the evening's question.
    """
    offer = await tx.get(PlaceOffer, offer_id)
    if offer is None or offer.state != "published" or offer.fresh_until > now:
        return ()
    if offer.kind == OfferKind.EMERGENCY_BED:
        return ()
    return await write_messages(tx, fact_id, ASK_AGAIN, offer_id, await _recipients(tx, ASK_AGAIN, offer_id), now)


async def warn_of_exit(tx: AsyncSession, fact_id: UUID, placement_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Tell the exit referent that a stay ends in three days. Repeatable; nothing once the person has left, or where
    the exit was put off since."""
    placement = await tx.get(Placement, placement_id)
    if placement is None or placement.state != "admitted" or placement.exit_on is None:
        return ()
    today = now.astimezone(await organisations.zone(tx)).date()
    if placement.exit_on - today > EXIT_TOLD_BEFORE:
        return ()
    recipients = await _recipients(tx, EXIT_SOON, placement_id)
    return await write_messages(tx, fact_id, EXIT_SOON, placement_id, recipients, now)


async def warn_of_limit(
    tx: AsyncSession, fact_id: UUID, placement_id: UUID, kind: LimitKind, now: datetime
) -> tuple[UUID, ...]:
    """Tell that a stay reaches the limit of its frame. Repeatable; nothing where the frame is another by now."""
    placement = await tx.get(Placement, placement_id)
    if placement is None or placement.state != "admitted":
        return ()
    care_mode = await tx.scalar(select(PlaceOffer.care_mode).where(PlaceOffer.id == placement.offer_id))
    today = now.astimezone(await organisations.zone(tx)).date()
    found = await counters(tx, placement, str(care_mode))
    if not any(counter.kind is kind and counter.last_on <= today for counter in found):
        return ()
    notice = _LIMIT_NOTICES[kind]
    return await write_messages(tx, fact_id, notice, placement_id, await _recipients(tx, notice, placement_id), now)


_LIMIT_NOTICES = {LimitKind.EMERGENCY_ADMISSION: EMERGENCY_LIMIT, LimitKind.TEMPORARY_CARE: YEARLY_LIMIT}


async def _recipients(tx: AsyncSession, notice: Notice, subject_id: UUID) -> list[Recipient]:
    found: dict[Recipient, None] = {}
    for whom in notice.whom:
        found.update(dict.fromkeys(await recipients_of(tx, notice.about, subject_id, whom)))
    return list(found)
