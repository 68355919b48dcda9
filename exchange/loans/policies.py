"""Whose word an act on a loan is, and who sees which loans."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity import office
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.loans.models import StaffLoan
from exchange.loans.rules import SIDES, LoanAct, LoanParty, LoanSide
from exchange.staffing.models import LoanVolunteer, StaffNeed

SPEAKING_ROLES = frozenset({Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER})


def sides_of(actor: Actor, volunteer_id: UUID, lender_id: UUID, host_id: UUID) -> frozenset[LoanSide]:
    """Return for whom the actor may speak about a loan; an on-call manager may stand on both sides.

    Consent is the person's own word on their own link, whoever else asks (decision 10). Raises `NotFound` to whoever
    may not know that the loan exists.
    """
    sides: set[LoanSide] = set()
    if actor.role is Role.SYSTEM:
        sides.add(LoanSide.CLOCK)
    if actor.role is Role.COORDINATOR:
        sides.add(LoanSide.COORDINATION)
    if actor.role in SPEAKING_ROLES:
        if actor.speaks_for(lender_id):
            sides.add(LoanSide.LENDER)
        if actor.speaks_for(host_id):
            sides.add(LoanSide.HOST)
    if actor.role is Role.LOAN_VOLUNTEER and actor.via is Via.LINK and actor.volunteer_id == volunteer_id:
        sides.add(LoanSide.PERSON)
    if not sides and not actor.coordinates:
        raise NotFound
    return frozenset(sides)


def require_side(sides: frozenset[LoanSide], act: LoanAct, party: LoanParty | None = None) -> LoanSide:
    """Return the side on which the act is done, the party's own where one is named. Raises `ActForbidden`."""
    wanted = SIDES[act] if party is None else SIDES[act] & {LoanSide(party.value)}
    for side in LoanSide:
        if side in sides and side in wanted:
            return side
    raise ActForbidden


async def require_in_office(tx: AsyncSession, actor: Actor, side: LoanSide) -> None:
    """Raise `ActForbidden` where a manager's role has ended since they were recognised; asked in the same
    transaction that keeps their word."""
    if side in (LoanSide.LENDER, LoanSide.HOST):
        await office.require_in_office(tx, actor)


def visible_loans(actor: Actor) -> ColumnElement[bool]:
    """Return the filter, over loans joined to their volunteer and their need.

    Coordination sees all; the host, what is proposed to it; the lender and the person, what they were asked.
    """
    if actor.coordinates or actor.role is Role.SYSTEM:
        return true()
    asked = StaffLoan.asked_at.is_not(None)
    if actor.role is Role.LOAN_VOLUNTEER and actor.volunteer_id is not None:
        return and_(StaffLoan.volunteer_id == actor.volunteer_id, asked)
    if actor.role in SPEAKING_ROLES and actor.facility_ids:
        return or_(
            StaffNeed.facility_id.in_(actor.facility_ids),
            and_(LoanVolunteer.facility_id.in_(actor.facility_ids), asked),
        )
    return false()
