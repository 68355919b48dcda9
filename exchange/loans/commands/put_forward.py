"""What a run puts forward, and what it takes away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.kernel.ids import new_id
from exchange.kernel.record import record, show_card
from exchange.loans.cards import card_of
from exchange.loans.events import LoanProposed
from exchange.loans.inputs import ProposedLoan
from exchange.loans.locks import keep_shifts, lock_loans, lock_volunteers
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.moves import supersede
from exchange.loans.queries import declined_shifts
from exchange.loans.rules import LoanKind, LoanSide, LoanState, kind_between, mission_key
from exchange.organisations.models import Facility
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed
from exchange.staffing.rules import NeedState

Key = tuple[UUID, str]
"""Volunteer, shifts: what makes two lines of two runs the same line."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What lines are checked against, read once under the volunteers' locks. `operators`: by facility."""

    volunteers: Mapping[UUID, LoanVolunteer]
    needs: Mapping[UUID, StaffNeed]
    shifts: Mapping[UUID, Shift]
    operators: Mapping[UUID, UUID]
    declined: frozenset[tuple[UUID, UUID]]


async def put_forward(
    tx: AsyncSession,
    actor: Actor,
    lines: Sequence[ProposedLoan],
    run_id: UUID | None,
    now: datetime,
    *,
    judged: Collection[UUID] = (),
) -> tuple[UUID, ...]:
    """Record what a run proposes; return the loans that are new.

    A line already standing keeps its row, with its new reasons, without event. A standing proposal that nobody asked
    for and that the run no longer makes is superseded; what was asked or agreed is untouched. `judged`: needs of the
    run that may have no line left. Lines that no longer hold (versions, a cancelled need, a no) are dropped.
    Raises `ActForbidden`.
    """
    side = _require_planner(actor)
    need_ids = {*judged, *(line.need_id for line in lines)}
    standing_ids = await _standing(tx, need_ids)
    volunteers = await lock_volunteers(tx, {*standing_ids.values(), *(line.volunteer_id for line in lines)})
    ground = await _ground(tx, volunteers, need_ids, lines)
    wanted = {_key(line): line for line in lines if _holds(line, ground)}
    for loan in (await lock_loans(tx, standing_ids)).values():
        line = wanted.get((loan.volunteer_id, loan.mission_key))
        if loan.state != LoanState.PROPOSED or loan.asked_at is not None:
            continue
        if line is None:
            await supersede(tx, actor, side, loan, now)
        else:
            await _renew(tx, loan, line, ground, run_id, now)
    live = await _live_keys(tx, volunteers)
    return tuple(
        [await _propose(tx, actor, line, ground, run_id, now) for key, line in wanted.items() if key not in live]
    )


def _require_planner(actor: Actor) -> LoanSide:
    if actor.role is Role.SYSTEM:
        return LoanSide.CLOCK
    if actor.role is Role.COORDINATOR:
        return LoanSide.COORDINATION
    raise ActForbidden


def _key(line: ProposedLoan) -> Key:
    return line.volunteer_id, mission_key(line.shift_ids)


def _holds(line: ProposedLoan, ground: _Ground) -> bool:
    volunteer, need = ground.volunteers.get(line.volunteer_id), ground.needs.get(line.need_id)
    shifts = [ground.shifts.get(shift_id) for shift_id in line.shift_ids]
    return (
        volunteer is not None
        and volunteer.terms_version == line.volunteer_terms_version
        and need is not None
        and need.state == NeedState.OPEN
        and need.terms_version == line.need_terms_version
        and bool(shifts)
        and all(shift is not None and shift.need_id == need.id for shift in shifts)
        and not any((volunteer.id, shift_id) in ground.declined for shift_id in line.shift_ids)
    )


async def _standing(tx: AsyncSession, need_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the proposals of these needs that nobody asked for, each with its volunteer."""
    rows = await tx.execute(
        select(StaffLoan.id, StaffLoan.volunteer_id).where(
            StaffLoan.need_id.in_(set(need_ids)),
            StaffLoan.state == LoanState.PROPOSED.value,
            StaffLoan.asked_at.is_(None),
        )
    )
    return {row.id: row.volunteer_id for row in rows}


async def _ground(
    tx: AsyncSession, volunteers: Mapping[UUID, LoanVolunteer], need_ids: set[UUID], lines: Sequence[ProposedLoan]
) -> _Ground:
    shifts = await keep_shifts(tx, (shift_id for line in lines for shift_id in line.shift_ids))
    needs = await tx.scalars(
        select(StaffNeed).where(StaffNeed.id.in_(need_ids)).execution_options(populate_existing=True)
    )
    asked = {need.id: need for need in needs}
    sites = {*(one.facility_id for one in volunteers.values()), *(need.facility_id for need in asked.values())}
    operators = await tx.execute(select(Facility.id, Facility.operator_id).where(Facility.id.in_(sites)))
    return _Ground(
        volunteers=volunteers,
        needs=asked,
        shifts=shifts,
        operators={row.id: row.operator_id for row in operators},
        declined=await declined_shifts(tx, volunteers.keys()),
    )


async def _live_keys(tx: AsyncSession, volunteers: Mapping[UUID, LoanVolunteer]) -> frozenset[Key]:
    live = [LoanState.PROPOSED, LoanState.AGREED, LoanState.SIGNED, LoanState.RUNNING]
    rows = await tx.execute(
        select(StaffLoan.volunteer_id, StaffLoan.mission_key).where(
            StaffLoan.volunteer_id.in_(volunteers.keys()), StaffLoan.state.in_([state.value for state in live])
        )
    )
    return frozenset((volunteer_id, key) for volunteer_id, key in rows)


async def _renew(
    tx: AsyncSession, loan: StaffLoan, line: ProposedLoan, ground: _Ground, run_id: UUID | None, now: datetime
) -> None:
    reasons = [dict(reason) for reason in line.reasons]
    shows_the_same = loan.reasons == reasons and loan.travel_minutes == line.travel_minutes
    loan.run_id, loan.reasons = run_id, reasons
    loan.volunteer_terms_version = line.volunteer_terms_version
    loan.need_terms_version = line.need_terms_version
    if shows_the_same:
        return
    if loan.travel_minutes != line.travel_minutes:
        loan.travel_minutes = line.travel_minutes
        for row in await tx.scalars(select(LoanShift).where(LoanShift.loan_id == loan.id)):
            row.slot_with_travel = _with_travel(ground.shifts[row.shift_id], line.travel_minutes)
    await show_card(tx, await card_of(tx, loan.id), now)


async def _propose(
    tx: AsyncSession, actor: Actor, line: ProposedLoan, ground: _Ground, run_id: UUID | None, now: datetime
) -> UUID:
    loan_id = new_id()
    tx.add(
        StaffLoan(
            id=loan_id,
            volunteer_id=line.volunteer_id,
            need_id=line.need_id,
            mission_key=mission_key(line.shift_ids),
            kind=_kind(line, ground).value,
            run_id=run_id,
            state=LoanState.PROPOSED.value,
            volunteer_terms_version=line.volunteer_terms_version,
            need_terms_version=line.need_terms_version,
            travel_minutes=line.travel_minutes,
            reasons=[dict(reason) for reason in line.reasons],
            created_at=now,
        )
    )
    await tx.flush()
    await tx.execute(
        insert(LoanShift),
        [
            {
                "loan_id": loan_id,
                "shift_id": shift_id,
                "volunteer_id": line.volunteer_id,
                "slot_with_travel": _with_travel(ground.shifts[shift_id], line.travel_minutes),
            }
            for shift_id in line.shift_ids
        ],
    )
    fact = LoanProposed(
        subject_id=loan_id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        cards=(await card_of(tx, loan_id),),
    )
    await record(tx, actor, fact, now)
    return loan_id


def _kind(line: ProposedLoan, ground: _Ground) -> LoanKind:
    lender, host = ground.volunteers[line.volunteer_id].facility_id, ground.needs[line.need_id].facility_id
    return kind_between(ground.operators[lender], ground.operators[host])


def _with_travel(shift: Shift, travel_minutes: int) -> Range[datetime]:
    """The shift with the way there and back: nobody is in two places."""
    if shift.slot.lower is None or shift.slot.upper is None:
        raise ValueError("a shift has two ends")
    way = timedelta(minutes=travel_minutes)
    return Range(shift.slot.lower - way, shift.slot.upper + way, bounds="[)")
