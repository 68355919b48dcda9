"""Looking at an urgency again: « ce soir » is reviewed the next morning."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.reference.code_lists import Urgency
from exchange.situations.cards import card_of
from exchange.situations.events_following import UrgencyReviewed
from exchange.situations.inputs_following import ReviewUrgency
from exchange.situations.locks import lock_situation
from exchange.situations.moves import allow, next_check_of, require_side, stop_alert
from exchange.situations.rules import deadline_of
from exchange.situations.transitions import SituationAct
from exchange.staffing.values import check_between


async def review_urgency(tx: AsyncSession, actor: Actor, review: ReviewUrgency, now: datetime) -> None:
    """Say the urgency again, the same or another, with a deadline of its own from now on.

    A lower one ends the overflow: somebody looked, and it can wait. The same one does not silence it. Raises
    `ActForbidden`, `NotFound`, `InvalidValue`, `IllegalTransition`.
    """
    require_side(actor, SituationAct.REVIEW_URGENCY)
    check_between(review.urgency, 1, 4, "urgency")
    urgency = Urgency(review.urgency)
    deadline_at = deadline_of(urgency, review.deadline_at, now)
    situation = await lock_situation(tx, review.situation_id)
    allow(actor, situation, SituationAct.REVIEW_URGENCY)
    was = situation.urgency
    situation.urgency = urgency.value
    situation.urgency_set_at = now
    situation.deadline_at = deadline_at
    situation.next_check_at = await next_check_of(tx, situation, now)
    bump(situation)
    fact = UrgencyReviewed(
        subject_id=situation.id,
        urgency=urgency.value,
        was=was,
        next_check_at=situation.next_check_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)
    if urgency.value < was:
        await stop_alert(tx, actor, situation, "urgency_lowered", now)
