"""Locking what a loan stands on, in the order of the house: volunteer, shifts, loan; ids ascending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import NotFound
from exchange.kernel.versions import require_seen
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import LoanState
from exchange.staffing.commands import lock_shifts, lock_volunteer
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed


@dataclass(frozen=True, slots=True)
class Line:
    """What never changes of a loan, read before any lock."""

    loan_id: UUID
    volunteer_id: UUID
    need_id: UUID
    lender_id: UUID
    host_id: UUID
    shift_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Locked:
    """A loan with the person and the shifts that it joins, all locked and read again."""

    loan: StaffLoan
    volunteer: LoanVolunteer
    shifts: Mapping[UUID, Shift]

    @property
    def state(self) -> LoanState:
        """The loan's state, typed."""
        return LoanState(self.loan.state)


async def line_of(tx: AsyncSession, loan_id: UUID) -> Line:
    """Return what a loan joins. Raises `NotFound`."""
    row = (
        await tx.execute(
            select(
                StaffLoan.volunteer_id,
                StaffLoan.need_id,
                LoanVolunteer.facility_id.label("lender_id"),
                StaffNeed.facility_id.label("host_id"),
            )
            .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
            .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
            .where(StaffLoan.id == loan_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    shift_ids = await tx.scalars(
        select(LoanShift.shift_id).where(LoanShift.loan_id == loan_id).order_by(LoanShift.shift_id)
    )
    return Line(loan_id, row.volunteer_id, row.need_id, row.lender_id, row.host_id, tuple(shift_ids))


async def lock_line(tx: AsyncSession, line: Line) -> Locked:
    """Lock a loan after its person and its shifts."""
    volunteer = await lock_volunteer(tx, line.volunteer_id)
    shifts = await lock_shifts(tx, line.shift_ids)
    loan = (await lock_loans(tx, (line.loan_id,)))[line.loan_id]
    return Locked(loan, volunteer, shifts)


async def lock_loans(tx: AsyncSession, loan_ids: Iterable[UUID]) -> dict[UUID, StaffLoan]:
    """Lock loans `FOR UPDATE`, ids ascending, and read them again; their persons are already locked.

    The full strength: `is_binding` is part of a key that their shifts refer to, and a weaker lock deadlocks.
    """
    await tx.flush()
    found = await tx.scalars(
        select(StaffLoan)
        .where(StaffLoan.id.in_(set(loan_ids)))
        .order_by(StaffLoan.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    loans = {loan.id: loan for loan in found}
    require_seen(tx, *loans.values())
    return loans


async def lock_volunteers(tx: AsyncSession, volunteer_ids: Iterable[UUID]) -> dict[UUID, LoanVolunteer]:
    """Lock several persons, ids ascending, and read them again; those unknown here are absent."""
    found = await tx.scalars(
        select(LoanVolunteer)
        .where(LoanVolunteer.id.in_(set(volunteer_ids)))
        .order_by(LoanVolunteer.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {volunteer.id: volunteer for volunteer in found}


async def keep_shifts(tx: AsyncSession, shift_ids: Iterable[UUID]) -> dict[UUID, Shift]:
    """Lock shifts `FOR KEY SHARE`, ids ascending, as the foreign keys of new lines will, in the order of the house."""
    found = await tx.scalars(
        select(Shift)
        .where(Shift.id.in_(set(shift_ids)))
        .order_by(Shift.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {shift.id: shift for shift in found}
