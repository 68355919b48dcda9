"""What is promised of somebody at hours that their times no longer say: promises outlive times, and are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.policies import visible_loans
from exchange.loans.rules import BINDING, LoanState
from exchange.organisations.models import Facility
from exchange.staffing.inputs import Period
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerTime
from exchange.staffing.rules import TimeKind, cut_out, joined


@dataclass(frozen=True, slots=True)
class PromisedShift:
    """One shift of a loan asked for or agreed, half-open, at hours that nobody says any more. `host`: where."""

    loan_id: UUID
    host: str
    is_agreed: bool
    starts_at: datetime
    ends_at: datetime


async def promised_outside(
    reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime
) -> tuple[PromisedShift, ...]:
    """Return the coming shifts promised of a volunteer outside the times stated, of loans that the actor may see."""
    asked = and_(StaffLoan.state == LoanState.PROPOSED.value, StaffLoan.asked_at.is_not(None))
    promised = or_(asked, StaffLoan.state.in_([state.value for state in BINDING]))
    rows = await reader.execute(
        select(StaffLoan.id, Facility.name, StaffLoan.state, Shift.slot)
        .join(LoanShift, LoanShift.loan_id == StaffLoan.id)
        .join(Shift, Shift.id == LoanShift.shift_id)
        .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
        .join(Facility, Facility.id == StaffNeed.facility_id)
        .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
        .where(StaffLoan.volunteer_id == volunteer_id, promised, func.lower(Shift.slot) > now, visible_loans(actor))
        .order_by(func.lower(Shift.slot), StaffLoan.id)
    )
    slots = await reader.scalars(
        select(VolunteerTime.slot).where(
            VolunteerTime.volunteer_id == volunteer_id,
            VolunteerTime.kind != TimeKind.OWN_SHIFT.value,
            func.upper(VolunteerTime.slot) > now,
        )
    )
    told = joined(Period(slot.lower, slot.upper) for slot in slots if slot.lower and slot.upper)
    return tuple(
        PromisedShift(loan_id, host, state != LoanState.PROPOSED, slot.lower, slot.upper)
        for loan_id, host, state, slot in rows
        if slot.lower and slot.upper and cut_out((Period(slot.lower, slot.upper),), told)
    )
