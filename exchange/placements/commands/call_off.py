"""Ending what was proposed or promised, without a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.kernel.actor import Actor
from exchange.placements.locks import line_of, lock_line, lock_placements
from exchange.placements.models import Placement
from exchange.placements.moves import call_off, expire, supersede
from exchange.placements.policies import require_coordination, require_side
from exchange.placements.rules import NOT_YET_THERE, Act, CancelCause, PlacementState, Side
from exchange.situations.commands import lock_situation, lock_situations
from exchange.situations.transitions import SituationState


async def cancel_placement(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> None:
    """Give back a place before arrival, from the coordination's side. Raises `NotFound`, `ActForbidden`,
    `IllegalTransition`."""
    line = await line_of(tx, placement_id)
    side = require_side(actor, line.facility_id, Act.CANCEL)
    locked = await lock_line(tx, line)
    await call_off(tx, actor, side, locked.placement, Act.CANCEL, CancelCause.BY_COORDINATION, now)


async def expire_hold(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> bool:
    """End a hold whose hour has come; return whether it was still there to end. Repeatable."""
    line = await line_of(tx, placement_id)
    side = require_side(actor, line.facility_id, Act.EXPIRE)
    placement = (await lock_line(tx, line)).placement
    is_over = placement.held_until is not None and placement.held_until <= now
    if placement.state != PlacementState.HELD or not is_over:
        return False
    await expire(tx, actor, side, placement, now)
    return True


async def drop_withdrawn(tx: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """End what was only proposed or held on a withdrawn offer; a yes already given stands. Repeatable."""
    side = require_coordination(actor, Act.CANCEL)
    states = (PlacementState.PROPOSED, PlacementState.HELD)
    return await _drop(tx, actor, side, Placement.offer_id == offer_id, states, CancelCause.OFFER_WITHDRAWN, now)


async def drop_closed(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Give back every place kept for a closed situation, but the one where the person is. Repeatable.

    Reopened meanwhile, it keeps them: they are its own again.
    """
    side = require_coordination(actor, Act.CANCEL)
    if (await lock_situation(tx, situation_id)).state != SituationState.CLOSED:
        return ()
    states = (PlacementState.PROPOSED, *NOT_YET_THERE)
    of_it = Placement.situation_id == situation_id
    return await _drop(tx, actor, side, of_it, states, CancelCause.SITUATION_CLOSED, now)


async def _drop(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    where: ColumnElement[bool],
    states: Iterable[PlacementState],
    cause: CancelCause,
    now: datetime,
) -> tuple[UUID, ...]:
    wanted = where & Placement.state.in_([state.value for state in states])
    seen = (await tx.execute(select(Placement.id, Placement.situation_id, Placement.offer_id).where(wanted))).all()
    await lock_situations(tx, {row.situation_id for row in seen})
    await lock_offers(tx, {row.offer_id for row in seen})
    placements = await lock_placements(tx, (row.id for row in seen))
    dropped = [placement for placement in placements.values() if PlacementState(placement.state) in states]
    for placement in dropped:
        if placement.state == PlacementState.PROPOSED:
            await supersede(tx, actor, side, placement, now)
        else:
            await call_off(tx, actor, side, placement, Act.CANCEL, cause, now)
    return tuple(placement.id for placement in dropped)
