"""The facility's no."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import change_capacity
from exchange.availability.models import OfferSegment
from exchange.availability.rules import OfferState
from exchange.identity.office import require_in_office
from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import current_segment
from exchange.organisations import queries as organisations
from exchange.placements.errors import NotAPhoneYes, PrivateNoteRequired
from exchange.placements.inputs import RefusePlacement
from exchange.placements.locks import Locked, line_of, lock_line, segments_of
from exchange.placements.moves import call_off, refuse
from exchange.placements.policies import require_side
from exchange.placements.rules import NO_UNIT_LEFT, Act, CancelCause, next_state
from exchange.reference.answers import REFUSALS, RefusalReason
from exchange.reference.following import AlertReason
from exchange.situations.commands import stop_alert

LONGEST_NOTE = 300


async def refuse_placement(tx: AsyncSession, actor: Actor, refusal: RefusePlacement, now: datetime) -> None:
    """Say that the facility cannot host, with a coded reason; what it had kept is released.

    « Pas de place » also takes the spare units of these dates off the offer, so that nobody else is sent there.
    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `PrivateNoteRequired`, `InvalidValue`.
    """
    note = (refusal.private_note or "").strip() or None
    if refusal.reason is RefusalReason.OTHER and note is None:
        raise PrivateNoteRequired(field="private_note")
    if note is not None and len(note) > LONGEST_NOTE:
        raise InvalidValue(field="private_note", rule="too-long", most=LONGEST_NOTE)
    line = await line_of(tx, refusal.placement_id)
    side = require_side(actor, line.facility_id, Act.REFUSE)
    locked = await lock_line(tx, line)
    await require_in_office(tx, actor)
    await refuse(tx, actor, side, locked.placement, refusal.reason, note, now)
    if locked.situation.alert_reason == AlertReason.ON_CALL_SILENT:
        # The silence is over; that the person still waits is for the deadline to say.
        await stop_alert(tx, actor, locked.situation, "refused", now)
    if REFUSALS[refusal.reason].sequel in NO_UNIT_LEFT:
        await _correct_offer(tx, actor, locked, now)


async def contest_phone_yes(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> None:
    """Say that a yes recorded by phone was not the facility's; possible until arrival.

    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `NotAPhoneYes`.
    """
    line = await line_of(tx, placement_id)
    side = require_side(actor, line.facility_id, Act.CONTEST_PHONE_YES)
    locked = await lock_line(tx, line)
    await require_in_office(tx, actor)
    next_state(locked.state, Act.CONTEST_PHONE_YES, side)
    if locked.placement.receiver_channel != Via.PHONE:
        raise NotAPhoneYes
    cause = CancelCause.PHONE_YES_CONTESTED
    await call_off(tx, actor, side, locked.placement, Act.CONTEST_PHONE_YES, cause, now)


async def _correct_offer(tx: AsyncSession, actor: Actor, locked: Locked, now: datetime) -> None:
    if locked.offer.state != OfferState.PUBLISHED:
        return
    placement_id, offer_id = locked.placement.id, locked.offer.id
    current = current_segment(now, await organisations.zone(tx))
    wanted = (await segments_of(tx, (placement_id,)))[placement_id]
    spare = await _spare_units(tx, offer_id, frozenset(segment for segment in wanted if segment >= current))
    for units, segments in spare.items():
        await change_capacity(tx, actor, offer_id, -units, segments, now)


async def _spare_units(tx: AsyncSession, offer_id: UUID, wanted: frozenset[int]) -> dict[int, list[int]]:
    rows = await tx.execute(
        select(OfferSegment.segment, OfferSegment.capacity - OfferSegment.used)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment.in_(wanted))
        .order_by(OfferSegment.segment)
    )
    spare: defaultdict[int, list[int]] = defaultdict(list)
    for segment, units in rows:
        if units > 0:
            spare[units].append(segment)
    return spare
