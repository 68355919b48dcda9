"""Volunteers and staff needs that are valid as they come."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.organisations.models import LivingArea
from exchange.staffing.commands import (
    DeclareNeed,
    Period,
    RegisterVolunteer,
    ShiftAsked,
    StateTimes,
    declare_need,
    register_volunteer,
    state_times,
)
from exchange.staffing.models import Shift
from tests.factories.ground import LE_PUY, a_living_area

_numbers = itertools.count(1)


async def speaker_for(tx: AsyncSession, *facility_ids: UUID) -> Actor:
    """A manager who gives the word of these facilities, without an account."""
    community_id = await tx.scalar(text("SELECT current_community()"))
    assert isinstance(community_id, UUID)
    return Actor(
        community_id=community_id, role=Role.FACILITY_MANAGER, via=Via.WEB, facility_ids=frozenset(facility_ids)
    )


async def a_volunteer(tx: AsyncSession, facility_id: UUID, **over: object) -> UUID:
    """A care support worker living in Le Puy-en-Velay, ready for a month, without any time stated."""
    area_id = await tx.scalar(select(LivingArea.id).order_by(LivingArea.slug).limit(1)) or await a_living_area(tx)
    form = RegisterVolunteer(
        facility_id=facility_id,
        commune_code=LE_PUY,
        qualifications=("care_support_worker",),
        living_area_ids=(area_id,),
        max_travel_minutes=45,
        max_loan_minutes=2400,
        night12h_derogation=False,
        ready_until=now_of(tx) + timedelta(days=30),
        full_name="Camille Essai",
        email=f"volontaire-{next(_numbers)}@essai.invalid",
    )
    return await register_volunteer(tx, await speaker_for(tx, facility_id), replace(form, **over), now_of(tx))  # type: ignore[arg-type]


async def stated(
    tx: AsyncSession, facility_id: UUID, volunteer_id: UUID, kind: str, starts_at: datetime, ends_at: datetime
) -> None:
    """One more period of a volunteer, in the employer's words."""
    times = StateTimes(volunteer_id, kind, (Period(starts_at, ends_at),))
    await state_times(tx, await speaker_for(tx, facility_id), times, now_of(tx))


def need_form(facility_id: UUID, now: datetime, **over: object) -> DeclareNeed:
    """One person for eight hours, tomorrow at this hour."""
    starts_at = now + timedelta(days=1)
    form = DeclareNeed(
        facility_id=facility_id,
        qualifications_any=("care_support_worker",),
        urgency=3,
        is_coupled=False,
        reason="unplanned_absence",
        impact="unit_unsafe",
        shifts=(ShiftAsked(starts_at, starts_at + timedelta(hours=8)),),
    )
    return replace(form, **over)  # type: ignore[arg-type]


async def a_need(tx: AsyncSession, facility_id: UUID, **over: object) -> UUID:
    form = need_form(facility_id, now_of(tx), **over)
    return await declare_need(tx, await speaker_for(tx, facility_id), form, now_of(tx))


async def shifts_of(tx: AsyncSession, need_id: UUID) -> list[UUID]:
    """The shifts of a need, the earliest first."""
    rows = await tx.scalars(select(Shift).where(Shift.need_id == need_id))
    return [shift.id for shift in sorted(rows, key=lambda shift: (shift.slot.lower, shift.id))]
