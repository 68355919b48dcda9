"""The three agreements, in any order; the third makes the loan binding."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import constraint_of
from exchange.kernel.record import record
from exchange.loans.cards import card_of
from exchange.loans.errors import (
    AgreementAlreadyGiven,
    LoanAnswerTooLate,
    LoanNotAsked,
    NeedNoLongerOpen,
    VolunteerAlreadyLent,
)
from exchange.loans.events import LoanAccepted, LoanAgreed, LoanConsented, LoanReleased
from exchange.loans.inputs import GiveAgreement
from exchange.loans.locks import Line, Locked, line_of, lock_line
from exchange.loans.models import StaffLoan
from exchange.loans.moves import keep_evidence, move
from exchange.loans.policies import require_in_office, require_side, sides_of
from exchange.loans.roster import require_floor, require_lawful
from exchange.loans.rules import LoanAct, LoanKind, LoanParty, LoanSide, LoanState, words_given
from exchange.organisations.models import Facility
from exchange.staffing.commands import announce_covered, take_seats
from exchange.staffing.models import StaffNeed
from exchange.staffing.rules import NeedState


async def give_agreement(tx: AsyncSession, actor: Actor, agreement: GiveAgreement, now: datetime) -> LoanState:
    """Record one party's agreement; the third makes the loan binding, or says which rule forbids it.

    The lender and the host speak through their director or on-call manager, the professional through their own link.
    Whoever speaks for both sites of an internal move gives both words at once.
    Raises `NotFound`, `ActForbidden`, `IllegalTransition`, `LoanNotAsked`, `LoanAnswerTooLate`,
    `AgreementAlreadyGiven`, `NeedNoLongerOpen`, `WorkingTimeBreached`, `LendCapReached`, `SeatsAlreadyTaken`,
    `VolunteerAlreadyLent`.
    """
    line = await line_of(tx, agreement.loan_id)
    sides = sides_of(actor, line.volunteer_id, line.lender_id, line.host_id)
    side = require_side(sides, LoanAct.AGREE, agreement.party)
    cap = await _lock_cap(tx, line.lender_id)
    locked = await lock_line(tx, line)
    await require_in_office(tx, actor, side)
    loan = locked.loan
    move(loan, LoanAct.AGREE, side)
    if loan.answer_by is None:
        raise LoanNotAsked
    if loan.answer_by <= now:
        raise LoanAnswerTooLate
    if _given(loan, agreement.party):
        raise AgreementAlreadyGiven
    for party in words_given(agreement.party, sides, LoanKind(loan.kind)):
        if _given(loan, party):
            continue
        setattr(loan, _COLUMN_OF[party], now)
        keep_evidence(tx, actor, loan, LoanSide(party.value), LoanAct.AGREE, agreement.channel, now)
        fact = _FACT_OF[party](
            subject_id=loan.id,
            need_id=line.need_id,
            volunteer_id=line.volunteer_id,
            cards=(await card_of(tx, loan.id),),
        )
        await record(tx, actor, fact, now)
    if None not in (loan.released_at, loan.consented_at, loan.accepted_at):
        await _bind(tx, actor, side, line, locked, cap, now)
    return locked.state


_FACT_OF: dict[LoanParty, type[LoanReleased] | type[LoanConsented] | type[LoanAccepted]] = {
    LoanParty.LENDER: LoanReleased,
    LoanParty.PERSON: LoanConsented,
    LoanParty.HOST: LoanAccepted,
}
_COLUMN_OF = {
    LoanParty.LENDER: "released_at",
    LoanParty.PERSON: "consented_at",
    LoanParty.HOST: "accepted_at",
}


def _given(loan: StaffLoan, party: LoanParty) -> bool:
    return getattr(loan, _COLUMN_OF[party]) is not None


async def _lock_cap(tx: AsyncSession, lender_id: UUID) -> int | None:
    """Return how many shifts a day the lender lends at most, its row locked where it says a number.

    Before any person: two of its professionals agreeing at once must count each other.
    """
    cap = select(Facility.lends_at_most_per_day).where(Facility.id == lender_id)
    if await tx.scalar(cap) is None:
        return None
    return await tx.scalar(cap.with_for_update(key_share=True))


async def _bind(
    tx: AsyncSession, actor: Actor, side: LoanSide, line: Line, locked: Locked, cap: int | None, now: datetime
) -> None:
    loan = locked.loan
    if await tx.scalar(select(StaffNeed.state).where(StaffNeed.id == line.need_id)) == NeedState.CANCELLED:
        raise NeedNoLongerOpen
    await require_lawful(tx, line, locked, now)
    await require_floor(tx, line, locked, cap)
    move(loan, LoanAct.BIND, side)
    try:
        await tx.flush()
    except IntegrityError as error:
        if constraint_of(error) == "ex_loan_shifts_person":
            raise VolunteerAlreadyLent from error
        raise
    need_cards = await take_seats(tx, line.shift_ids)
    fact = LoanAgreed(
        subject_id=loan.id,
        need_id=line.need_id,
        volunteer_id=line.volunteer_id,
        shift_ids=line.shift_ids,
        cards=(await card_of(tx, loan.id), *need_cards),
    )
    await record(tx, actor, fact, now)
    await announce_covered(tx, actor, line.shift_ids, now)
