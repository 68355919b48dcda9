"""The one place where a situation follows an act into a state, and where its next check and its alert are set."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.organisations.parameters import CommunityParameters
from exchange.reference.code_lists import Urgency
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.events_following import AlertStopped
from exchange.situations.likeness import review_of_urgency_at
from exchange.situations.models import Situation
from exchange.situations.rules import next_check
from exchange.situations.transitions import SIDES, SituationAct, SituationState, after, next_state, side_of

REPEATED_WITHIN = timedelta(days=1)
"""An alert that nobody takes up is told again at least this often, whatever the urgency."""

_SAFE = frozenset({SituationState.CONFIRMED, SituationState.EFFECTIVE, SituationState.CLOSED})


def require_side(actor: Actor, act: SituationAct) -> None:
    """Raise `ActForbidden` where no state would allow this act to this actor: told before anything is read."""
    if side_of(actor) not in SIDES[act]:
        raise ActForbidden


def allow(actor: Actor, situation: Situation, act: SituationAct) -> None:
    """Raise `ActForbidden` or `IllegalTransition` unless a locked situation allows an act that keeps its state."""
    next_state(SituationState(situation.state), act, side_of(actor))


async def move(tx: AsyncSession, actor: Actor, situation: Situation, act: SituationAct, now: datetime) -> None:
    """Carry out an act on a locked situation, set its next check, and tell it. Raises `IllegalTransition`."""
    was = SituationState(situation.state)
    state = after(was, act)
    # Read before anything changes: a query flushes, and the database refuses a step half told.
    with tx.no_autoflush:
        zone, clocks = await organisations.zone(tx), await organisations.parameters(tx)
    situation.state = state.value
    situation.next_check_at = _next_check(situation, now, zone, clocks)
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
    if state in _SAFE:
        await stop_alert(tx, actor, situation, state.value, now)


async def next_check_of(tx: AsyncSession, situation: Situation, now: datetime) -> datetime:
    """Return when an open situation is looked at again; « ce soir » never later than the next morning."""
    return _next_check(situation, now, await organisations.zone(tx), await organisations.parameters(tx))


def _next_check(situation: Situation, now: datetime, zone: ZoneInfo, clocks: CommunityParameters) -> datetime:
    urgency, state = Urgency(situation.urgency), SituationState(situation.state)
    check_at = next_check(urgency, state, situation.deadline_at, now, clocks)
    if situation.alert_since is not None:
        check_at = min(check_at, now + REPEATED_WITHIN)
    review_at = review_of_urgency_at(situation.urgency, situation.urgency_set_at or situation.created_at, zone)
    return review_at if review_at is not None and now < review_at < check_at else check_at


async def stop_alert(tx: AsyncSession, actor: Actor, situation: Situation, why: str, now: datetime) -> bool:
    """End the overflow of a locked situation at once, where it runs; return whether it ran. `why`: a code."""
    if situation.alert_since is None:
        return False
    situation.alert_since = None
    situation.alert_reason = None
    fact = AlertStopped(subject_id=situation.id, why=why, cards=(await card_of(tx, situation.id),))
    await record(tx, actor, fact, now)
    return True
