"""What each party says of a loan. The professional's consent has no route: it is given on their own mailed link."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.loans import DeclineLoanBody, LoanAskedResource, LoanMoved, LoanResource
from exchange.api.v1.schemas.values import Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor, Via
from exchange.loans import commands, queries
from exchange.loans.rules import LoanParty

TAGS: Final = ["mises à disposition"]
ONE: Final = "/loans/{loan_id:uuid}"


@get("/loans", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_loans(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[LoanResource]:
    """Lister les mises à disposition en cours que l'on peut connaître."""
    return page_of(await queries.loans(reader, actor), partial(told_as, LoanResource), limit, offset)


@get(ONE, opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_loan(
    loan_id: FromPath[UUID], reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> Response[LoanResource]:
    """Montrer une mise à disposition."""
    view = await queries.loan(reader, actor, loan_id)
    return with_etag(told_as(LoanResource, view), view)


@post(ONE + "/request", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def ask_for_loan(
    request: AnyRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[LoanAskedResource]:
    """Demander un renfort proposé à l'employeur, au professionnel et à l'accueil."""

    async def act() -> LoanAskedResource:
        require_match(tx, seen, loan_id)
        return LoanAskedResource(id=loan_id, answer_by=await commands.ask(tx, actor, loan_id, now))

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/release", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def release_volunteer(
    request: AnyRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[LoanMoved]:
    """Libérer le professionnel, pour son employeur."""

    async def act() -> LoanMoved:
        require_match(tx, seen, loan_id)
        agreement = commands.GiveAgreement(loan_id, LoanParty.LENDER, Via.API)
        return LoanMoved(id=loan_id, state=await commands.give_agreement(tx, actor, agreement, now))

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/acceptance", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def accept_volunteer(
    request: AnyRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[LoanMoved]:
    """Accepter le professionnel, pour l'établissement d'accueil."""

    async def act() -> LoanMoved:
        require_match(tx, seen, loan_id)
        agreement = commands.GiveAgreement(loan_id, LoanParty.HOST, Via.API)
        return LoanMoved(id=loan_id, state=await commands.give_agreement(tx, actor, agreement, now))

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/decline", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def decline_loan(
    request: AnyRequest,
    loan_id: FromPath[UUID],
    data: JSONBody[DeclineLoanBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire non, pour l'employeur ou pour l'accueil."""

    async def act() -> Done:
        require_match(tx, seen, loan_id)
        view = await queries.loan(tx, actor, loan_id)
        side = LoanParty.LENDER if actor.speaks_for(view.lender_facility_id) else LoanParty.HOST
        party = side if data.party is None else LoanParty(data.party)
        await commands.decline(tx, actor, commands.DeclineLoan(loan_id, party, data.reason), now)
        return Done(id=loan_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/cancellation", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def cancel_loan(
    request: AnyRequest,
    loan_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Annuler une mise à disposition, pour l'employeur, l'accueil ou la coordination."""

    async def act() -> Done:
        require_match(tx, seen, loan_id)
        await commands.cancel_loan(tx, actor, loan_id, now)
        return Done(id=loan_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_loans, show_loan)
WRITES: Final = (ask_for_loan, release_volunteer, accept_volunteer, decline_loan, cancel_loan)
