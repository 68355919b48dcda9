"""An on-call that does not answer a request in time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.placements.locks import line_of, lock_line
from exchange.placements.rules import PlacementState
from exchange.reference.following import AlertReason
from exchange.situations.commands import start_alert


async def note_silence(tx: AsyncSession, actor: Actor, placement_id: UUID, now: datetime) -> bool:
    """Start the overflow where a request is still without yes or no; return whether it did. Repeatable.

    Raises `NotFound`, `ActForbidden`: clocks alone notice a silence.
    """
    if actor.role is not Role.SYSTEM:
        raise ActForbidden
    locked = await lock_line(tx, await line_of(tx, placement_id))
    if locked.state is not PlacementState.HELD or locked.placement.receiver_yes_at is not None:
        return False
    return await start_alert(tx, actor, locked.situation, AlertReason.ON_CALL_SILENT, now)
