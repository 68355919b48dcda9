"""The only places where a loan's state, and with it the seats of its shifts, change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Via
from exchange.kernel.record import Card, record
from exchange.kernel.versions import bump
from exchange.loans.cards import card_of
from exchange.loans.events import LoanCancelled, LoanDeclined, LoanSuperseded
from exchange.loans.locks import Line
from exchange.loans.models import LoanAct as LoanActRow
from exchange.loans.models import StaffLoan
from exchange.loans.rules import BINDING, LoanAct, LoanCancelCause, LoanParty, LoanSide, LoanState, next_state
from exchange.staffing.commands import give_back_seats


def move(loan: StaffLoan, act: LoanAct, side: LoanSide) -> None:
    """Change a locked loan's state along the table. Raises `ActForbidden`, `IllegalTransition`."""
    loan.state = next_state(LoanState(loan.state), act, side).value
    bump(loan)


def keep_evidence(
    tx: AsyncSession, actor: Actor, loan: StaffLoan, side: LoanSide, act: LoanAct, channel: Via, now: datetime
) -> None:
    """Append who said what, when and how."""
    tx.add(
        LoanActRow(
            loan_id=loan.id,
            party=side.value,
            act=act.value,
            channel=channel.value,
            account_id=actor.account_id,
            at=now,
        )
    )


async def call_off(
    tx: AsyncSession,
    actor: Actor,
    side: LoanSide,
    line: Line,
    loan: StaffLoan,
    act: LoanAct,
    cause: LoanCancelCause,
    now: datetime,
) -> None:
    """End a loan, and give its seats back where they were taken; never blocked by a placement that rests on them."""
    was_binding = LoanState(loan.state) in BINDING
    move(loan, act, side)
    keep_evidence(tx, actor, loan, side, act, actor.via, now)
    need_cards: tuple[Card, ...] = ()
    if was_binding:
        # The seats fall in this transaction, and the cascading key tells the placements at once.
        need_cards = await give_back_seats(tx, line.shift_ids)
    fact = LoanCancelled(
        subject_id=loan.id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        shift_ids=line.shift_ids,
        cause=cause.value,
        was_binding=was_binding,
        cards=(await card_of(tx, loan.id), *need_cards),
    )
    await record(tx, actor, fact, now)


async def turn_down(
    tx: AsyncSession, actor: Actor, side: LoanSide, line: Line, loan: StaffLoan, act: LoanAct, now: datetime
) -> None:
    """End a loan that was asked for, by one party's no."""
    move(loan, act, side)
    keep_evidence(tx, actor, loan, side, act, actor.via, now)
    fact = LoanDeclined(
        subject_id=loan.id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        party=LoanParty(side.value).value,
        cards=(await card_of(tx, loan.id),),
    )
    await record(tx, actor, fact, now)


async def supersede(tx: AsyncSession, actor: Actor, side: LoanSide, loan: StaffLoan, now: datetime) -> None:
    """Take away a proposal that nobody asked for."""
    move(loan, LoanAct.SUPERSEDE, side)
    fact = LoanSuperseded(
        subject_id=loan.id,
        need_id=loan.need_id,
        volunteer_id=loan.volunteer_id,
        cards=(await card_of(tx, loan.id),),
    )
    await record(tx, actor, fact, now)
