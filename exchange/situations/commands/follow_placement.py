"""A situation follows what is promised for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import IllegalTransition
from exchange.situations.locks import lock_situation
from exchange.situations.moves import move
from exchange.situations.transitions import (
    FOLLOWING,
    SituationState,
)


async def follow_placement(
    tx: AsyncSession,
    actor: Actor,
    situation_id: UUID,
    state: SituationState,
    now: datetime,
    *,
    arrived_at: datetime | None = None,
) -> None:
    """Move a situation to the state of its least advanced block; the same state again changes nothing.

    Effective dates from the first arrival: `arrived_at` dates it where another block keeps the state behind. Called by
    the slice that promises, in the transaction of the act that it has already allowed. Raises `IllegalTransition`.
    """
    situation = await lock_situation(tx, situation_id)
    was = SituationState(situation.state)
    if state is SituationState.EFFECTIVE and arrived_at is None:
        arrived_at = now
    if arrived_at is not None and situation.effective_at is None:
        situation.effective_at = arrived_at
    if state is was:
        await tx.flush()
        return
    act = FOLLOWING.get(state)
    if act is None:
        raise IllegalTransition(state=was.value, act=state.value)
    await move(tx, actor, situation, act, now)
