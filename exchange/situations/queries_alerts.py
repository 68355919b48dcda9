"""Reading the overflow: its plan, the steps taken, the outside services, and what was passed on by voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import NotFound
from exchange.reference.code_lists import AgeBand, Urgency
from exchange.reference.following import Audience, EscalationStep
from exchange.situations.models import Situation, SituationDetails
from exchange.situations.models_alerts import Escalation, EscalationPlanLine, OutsideHandOver, OutsideService
from exchange.situations.overflow import (
    NATIONAL_SERVICES,
    USUAL_PLAN,
    PlanLine,
    Service,
    Taken,
    audiences_of,
    services_for,
)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step taken; `due_at` and `taken_at` differ after an outage."""

    round: int
    step: EscalationStep
    due_at: datetime
    taken_at: datetime
    found_somebody: bool


@dataclass(frozen=True, slots=True)
class OutsideHandOverView:
    """An outside service that took over by voice."""

    service: str
    spoken_with: str
    function: str
    at: datetime
    recorded_at: datetime


async def plan_of(reader: AsyncSession) -> tuple[PlanLine, ...]:
    """Return the community's overflow, in order; the usual one where it has none of its own."""
    rows = await reader.scalars(select(EscalationPlanLine).order_by(EscalationPlanLine.position))
    return tuple(PlanLine(EscalationStep(row.step), row.wait_minutes) for row in rows) or USUAL_PLAN


async def taken_in(reader: AsyncSession, situation_id: UUID, alert_round: int) -> dict[EscalationStep, Taken]:
    """Return the steps taken in one round of a situation."""
    rows = await reader.scalars(
        select(Escalation).where(Escalation.situation_id == situation_id, Escalation.round == alert_round)
    )
    return {EscalationStep(row.step): Taken(row.due_at, row.found_somebody) for row in rows}


async def steps_of(reader: AsyncSession, situation_id: UUID) -> tuple[StepView, ...]:
    """Return every step taken for a situation, oldest first. The caller has proven that the actor may see it."""
    rows = await reader.scalars(
        select(Escalation)
        .where(Escalation.situation_id == situation_id)
        .order_by(Escalation.round, Escalation.taken_at, Escalation.due_at, Escalation.id)
    )
    return tuple(
        StepView(row.round, EscalationStep(row.step), row.due_at, row.taken_at, row.found_somebody) for row in rows
    )


async def outside_services(reader: AsyncSession) -> tuple[Service, ...]:
    """Return the community's outside services in its own order; the national numbers where it named none."""
    rows = await reader.scalars(select(OutsideService).order_by(OutsideService.position, OutsideService.code))
    own = tuple(
        Service(
            code=row.code,
            name=row.name,
            phone=row.phone,
            audiences=frozenset(Audience(code) for code in row.audiences),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
        )
        for row in rows
    )
    return own or NATIONAL_SERVICES


async def outside_hand_overs(reader: AsyncSession, situation_id: UUID) -> tuple[OutsideHandOverView, ...]:
    """Return what was passed on by voice, oldest first. The caller has proven that the actor may see it."""
    rows = await reader.scalars(
        select(OutsideHandOver)
        .where(OutsideHandOver.situation_id == situation_id)
        .order_by(OutsideHandOver.recorded_at, OutsideHandOver.id)
    )
    return tuple(
        OutsideHandOverView(row.service_name, row.spoken_with, row.spoken_function, row.at, row.recorded_at)
        for row in rows
    )


async def services_to_call(
    reader: AsyncSession, situation_id: UUID, now: datetime, zone: ZoneInfo
) -> tuple[Service, ...]:
    """Return the outside services that suit a situation and answer at this hour, in the community's order.

    The caller has proven that the actor may see the situation, or tells nothing of it. Raises `NotFound`.
    """
    row = (
        await reader.execute(
            select(Situation.age_band, Situation.urgency, SituationDetails.need_codes)
            .join(SituationDetails, SituationDetails.situation_id == Situation.id, isouter=True)
            .where(Situation.id == situation_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    audiences = audiences_of(AgeBand(row.age_band), row.need_codes or (), Urgency(row.urgency))
    return services_for(await outside_services(reader), audiences, now.astimezone(zone).time())
