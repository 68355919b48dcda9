"""Ending a situation with its outcome, and searching again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import Urgency
from exchange.reference.following import IN_VAIN, CallDirection
from exchange.situations import events
from exchange.situations.cards import card_of
from exchange.situations.commands.calls import add_call_back, move_calls
from exchange.situations.commands.hand_over import take_up_if_absent
from exchange.situations.events_following import DuplicateJoined
from exchange.situations.inputs import CloseSituation
from exchange.situations.locks import lock_situation, lock_situations
from exchange.situations.models import Situation, SituationDetails
from exchange.situations.models_following import Call, CallBack
from exchange.situations.moves import move, stop_alert
from exchange.situations.policies import require_coordination
from exchange.situations.rules import ATTEMPTS_ON_DAYS, DETAILS_KEPT, PROMISED_CALLS, USUAL_DEADLINE, check_closing
from exchange.situations.transitions import SituationAct, SituationState, after, closing_act


async def close_situation(tx: AsyncSession, actor: Actor, closing: CloseSituation, now: datetime) -> None:
    """End a situation with its outcome; what was promised for it ends by its own acts, told by the event.

    It cannot close as hosted in the network before an arrival. A duplicate names the situation that stays open, and its
    calls go there. An ending that promises a call plans it. Raises `ActForbidden`, `NotFound`, `InvalidValue`,
    `IllegalTransition`.
    """
    require_coordination(actor)
    kept_id = closing.duplicate_of_id
    wanted = {closing.situation_id} | (set() if kept_id is None else {kept_id})
    situations = await lock_situations(tx, wanted)
    situation = situations[closing.situation_id]
    outcome = check_closing(closing, now)
    was = SituationState(situation.state)
    state = after(was, closing_act(outcome))
    if outcome is ClosingOutcome.UNREACHABLE:
        await _check_attempts(tx, situation)
    await stop_alert(tx, actor, situation, "closed", now)
    if outcome is ClosingOutcome.DUPLICATE and kept_id is not None:
        await _join(tx, actor, situation, situations[kept_id], now)
    await _promise_call(tx, actor, situation, outcome, now)
    situation.state = state.value
    situation.outcome = outcome.value
    situation.duplicate_of_id = kept_id if outcome is ClosingOutcome.DUPLICATE else None
    situation.closed_at = now
    situation.next_check_at = None
    situation.effective_at = situation.effective_at or closing.arrived_at
    situation.terms_version += 1
    bump(situation)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = now + DETAILS_KEPT
        details.closing_note = closing.note or None
    fact = events.SituationClosed(
        subject_id=situation.id,
        outcome=outcome.value,
        was=was.value,
        acknowledged_at=closing.acknowledged_at,
        agreed_at=closing.agreed_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)


async def reopen_situation(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Search again for a person whose situation was closed, with the referent it had if they are still in office.

    A deadline that has passed gives way to the usual one of the urgency. Raises `ActForbidden`, `NotFound`,
    `IllegalTransition` where it is open.
    """
    require_coordination(actor)
    situation = await lock_situation(tx, situation_id)
    after(SituationState(situation.state), SituationAct.REOPEN)
    details = await tx.get(SituationDetails, situation.id)
    if details is not None:
        details.erase_after = None
        details.closing_note = None
    # Outcome and state are told to the database together: its CHECK knows no step between closed and open.
    situation.outcome = None
    situation.duplicate_of_id = None
    situation.closed_at = None
    situation.effective_at = None
    situation.urgency_set_at = now
    if situation.deadline_at <= now:
        situation.deadline_at = now + USUAL_DEADLINE[Urgency(situation.urgency)]
    situation.terms_version += 1
    await move(tx, actor, situation, SituationAct.REOPEN, now)
    await take_up_if_absent(tx, actor, situation, now)


async def _check_attempts(tx: AsyncSession, situation: Situation) -> None:
    zone = await organisations.zone(tx)
    in_vain = await tx.scalars(
        select(Call.at).where(
            Call.situation_id == situation.id,
            Call.direction == CallDirection.MADE.value,
            Call.outcome.in_([outcome.value for outcome in IN_VAIN]),
        )
    )
    if len({at.astimezone(zone).date() for at in in_vain}) < ATTEMPTS_ON_DAYS:
        raise InvalidValue(field="outcome", rule="three-attempts", least=ATTEMPTS_ON_DAYS)


async def _join(tx: AsyncSession, actor: Actor, situation: Situation, kept: Situation, now: datetime) -> None:
    if kept.state == SituationState.CLOSED or kept.id == situation.id:
        # Two duplicates naming each other would leave nobody searching.
        raise InvalidValue(field="duplicate_of", rule="closed-situation")
    moved = await move_calls(tx, situation.id, kept.id)
    fact = DuplicateJoined(subject_id=kept.id, calls_moved=moved, cards=(await card_of(tx, kept.id),))
    await record(tx, actor, fact, now)


async def _promise_call(
    tx: AsyncSession, actor: Actor, situation: Situation, outcome: ClosingOutcome, now: datetime
) -> None:
    promised = PROMISED_CALLS.get(outcome)
    if promised is None:
        return
    party, within = promised
    planned = await tx.scalar(
        select(CallBack.id).where(
            CallBack.situation_id == situation.id, CallBack.state == "planned", CallBack.due_at <= now + within
        )
    )
    if planned is None:
        await add_call_back(tx, actor, situation, party, now + within, now)
