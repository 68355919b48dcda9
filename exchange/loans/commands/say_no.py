"""Declining, withdrawing, calling off: each ends one loan, and none is ever blocked by what rests on it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.loans.errors import LoanNotAsked
from exchange.loans.inputs import DeclineLoan
from exchange.loans.locks import line_of, lock_line, lock_loans, lock_volunteers
from exchange.loans.models import StaffLoan
from exchange.loans.moves import call_off, supersede, turn_down
from exchange.loans.policies import require_in_office, require_side, sides_of
from exchange.loans.rules import LoanAct, LoanCancelCause, LoanParty, LoanSide, LoanState


async def decline(tx: AsyncSession, actor: Actor, refusal: DeclineLoan, now: datetime) -> None:
    """Say no to a loan that was asked for; a professional's reason is kept for themselves alone.

    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `LoanNotAsked`.
    """
    line = await line_of(tx, refusal.loan_id)
    sides = sides_of(actor, line.volunteer_id, line.lender_id, line.host_id)
    side = require_side(sides, LoanAct.DECLINE, refusal.party)
    loan = (await lock_line(tx, line)).loan
    await require_in_office(tx, actor, side)
    if loan.asked_at is None:
        raise LoanNotAsked
    if refusal.party is LoanParty.PERSON and refusal.reason is not None:
        loan.decline_reason = refusal.reason.value
    await turn_down(tx, actor, side, line, loan, LoanAct.DECLINE, now)


async def withdraw_consent(tx: AsyncSession, actor: Actor, loan_id: UUID, now: datetime) -> LoanState:
    """Take the professional's own consent back, at any time before the mission is over; nothing blocks it.

    A binding loan is cancelled and its seats given back in this transaction; a request not yet agreed is declined;
    one already over stays as it is. Raises `NotFound`, `ActForbidden`, `IllegalTransition` once completed.
    """
    line = await line_of(tx, loan_id)
    sides = sides_of(actor, line.volunteer_id, line.lender_id, line.host_id)
    side = require_side(sides, LoanAct.WITHDRAW_CONSENT)
    locked = await lock_line(tx, line)
    if locked.state in _OVER:
        return locked.state
    act = LoanAct.WITHDRAW_CONSENT
    if locked.state is LoanState.PROPOSED:
        await turn_down(tx, actor, side, line, locked.loan, act, now)
    else:
        await call_off(tx, actor, side, line, locked.loan, act, LoanCancelCause.CONSENT_WITHDRAWN, now)
    locked.loan.consented_at = None
    await tx.flush()
    return locked.state


async def cancel_loan(tx: AsyncSession, actor: Actor, loan_id: UUID, now: datetime) -> None:
    """Call a loan off, from the lender's, the host's or the coordination's side.

    Raises `NotFound`, `ActForbidden`, `IllegalTransition`.
    """
    line = await line_of(tx, loan_id)
    side = require_side(sides_of(actor, line.volunteer_id, line.lender_id, line.host_id), LoanAct.CANCEL)
    locked = await lock_line(tx, line)
    await require_in_office(tx, actor, side)
    await call_off(tx, actor, side, line, locked.loan, LoanAct.CANCEL, _CAUSE_OF[side], now)


async def drop_cancelled_need(tx: AsyncSession, actor: Actor, need_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """End what was proposed or asked for a need that is no longer asked; return those loans. Repeatable."""
    if actor.role is not Role.SYSTEM:
        raise ActForbidden
    proposed = StaffLoan.state == LoanState.PROPOSED.value
    seen = (
        await tx.execute(select(StaffLoan.id, StaffLoan.volunteer_id).where(StaffLoan.need_id == need_id, proposed))
    ).all()
    await lock_volunteers(tx, (row.volunteer_id for row in seen))
    dropped = []
    for loan in (await lock_loans(tx, (row.id for row in seen))).values():
        if loan.state != LoanState.PROPOSED:
            continue
        if loan.asked_at is None:
            await supersede(tx, actor, LoanSide.CLOCK, loan, now)
        else:
            line = await line_of(tx, loan.id)
            cause = LoanCancelCause.NEED_CANCELLED
            await call_off(tx, actor, LoanSide.CLOCK, line, loan, LoanAct.CANCEL, cause, now)
        dropped.append(loan.id)
    return tuple(dropped)


_OVER = frozenset({LoanState.DECLINED, LoanState.EXPIRED, LoanState.CANCELLED, LoanState.SUPERSEDED})

_CAUSE_OF = {
    LoanSide.LENDER: LoanCancelCause.BY_LENDER,
    LoanSide.HOST: LoanCancelCause.BY_HOST,
    LoanSide.COORDINATION: LoanCancelCause.BY_COORDINATION,
    LoanSide.CLOCK: LoanCancelCause.NEED_CANCELLED,
}
