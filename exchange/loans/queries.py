"""Reading loans: each party sees its own, and a name only once the person's loan is agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.policies import visible_loans
from exchange.loans.rules import BINDING, LoanKind, LoanState
from exchange.organisations.models import Facility
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed, VolunteerIdentity


@dataclass(frozen=True, slots=True)
class ShiftView:
    """One work period of a loan, half-open."""

    id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LoanView:
    """One loan, as this actor may see it.

    `volunteer_name`: for the employer and the person; for the host once the loan is agreed; absent otherwise.
    `decline_reason`: for the person alone. A loan that was turned down does not say by whom: « Non disponible ».
    """

    id: UUID
    kind: LoanKind
    need_id: UUID
    volunteer_id: UUID
    host_facility_id: UUID
    host: str
    host_hides_address: bool
    lender_facility_id: UUID
    lender: str
    qualifications_any: tuple[str, ...]
    volunteer_qualifications: tuple[str, ...]
    urgency: int
    shifts: tuple[ShiftView, ...]
    state: LoanState
    asked_at: datetime | None
    answer_by: datetime | None
    released_at: datetime | None
    consented_at: datetime | None
    accepted_at: datetime | None
    travel_minutes: int
    reasons: tuple[Mapping[str, object], ...]
    created_at: datetime
    volunteer_name: str | None = field(repr=False)
    decline_reason: str | None = field(repr=False)
    version: int


async def loan(reader: AsyncSession, actor: Actor, loan_id: UUID) -> LoanView:
    """Return one loan. Raises `NotFound` to whoever may not know of it."""
    views = await _views(reader, actor, StaffLoan.id == loan_id)
    if not views:
        raise NotFound
    return views[0]


async def loans(reader: AsyncSession, actor: Actor, *, with_ended: bool = False) -> tuple[LoanView, ...]:
    """Return the loans that the actor may see, the earliest first shift first."""
    live = [LoanState.PROPOSED, LoanState.AGREED, LoanState.SIGNED, LoanState.RUNNING]
    where = true() if with_ended else StaffLoan.state.in_([state.value for state in live])
    views = await _views(reader, actor, where)
    return tuple(sorted(views, key=lambda view: (view.shifts[0].starts_at, view.id)))


async def declined_shifts(
    reader: AsyncSession, volunteer_ids: Iterable[UUID] | None = None
) -> frozenset[tuple[UUID, UUID]]:
    """Return the (volunteer, shift) pairs for which the person is not asked again: a no, a silence or a withdrawal
    of anyone silences that shift."""
    over = [LoanState.DECLINED, LoanState.EXPIRED, LoanState.CANCELLED]
    pairs = (
        select(LoanShift.volunteer_id, LoanShift.shift_id)
        .distinct()
        .join(StaffLoan, StaffLoan.id == LoanShift.loan_id)
        .where(StaffLoan.asked_at.is_not(None), StaffLoan.state.in_([state.value for state in over]))
    )
    if volunteer_ids is not None:
        pairs = pairs.where(LoanShift.volunteer_id.in_(set(volunteer_ids)))
    return frozenset((volunteer_id, shift_id) for volunteer_id, shift_id in await reader.execute(pairs))


_Rows = Select[StaffLoan, StaffNeed, LoanVolunteer, Facility, Facility, str]


async def _views(reader: AsyncSession, actor: Actor, where: ColumnElement[bool]) -> tuple[LoanView, ...]:
    rows = (await reader.execute(_rows().where(visible_loans(actor), where))).all()
    shifts = await _shifts(reader, [row[0].id for row in rows])
    return tuple(_view(row, shifts[row[0].id], actor) for row in rows)


def _rows() -> _Rows:
    lender, host = aliased(Facility), aliased(Facility)
    return (
        select(StaffLoan, StaffNeed, LoanVolunteer, lender, host, VolunteerIdentity.full_name)
        .join(StaffNeed, StaffNeed.id == StaffLoan.need_id)
        .join(LoanVolunteer, LoanVolunteer.id == StaffLoan.volunteer_id)
        .join(lender, lender.id == LoanVolunteer.facility_id)
        .join(host, host.id == StaffNeed.facility_id)
        .join(VolunteerIdentity, VolunteerIdentity.volunteer_id == LoanVolunteer.id, isouter=True)
        .order_by(StaffLoan.id)
    )


async def _shifts(reader: AsyncSession, loan_ids: list[UUID]) -> dict[UUID, tuple[ShiftView, ...]]:
    rows = await reader.execute(
        select(LoanShift.loan_id, Shift.id, func.lower(Shift.slot), func.upper(Shift.slot))
        .join(Shift, Shift.id == LoanShift.shift_id)
        .where(LoanShift.loan_id.in_(loan_ids))
        .order_by(func.lower(Shift.slot), Shift.id)
    )
    found: dict[UUID, tuple[ShiftView, ...]] = {}
    for loan_id, shift_id, starts_at, ends_at in rows:
        found[loan_id] = (*found.get(loan_id, ()), ShiftView(shift_id, starts_at, ends_at))
    return found


def _view(
    row: Row[StaffLoan, StaffNeed, LoanVolunteer, Facility, Facility, str],
    shifts: tuple[ShiftView, ...],
    actor: Actor,
) -> LoanView:
    found, need, volunteer, lender, host, full_name = row
    is_the_person = actor.volunteer_id == volunteer.id
    knows_name = (
        is_the_person
        or actor.speaks_for(lender.id)
        or (actor.speaks_for(host.id) and LoanState(found.state) in BINDING)
    )
    return LoanView(
        id=found.id,
        kind=LoanKind(found.kind),
        need_id=need.id,
        volunteer_id=volunteer.id,
        host_facility_id=host.id,
        host=host.name,
        host_hides_address=host.hides_address,
        lender_facility_id=lender.id,
        lender=lender.name,
        qualifications_any=tuple(need.qualifications_any),
        volunteer_qualifications=tuple(volunteer.qualifications),
        urgency=need.urgency,
        shifts=shifts,
        state=LoanState(found.state),
        asked_at=found.asked_at,
        answer_by=found.answer_by,
        released_at=found.released_at,
        consented_at=found.consented_at,
        accepted_at=found.accepted_at,
        travel_minutes=found.travel_minutes,
        reasons=tuple(found.reasons),
        created_at=found.created_at,
        volunteer_name=full_name if knows_name else None,
        decline_reason=found.decline_reason if is_the_person else None,
        version=found.version,
    )
