"""Calls received and made, calls to make, and a caller who was anonymous first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.reference.following import CallDirection, CallOutcome, CallParty
from exchange.situations.cards import card_of
from exchange.situations.errors import CallBackSettled
from exchange.situations.events_following import CallBackPlanned, CallerIdentified, CallLogged
from exchange.situations.inputs_following import LogCall, PlanCallBack
from exchange.situations.locks import lock_situation
from exchange.situations.models import Situation
from exchange.situations.models_following import Call, CallBack
from exchange.situations.moves import allow, require_side
from exchange.situations.rules import check_call_back
from exchange.situations.transitions import SituationAct
from exchange.staffing.values import check_instant, code_of

OLDEST_CALL: Final = timedelta(days=31)
_REACHED: Final = frozenset({CallOutcome.SPOKEN, CallOutcome.CALLS_AGAIN})


async def log_call(tx: AsyncSession, actor: Actor, call: LogCall, now: datetime) -> UUID:
    """Keep that a call took place, and settle the planned one that it answers.

    Raises `ActForbidden`, `NotFound`, `InvalidValue`, `CallBackSettled`.
    """
    require_side(actor, SituationAct.LOG_CALL)
    direction = code_of(CallDirection, call.direction, "direction")
    party = code_of(CallParty, call.party, "party")
    outcome = code_of(CallOutcome, call.outcome, "outcome")
    at = _spoken_at(call.at, now)
    situation = await lock_situation(tx, call.situation_id)
    allow(actor, situation, SituationAct.LOG_CALL)
    call_id = new_id()
    tx.add(
        Call(
            id=call_id,
            situation_id=situation.id,
            at=at,
            direction=direction.value,
            party=party.value,
            outcome=outcome.value,
            account_id=actor.account_id,
        )
    )
    await tx.flush()
    if call.call_back_id is not None:
        await _settle(tx, situation.id, call.call_back_id, call_id, outcome)
    fact = CallLogged(subject_id=situation.id, direction=direction.value, party=party.value, outcome=outcome.value)
    await record(tx, actor, fact, now)
    return call_id


async def plan_call_back(tx: AsyncSession, actor: Actor, planned: PlanCallBack, now: datetime) -> UUID:
    """Say whom to ring, and when. Raises `ActForbidden`, `NotFound`, `InvalidValue`."""
    require_side(actor, SituationAct.LOG_CALL)
    party = code_of(CallParty, planned.party, "party")
    check_call_back(planned.due_at, now)
    situation = await lock_situation(tx, planned.situation_id)
    allow(actor, situation, SituationAct.LOG_CALL)
    return await add_call_back(tx, actor, situation, party, planned.due_at, now)


async def identify_caller(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
    """Say that an anonymous caller is known now; what they are called is told by voice and kept nowhere here.

    Raises `ActForbidden`, `NotFound`, `InvalidValue` where the call was not anonymous.
    """
    require_side(actor, SituationAct.IDENTIFY)
    situation = await lock_situation(tx, situation_id)
    allow(actor, situation, SituationAct.IDENTIFY)
    if not situation.is_anonymous:
        raise InvalidValue(field="is_anonymous", rule="not-anonymous")
    situation.is_anonymous = False
    situation.call_back_impossible = False
    bump(situation)
    fact = CallerIdentified(subject_id=situation.id, cards=(await card_of(tx, situation.id),))
    await record(tx, actor, fact, now)


async def add_call_back(
    tx: AsyncSession, actor: Actor, situation: Situation, party: CallParty, due_at: datetime, now: datetime
) -> UUID:
    """Plan a call for a locked situation, its values already judged."""
    call_back_id = new_id()
    tx.add(
        CallBack(
            id=call_back_id,
            situation_id=situation.id,
            party=party.value,
            due_at=due_at,
            planned_at=now,
            planned_by=actor.account_id,
            state="planned",
        )
    )
    fact = CallBackPlanned(subject_id=situation.id, party=party.value, due_at=due_at)
    await record(tx, actor, fact, now)
    return call_back_id


async def move_calls(tx: AsyncSession, from_id: UUID, to_id: UUID) -> int:
    """Bring the calls of a duplicate, and those still to make, to the situation that stays; return how many calls."""
    await tx.flush()
    moved: Iterable[UUID] = (
        await tx.scalars(
            update(Call)
            .where(Call.situation_id == from_id)
            .values(situation_id=to_id, moved_from_id=from_id)
            .returning(Call.id)
        )
    ).all()
    await tx.execute(
        update(CallBack).where(CallBack.situation_id == from_id, CallBack.state == "planned").values(situation_id=to_id)
    )
    return len(list(moved))


async def _settle(
    tx: AsyncSession, situation_id: UUID, call_back_id: UUID, call_id: UUID, outcome: CallOutcome
) -> None:
    planned = await tx.scalar(
        select(CallBack).where(CallBack.id == call_back_id, CallBack.situation_id == situation_id)
    )
    if planned is None:
        raise NotFound(field="call_back_id")
    if planned.state != "planned":
        raise CallBackSettled(field="call_back_id")
    planned.state = "done" if outcome in _REACHED else "not_reached"
    planned.call_id = call_id


def _spoken_at(at: datetime | None, now: datetime) -> datetime:
    if at is None:
        return now
    check_instant(at, "at")
    if at > now:
        raise InvalidValue(field="at", rule="in-the-future")
    if at < now - OLDEST_CALL:
        raise InvalidValue(field="at", rule="too-old")
    return at
