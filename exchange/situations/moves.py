"""The one place where a situation follows an act into a state."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.code_lists import Urgency
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.models import Situation
from exchange.situations.rules import (
    next_check,
)
from exchange.situations.transitions import (
    SituationAct,
    SituationState,
    after,
)


async def move(tx: AsyncSession, actor: Actor, situation: Situation, act: SituationAct, now: datetime) -> None:
    """Carry out an act on a locked situation, set its next check, and tell it. Raises `IllegalTransition`."""
    was = SituationState(situation.state)
    state = after(was, act)
    # Read before anything changes: a query flushes, and the database refuses a step half told.
    with tx.no_autoflush:
        clocks = await organisations.parameters(tx)
    situation.state = state.value
    situation.next_check_at = next_check(Urgency(situation.urgency), state, situation.deadline_at, now, clocks)
    bump(situation)
    fact = events.SituationMoved(
        subject_id=situation.id,
        state=state.value,
        was=was.value,
        urgency=situation.urgency,
        next_check_at=situation.next_check_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)
