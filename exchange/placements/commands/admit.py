"""Arrival and departure."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.record import record
from exchange.placements.cards import card_of
from exchange.placements.errors import ExitDateRequired, LightsMissing
from exchange.placements.events import PersonAdmitted
from exchange.placements.follow import follow
from exchange.placements.inputs import ConfirmArrival
from exchange.placements.lights import holding_back
from exchange.placements.locks import Locked, line_of, lock_line, lock_placements, require_open, segments_of
from exchange.placements.models import AdmissionCondition, Placement
from exchange.placements.moves import leave, move, supersede
from exchange.placements.policies import require_side
from exchange.placements.rules import Act, PlacementState, Side, needs_exit_date, next_state
from exchange.placements.stay import clocks_of, require_begun, require_exit_date, require_short_enough
from exchange.wording.labels import label_of

LONGEST_REASON = 300


async def confirm_arrival(tx: AsyncSession, actor: Actor, arrival: ConfirmArrival, now: datetime) -> date | None:
    """Say that the person is there; backups for the same blocks give way. Return the exit date, if there is one.

    Under tonight's urgency, an arrival waits for its lights or says why it does not. Raises `NotFound`,
    `ActForbidden`, `IllegalTransition`, `ArrivalTooEarly`, `ExitDateRequired`, `ExitBeforeStayEnds`,
    `EmergencyStayTooLong`, `LightsMissing`, `InvalidValue`.
    """
    line = await line_of(tx, arrival.placement_id)
    side = require_side(actor, line.facility_id, Act.CONFIRM_ARRIVAL)
    locked = await lock_line(tx, line)
    placement = locked.placement
    require_open(locked.situation, Act.CONFIRM_ARRIVAL)
    next_state(locked.state, Act.CONFIRM_ARRIVAL, side)
    await require_begun(tx, locked, now)
    exit_on = await _exit_date(tx, locked, arrival.exit_on, now)
    red = await _red_lights(tx, placement.id)
    placement.arrival_despite = _require_lights(locked, red, arrival.despite)
    placement.exit_on = exit_on
    placement.exit_referent_account_id = placement.exit_referent_account_id or locked.situation.referent_account_id
    placement.admitted_at = now
    move(placement, Act.CONFIRM_ARRIVAL, side)
    clocks = await clocks_of(tx, placement, locked.offer.care_mode, exit_on, now)
    fact = PersonAdmitted(
        subject_id=placement.id,
        situation_id=placement.situation_id,
        offer_id=placement.offer_id,
        exit_on=exit_on,
        exit_told_at=clocks.exit_told_at,
        emergency_limit_at=clocks.emergency_limit_at,
        yearly_limit_at=clocks.yearly_limit_at,
        lights_missing=len(red),
        cards=(await card_of(tx, placement.id),),
    )
    await record(tx, actor, fact, now)
    await _let_backups_go(tx, actor, side, placement, now)
    await follow(tx, actor, locked.situation, now, arrived_at=now)
    return exit_on


async def end_stay(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> None:
    """Say that the person has left; the segments are counted out. Raises `NotFound`, `ActForbidden`,
    `IllegalTransition`."""
    line = await line_of(tx, placement_id)
    side = require_side(actor, line.facility_id, Act.END_STAY)
    locked = await lock_line(tx, line)
    await leave(tx, actor, side, locked.placement, now)


async def _exit_date(tx: AsyncSession, locked: Locked, given: date | None, now: datetime) -> date | None:
    offer, exit_on = locked.offer, given or locked.placement.exit_on
    if exit_on is not None:
        await require_exit_date(tx, locked, exit_on, now)
        await require_short_enough(tx, locked, locked.placement.legal_basis, exit_on, "exit_on")
    elif needs_exit_date(offer.kind, offer.care_mode, offer.max_stay_nights):
        raise ExitDateRequired(field="exit_on")
    return exit_on


async def _red_lights(tx: AsyncSession, placement_id: UUID) -> frozenset[str]:
    red = await tx.scalars(
        select(AdmissionCondition.condition).where(
            AdmissionCondition.placement_id == placement_id, AdmissionCondition.done_at.is_(None)
        )
    )
    return frozenset(red)


def _require_lights(locked: Locked, red: frozenset[str], despite: str | None) -> str | None:
    """Return why the lights are passed over, where they are."""
    reason = (despite or "").strip() or None
    if reason is not None and len(reason) > LONGEST_REASON:
        raise InvalidValue(field="despite", rule="too-long", most=LONGEST_REASON)
    waited = holding_back(red, locked.situation.urgency)
    if waited and reason is None:
        lights = ", ".join(label_of("admission_condition", light).lower() for light in waited)
        raise LightsMissing(field="despite", lights=lights)
    return reason if waited else None


async def _let_backups_go(tx: AsyncSession, actor: Actor, side: Side, placement: Placement, now: datetime) -> None:
    proposed = await tx.scalars(
        select(Placement.id).where(
            Placement.situation_id == placement.situation_id, Placement.state == PlacementState.PROPOSED.value
        )
    )
    others = await lock_placements(tx, proposed)
    segments = await segments_of(tx, (placement.id, *others))
    for backup in others.values():
        if segments[placement.id] & segments[backup.id]:
            await supersede(tx, actor, side, backup, now)
