"""What the board shows of a loan."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exchange.kernel.errors import NotFound
from exchange.kernel.record import Card
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import LoanKind, LoanState
from exchange.organisations.models import Facility
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed

ON_THE_BOARD = frozenset({LoanState.PROPOSED, LoanState.AGREED, LoanState.SIGNED, LoanState.RUNNING})


async def card_of(tx: AsyncSession, loan_id: UUID) -> Card:
    """Return the card of a loan as the transaction sees it; empty once over. Raises `NotFound`.

    Nothing of the person: the two facilities, the hours and what the need asks for.
    """
    await tx.flush()
    lender, host = aliased(Facility), aliased(Facility)
    row = (
        await tx.execute(
            select(StaffLoan, StaffNeed.qualifications_any, lender, host)
            .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
            .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
            .join(lender, lender.id == LoanVolunteer.facility_id)
            .join(host, host.id == StaffNeed.facility_id)
            .where(StaffLoan.id == loan_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    loan, qualifications_any, lends, hosts = row
    if LoanState(loan.state) not in ON_THE_BOARD:
        return Card("loan", loan_id, None, hosts.living_area_id, hosts.id)
    shifts = await tx.execute(
        select(Shift.id, Shift.slot)
        .join(LoanShift, LoanShift.shift_id == Shift.id)
        .where(LoanShift.loan_id == loan_id)
        .order_by(func.lower(Shift.slot), Shift.id)
    )
    content = {
        "kind": "loan",
        "is_internal_move": loan.kind == LoanKind.INTERNAL_MOVE,
        "need_id": loan.need_id,
        "host": hosts.name,
        "host_facility_id": hosts.id,
        "lender": lends.name,
        "lender_facility_id": lends.id,
        "qualifications_any": qualifications_any,
        "shifts": [{"id": shift.id, "starts_at": shift.slot.lower, "ends_at": shift.slot.upper} for shift in shifts],
        "state": loan.state,
        "asked_at": loan.asked_at,
        "answer_by": loan.answer_by,
        "released": loan.released_at is not None,
        "consented": loan.consented_at is not None,
        "accepted": loan.accepted_at is not None,
        "travel_minutes": loan.travel_minutes,
        "reasons": loan.reasons,
    }
    return Card("loan", loan_id, content, hosts.living_area_id, hosts.id)
