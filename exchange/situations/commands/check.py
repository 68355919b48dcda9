"""The clock of an open situation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.reference.code_lists import Urgency
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.locks import lock_situation
from exchange.situations.rules import (
    next_check,
)
from exchange.situations.transitions import (
    UNTOUCHED,
    SituationState,
)


async def check_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> datetime | None:
    """Look at a situation whose check is due, and set the next one; return it, or nothing once closed.

    A check that is not due yet changes nothing: the clock may ring twice. Where nobody holds anything for the person,
    `SituationUnanswered` says so.
    """
    situation = await lock_situation(tx, situation_id)
    if situation.next_check_at is None or situation.next_check_at > now:
        return situation.next_check_at
    state = SituationState(situation.state)
    due = next_check(Urgency(situation.urgency), state, situation.deadline_at, now)
    situation.next_check_at = due
    cards = (await card_of(tx, situation.id),)
    if state in UNTOUCHED:
        unanswered = events.SituationUnanswered(
            subject_id=situation.id,
            urgency=situation.urgency,
            next_check_at=due,
            is_past_deadline=situation.deadline_at <= now,
            cards=cards,
        )
        await record(tx, actor, unanswered, now)
    else:
        checked = events.SituationChecked(subject_id=situation.id, state=state.value, next_check_at=due, cards=cards)
        await record(tx, actor, checked, now)
    return due
