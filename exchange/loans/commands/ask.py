"""Asking the three parties, and the end of the wait."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.record import record
from exchange.loans.cards import card_of
from exchange.loans.errors import LoanOutdated, LoanTooLate, NeedNoLongerOpen
from exchange.loans.events import LoanAsked, LoanExpired
from exchange.loans.locks import Line, Locked, line_of, lock_line
from exchange.loans.moves import keep_evidence, move
from exchange.loans.policies import require_in_office, require_side, sides_of
from exchange.loans.rules import LoanAct, LoanKind, LoanSide, LoanState, answer_due
from exchange.organisations import queries as organisations
from exchange.staffing.models import StaffNeed
from exchange.staffing.rules import NeedState


async def ask(tx: AsyncSession, actor: Actor, loan_id: UUID, now: datetime) -> datetime:
    """Ask the lender, the professional and the host for a proposed loan; return by when they answer.

    The matcher leaves it alone from now on. Asking again changes nothing. Raises `NotFound`, `ActForbidden`,
    `IllegalTransition`, `LoanOutdated`, `NeedNoLongerOpen`, `LoanTooLate`.
    """
    line = await line_of(tx, loan_id)
    side = require_side(sides_of(actor, line.volunteer_id, line.lender_id, line.host_id), LoanAct.ASK)
    locked = await lock_line(tx, line)
    await require_in_office(tx, actor, side)
    loan = locked.loan
    if locked.state is LoanState.PROPOSED and loan.answer_by is not None:
        return loan.answer_by
    move(loan, LoanAct.ASK, side)
    await _require_current(tx, line, locked, now)
    clocks = await organisations.parameters(tx)
    first_starts_at = min(shift.slot.lower for shift in locked.shifts.values() if shift.slot.lower is not None)
    answer_by = answer_due(now, first_starts_at, loan.travel_minutes, clocks.link_valid_hours)
    if answer_by <= now:
        raise LoanTooLate
    loan.asked_at, loan.answer_by = now, answer_by
    keep_evidence(tx, actor, loan, side, LoanAct.ASK, actor.via, now)
    fact = LoanAsked(
        subject_id=loan.id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        answer_by=answer_by,
        cards=(await card_of(tx, loan.id),),
    )
    await record(tx, actor, fact, now)
    return answer_by


async def expire_request(tx: AsyncSession, actor: Actor, loan_id: UUID, now: datetime) -> bool:
    """End a request whose hour has come without the three agreements; return whether it was still there to end.
    Repeatable. Raises `NotFound`, `ActForbidden`."""
    line = await line_of(tx, loan_id)
    side = require_side(sides_of(actor, line.volunteer_id, line.lender_id, line.host_id), LoanAct.EXPIRE)
    locked = await lock_line(tx, line)
    loan = locked.loan
    if locked.state is not LoanState.PROPOSED or loan.answer_by is None or loan.answer_by > now:
        return False
    move(loan, LoanAct.EXPIRE, side)
    keep_evidence(tx, actor, loan, LoanSide.CLOCK, LoanAct.EXPIRE, actor.via, now)
    fact = LoanExpired(
        subject_id=loan.id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        cards=(await card_of(tx, loan.id),),
    )
    await record(tx, actor, fact, now)
    return True


async def _require_current(tx: AsyncSession, line: Line, locked: Locked, now: datetime) -> None:
    need = (
        await tx.execute(select(StaffNeed.state, StaffNeed.terms_version).where(StaffNeed.id == line.need_id))
    ).one()
    if need.state != NeedState.OPEN:
        raise NeedNoLongerOpen
    loan, volunteer = locked.loan, locked.volunteer
    # A move inside the association needs no loan file.
    is_internal = loan.kind == LoanKind.INTERNAL_MOVE
    is_ready = is_internal or (volunteer.ready_until is not None and volunteer.ready_until > now)
    is_paused = volunteer.paused_until is not None and volunteer.paused_until > now
    if (
        need.terms_version != loan.need_terms_version
        or volunteer.terms_version != loan.volunteer_terms_version
        or not volunteer.agrees_to_be_asked
        or not is_ready
        or is_paused
    ):
        raise LoanOutdated
