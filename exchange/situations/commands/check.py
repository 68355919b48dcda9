"""The clock of an open situation, and how it is brought forward when a crisis tightens it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.reference.following import AlertReason
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.commands.overflow import is_left_to_outside, start_alert, take_steps_due
from exchange.situations.events_following import AlertRepeated
from exchange.situations.locks import lock_situation, lock_situations
from exchange.situations.models import Situation
from exchange.situations.moves import next_check_of
from exchange.situations.transitions import UNTOUCHED, SituationState

AT_ONCE = 50
"""Situations brought forward in one transaction: few enough to keep nobody waiting."""


async def bring_checks_forward(tx: AsyncSession, actor: Actor, after: UUID | None, now: datetime) -> UUID | None:
    """Bring forward the next checks that the clocks in force would have set earlier; return the last one looked at.

    The situations that wait, ids ascending from `after`, some at a time; nothing once all were looked at. Repeatable:
    a check is never put off, and one already near stays where it is. What was held keeps its own hour.
    """
    waiting = select(Situation.id).where(Situation.state.in_(_WAITING), Situation.next_check_at > now)
    if after is not None:
        waiting = waiting.where(Situation.id > after)
    ids = (await tx.scalars(waiting.order_by(Situation.id).limit(AT_ONCE))).all()
    for situation in (await lock_situations(tx, ids)).values():
        if situation.state not in _WAITING or situation.next_check_at is None:
            continue
        due = await next_check_of(tx, situation, now)
        if due >= situation.next_check_at:
            continue
        situation.next_check_at = due
        sooner = events.SituationCheckBroughtForward(
            subject_id=situation.id, next_check_at=due, cards=(await card_of(tx, situation.id),)
        )
        await record(tx, actor, sooner, now)
    return ids[-1] if ids else None


_WAITING = frozenset({SituationState.RECEIVED.value, SituationState.SEARCHING.value, SituationState.HELD.value})


async def check_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> datetime | None:
    """Look at a situation whose check is due, and set the next one; return it, or nothing once closed.

    A check that is not due yet changes nothing: the clock may ring twice. Where nobody holds anything for the person,
    `SituationUnanswered` says so; past the deadline the overflow starts, and once all its steps are taken it repeats
    until an outside service is told.
    """
    situation = await lock_situation(tx, situation_id)
    if situation.next_check_at is None or situation.next_check_at > now:
        return situation.next_check_at
    # Asked before this check takes the last step: what was called just now is not called again at once.
    repeats = await is_left_to_outside(tx, situation)
    if SituationState(situation.state) in UNTOUCHED and situation.deadline_at <= now:
        # As if this check had run on time: what an outage kept from being called is called at once.
        since = max(situation.deadline_at, situation.next_check_at)
        await start_alert(tx, actor, situation, AlertReason.DEADLINE_PASSED, now, since=since)
    await take_steps_due(tx, actor, situation, now)
    due = await next_check_of(tx, situation, now)
    situation.next_check_at = due
    await _tell(tx, actor, situation, due, now, repeats=repeats)
    return due


async def _tell(
    tx: AsyncSession, actor: Actor, situation: Situation, due: datetime, now: datetime, *, repeats: bool
) -> None:
    cards = (await card_of(tx, situation.id),)
    state = SituationState(situation.state)
    if repeats:
        repeated = AlertRepeated(subject_id=situation.id, next_check_at=due, cards=cards)
        await record(tx, actor, repeated, now)
    elif state in UNTOUCHED:
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
