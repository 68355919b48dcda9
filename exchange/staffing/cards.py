"""What the board shows of a need."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import NotFound
from exchange.kernel.record import Card
from exchange.organisations.models import Facility, LivingArea
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import OFF_THE_BOARD, NeedState


async def card_of(tx: AsyncSession, need_id: UUID) -> Card:
    """Return the card of a need as the transaction sees it; empty once closed or cancelled. Raises `NotFound`."""
    await tx.flush()
    row = (
        await tx.execute(
            select(
                StaffNeed.facility_id,
                StaffNeed.qualifications_any,
                StaffNeed.urgency,
                StaffNeed.is_coupled,
                StaffNeed.reason,
                StaffNeed.impact,
                StaffNeed.state,
                Facility.name,
                Facility.living_area_id,
                LivingArea.name.label("living_area"),
            )
            .join(Facility, Facility.id == StaffNeed.facility_id)
            .join(LivingArea, LivingArea.id == Facility.living_area_id, isouter=True)
            .where(StaffNeed.id == need_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    if NeedState(row.state) in OFF_THE_BOARD:
        return Card("need", need_id, None, row.living_area_id, row.facility_id)
    shifts = await tx.scalars(select(Shift).where(Shift.need_id == need_id).order_by(func.lower(Shift.slot), Shift.id))
    content = {
        "kind": "need",
        "facility": row.name,
        "facility_id": row.facility_id,
        "living_area": row.living_area,
        "qualifications_any": row.qualifications_any,
        "urgency": row.urgency,
        "is_coupled": row.is_coupled,
        "reason": row.reason,
        "impact": row.impact,
        "shifts": [
            {
                "id": shift.id,
                "starts_at": shift.slot.lower,
                "ends_at": shift.slot.upper,
                "headcount": shift.headcount,
                "permanent_staff": shift.permanent_staff,
                "min_permanent_staff": shift.min_permanent_staff,
                "seats_agreed": shift.seats_agreed,
            }
            for shift in shifts
        ],
        "state": row.state,
    }
    return Card("need", need_id, content, row.living_area_id, row.facility_id)
