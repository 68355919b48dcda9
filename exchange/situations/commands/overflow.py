"""Calling others in order when nobody answers, until somebody does or an outside service takes over by voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.on_call import is_anybody_in_office, is_anybody_second_on_call, may_follow
from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, InvalidValue
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.reference.code_lists import Urgency
from exchange.reference.following import AlertReason, EscalationStep
from exchange.situations import events_following as events
from exchange.situations.cards import card_of
from exchange.situations.errors import NoAlertRuns
from exchange.situations.inputs_following import TellOutside
from exchange.situations.locks import lock_situation
from exchange.situations.models import Situation
from exchange.situations.models_alerts import Escalation, EscalationPlanLine, OutsideHandOver, OutsideService
from exchange.situations.moves import allow, next_check_of, require_side, stop_alert
from exchange.situations.overflow import PlanLine, Service, check_plan, next_step
from exchange.situations.queries_alerts import outside_services, plan_of, taken_in
from exchange.situations.rules import USUAL_DEADLINE
from exchange.situations.saying import spoken_line
from exchange.situations.transitions import SituationAct, SituationState
from exchange.staffing.values import check_instant

_TOLD_AS: Final[Mapping[EscalationStep, type[events.StepTaken]]] = MappingProxyType(
    {
        EscalationStep.SECOND_ON_CALL: events.SecondOnCallCalled,
        EscalationStep.REFERENT: events.ReferentCalled,
        EscalationStep.COORDINATOR: events.CoordinatorCalled,
        EscalationStep.OUTSIDE_SERVICE: events.OutsideServiceDue,
    }
)

_ALERTED: Final = frozenset({SituationState.RECEIVED, SituationState.SEARCHING, SituationState.HELD})


async def start_alert(
    tx: AsyncSession,
    actor: Actor,
    situation: Situation,
    reason: AlertReason,
    now: datetime,
    *,
    since: datetime | None = None,
) -> bool:
    """Start the overflow of a locked situation that nobody answers for, and take the steps due; return whether it did.

    `since`: when it should have started, before an outage; now where unsaid. Nothing where one runs already, or where
    an answer stands.
    """
    if situation.alert_since is not None or SituationState(situation.state) not in _ALERTED:
        return False
    situation.alert_since = since or now
    situation.alert_reason = reason.value
    situation.alert_round += 1
    fact = events.AlertStarted(subject_id=situation.id, reason=reason.value, cards=(await card_of(tx, situation.id),))
    await record(tx, actor, fact, now)
    await take_steps_due(tx, actor, situation, now)
    return True


async def climb_alert(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> int:
    """Take the steps of the overflow that are due, each once, however late; return how many. Repeatable.

    Raises `NotFound`.
    """
    situation = await lock_situation(tx, situation_id)
    return await take_steps_due(tx, actor, situation, now)


async def take_steps_due(tx: AsyncSession, actor: Actor, situation: Situation, now: datetime) -> int:
    """Take what is due of a locked situation's overflow. After an outage, each missed step is taken, in order."""
    if situation.alert_since is None:
        return 0
    plan = await plan_of(tx)
    count = 0
    while True:
        following = next_step(plan, situation.alert_since, await taken_in(tx, situation.id, situation.alert_round))
        if following is None or following[1] > now:
            return count
        await _take(tx, actor, situation, plan, following, now)
        count += 1


async def is_left_to_outside(tx: AsyncSession, situation: Situation) -> bool:
    """Whether every step of a locked situation's overflow is taken, and the outside service still to be told."""
    if situation.alert_since is None:
        return False
    taken = await taken_in(tx, situation.id, situation.alert_round)
    return next_step(await plan_of(tx), situation.alert_since, taken) is None


async def _take(
    tx: AsyncSession,
    actor: Actor,
    situation: Situation,
    plan: Sequence[PlanLine],
    due: tuple[EscalationStep, datetime],
    now: datetime,
) -> None:
    step, due_at = due
    row = {
        "id": new_id(),
        "situation_id": situation.id,
        "round": situation.alert_round,
        "step": step.value,
        "due_at": due_at,
        "taken_at": now,
        "found_somebody": await _is_anybody_there(tx, situation, step),
    }
    await tx.execute(insert(Escalation).values(row))
    taken = await taken_in(tx, situation.id, situation.alert_round)
    following = next_step(plan, situation.alert_since or now, taken)
    fact = _TOLD_AS[step](subject_id=situation.id, next_step_at=following[1] if following else None)
    await record(tx, actor, fact, now)


async def _is_anybody_there(tx: AsyncSession, situation: Situation, step: EscalationStep) -> bool:
    match step:
        case EscalationStep.SECOND_ON_CALL:
            return await is_anybody_second_on_call(tx)
        case EscalationStep.REFERENT:
            return await may_follow(tx, situation.referent_account_id)
        case EscalationStep.COORDINATOR:
            return await is_anybody_in_office(tx, Role.COORDINATOR)
        case EscalationStep.OUTSIDE_SERVICE:
            return True


async def tell_outside(tx: AsyncSession, actor: Actor, told: TellOutside, now: datetime) -> None:
    """Record that a named outside service took over, by voice: the overflow ends, the situation stays open.

    The question comes back once the usual time of this urgency has passed without an answer. Raises `ActForbidden`,
    `NotFound`, `InvalidValue`, `IllegalTransition`, `NoAlertRuns`.
    """
    require_side(actor, SituationAct.TELL_OUTSIDE)
    services = {service.code: service for service in await outside_services(tx)}
    service = services.get(told.service_code)
    if service is None:
        raise InvalidValue(field="service_code", rule="unknown-code")
    spoken_with, function = spoken_line(told.spoken_with, "spoken_with"), spoken_line(told.function, "function")
    at = told.at or now
    check_instant(at, "at")
    if at > now:
        raise InvalidValue(field="at", rule="in-the-future")
    situation = await lock_situation(tx, told.situation_id)
    allow(actor, situation, SituationAct.TELL_OUTSIDE)
    if situation.alert_since is None:
        raise NoAlertRuns
    tx.add(
        OutsideHandOver(
            situation_id=situation.id,
            service_code=service.code,
            service_name=service.name,
            spoken_with=spoken_with,
            spoken_function=function,
            at=at,
            recorded_at=now,
            account_id=actor.account_id,
        )
    )
    situation.deadline_at = now + USUAL_DEADLINE[Urgency(situation.urgency)]
    situation.next_check_at = await next_check_of(tx, situation, now)
    bump(situation)
    fact = events.OutsideToldByVoice(
        subject_id=situation.id,
        service=service.code,
        next_check_at=situation.next_check_at,
        cards=(await card_of(tx, situation.id),),
    )
    await record(tx, actor, fact, now)
    await stop_alert(tx, actor, situation, "told_outside", now)


async def set_outside_services(tx: AsyncSession, actor: Actor, services: Sequence[Service]) -> None:
    """Name the community's outside services, in its own order; without any, the national numbers hold again.

    Raises `ActForbidden`, `InvalidValue`.
    """
    if actor.role not in (Role.COORDINATOR, Role.SYSTEM):
        raise ActForbidden
    if len({service.code for service in services}) != len(services):
        raise InvalidValue(field="services", rule="twice")
    await tx.execute(delete(OutsideService))
    tx.add_all(
        OutsideService(
            code=service.code,
            name=service.name,
            phone=service.phone,
            audiences=sorted(service.audiences),
            opens_at=service.opens_at,
            closes_at=service.closes_at,
            position=position,
        )
        for position, service in enumerate(services)
    )
    await tx.flush()


async def set_escalation_plan(tx: AsyncSession, actor: Actor, lines: Sequence[PlanLine]) -> None:
    """Give the community its own order and waits; without lines, the usual ones hold again.

    Raises `ActForbidden`, `InvalidValue`.
    """
    if actor.role not in (Role.COORDINATOR, Role.SYSTEM):
        raise ActForbidden
    if lines:
        check_plan(lines)
    await tx.execute(delete(EscalationPlanLine))
    tx.add_all(
        EscalationPlanLine(position=position, step=line.step.value, wait_minutes=line.wait_minutes)
        for position, line in enumerate(lines)
    )
    await tx.flush()
