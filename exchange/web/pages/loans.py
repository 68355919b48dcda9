"""One mise à disposition: who asks, who releases, who consents, who accepts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.loans import queries
from exchange.loans.commands.ask import ask as ask_for_loan
from exchange.loans.commands.give_agreement import give_agreement
from exchange.loans.commands.say_no import cancel_loan
from exchange.loans.commands.say_no import decline as decline_loan
from exchange.loans.inputs import DeclineLoan, GiveAgreement
from exchange.loans.policies import sides_of
from exchange.loans.rules import SIDES, TRANSITIONS, LoanAct, LoanParty, LoanSide, words_given
from exchange.web.posting import blank_form, once, posted_form
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_MANAGERS = (LoanParty.LENDER.value, LoanParty.HOST.value)


@get("/mises-a-disposition/{loan_id:uuid}")
async def show_loan(
    request: WebRequest,
    loan_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one loan and what this person may answer."""
    loan = await queries.loan(reader, actor, loan_id)
    sides = sides_of(actor, loan.volunteer_id, loan.lender_facility_id, loan.host_facility_id)
    is_open = loan.state == "proposed"
    may_release = _awaits(is_open, loan, loan.released_at) and LoanSide.LENDER in sides
    may_accept = _awaits(is_open, loan, loan.accepted_at) and LoanSide.HOST in sides
    decides_alone = len(words_given(LoanParty.LENDER, sides, loan.kind)) > 1
    return page(
        request,
        "loans/loan.html",
        now,
        {
            "form": blank_form(),
            "loan": loan,
            "may_ask": is_open and loan.asked_at is None and bool(sides & SIDES[LoanAct.ASK]),
            "may_release": may_release,
            # Whoever speaks for both sites answers once.
            "may_accept": may_accept and not (may_release and decides_alone),
            "decides_alone": decides_alone,
            "may_cancel": loan.asked_at is not None
            and (loan.state, LoanAct.CANCEL) in TRANSITIONS
            and bool(sides & SIDES[LoanAct.CANCEL]),
        },
    )


@post("/mises-a-disposition/{loan_id:uuid}/demande", status_code=303)
async def ask(
    request: WebRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Ask the three parties."""

    async def act() -> str:
        await ask_for_loan(tx, actor, loan_id, now)
        return f"/mises-a-disposition/{loan_id}?fait=mission-demandee"

    return await once(tx, actor, await posted_form(request), now, act, edits=loan_id)


@post("/mises-a-disposition/{loan_id:uuid}/accord", status_code=303)
async def agree(
    request: WebRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Release working time, or accept the colleague; the professional's own consent never passes here."""
    posted = await posted_form(request)
    party = LoanParty(posted.one_of("party", _MANAGERS))
    posted.done()
    done = "temps-libere" if party is LoanParty.LENDER else "renfort-accepte"

    async def act() -> str:
        await give_agreement(tx, actor, GiveAgreement(loan_id, party, actor.via), now)
        return f"/mises-a-disposition/{loan_id}?fait={done}"

    return await once(tx, actor, posted, now, act, edits=loan_id)


@post("/mises-a-disposition/{loan_id:uuid}/refus", status_code=303)
async def decline(
    request: WebRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say no for the employer or for the host."""
    posted = await posted_form(request)
    party = LoanParty(posted.one_of("party", _MANAGERS))
    posted.done()

    async def act() -> str:
        await decline_loan(tx, actor, DeclineLoan(loan_id, party), now)
        return "/?fait=renfort-decline"

    return await once(tx, actor, posted, now, act, edits=loan_id)


@post("/mises-a-disposition/{loan_id:uuid}/annulation", status_code=303)
async def cancel(
    request: WebRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Call the loan off, for the employer, for the host or for coordination."""

    async def act() -> str:
        await cancel_loan(tx, actor, loan_id, now)
        return f"/mises-a-disposition/{loan_id}?fait=mission-annulee"

    return await once(tx, actor, await posted_form(request), now, act, edits=loan_id)


def _awaits(is_open: bool, loan: queries.LoanView, said_at: datetime | None) -> bool:
    return is_open and loan.asked_at is not None and said_at is None
