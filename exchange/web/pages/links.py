"""Mailed links: reading one changes nothing, a choice and a button act, without any login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity import queries as identity
from exchange.identity.commands import spend_link
from exchange.identity.errors import LinkNoLongerValid
from exchange.identity.queries import LinkState, LinkView
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, Scope, now_of
from exchange.kernel.errors import NotFound
from exchange.loans import queries as loans
from exchange.loans.commands.give_agreement import give_agreement
from exchange.loans.commands.say_no import decline
from exchange.loans.inputs import DeclineLoan, GiveAgreement
from exchange.loans.rules import LoanParty
from exchange.notifications.deliver import LOAN_CONSENT
from exchange.organisations import queries as organisations
from exchange.reference.answers import LoanDeclineReason
from exchange.web.choices import listed
from exchange.web.forms.fields import PostedForm
from exchange.web.opening import PUBLIC
from exchange.web.posting import blank_form, posted_form, see_other, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_PAGE = "links/mission.html"
_OVER = "links/over.html"
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that exists, and who acts through it."""

    link: LinkView
    actor: Actor


@get("/lien/{token:str}", opt=PUBLIC)
async def show_link(request: WebRequest, token: FromPath[str], db: NamedDependency[Database]) -> Response[Any]:
    """Show what is asked; nothing changes, whoever or whatever opens the address."""
    opened = await _opened(db, token)
    async with db.read(opened.link.community_id) as reader:
        now = now_of(reader)
        context = await _mission(reader, opened.actor, opened.link)
    if opened.link.state is not LinkState.LIVE:
        return page(request, _OVER, now, {"link": opened.link, **context})
    return page(request, _PAGE, now, {"form": blank_form(), **context})


@post("/lien/{token:str}", opt=PUBLIC, status_code=303)
async def act_on_link(request: WebRequest, token: FromPath[str], db: NamedDependency[Database]) -> Response[Any]:
    """Act once, as the link's own recipient."""
    posted = await posted_form(request)
    opened = await _opened(db, token)
    if opened.link.state is not LinkState.LIVE:
        raise LinkNoLongerValid
    async with db.write(opened.link.community_id) as tx:
        now = now_of(tx)
        show_again(request, _PAGE, posted, now, await _mission(tx, opened.actor, opened.link))
        act = _act_of(posted, opened)
        await spend_link(tx, opened.link.id, now)
        await act(tx, now)
    return see_other(f"/lien/{token}")


def _act_of(posted: PostedForm, opened: OpenedLink) -> Any:
    """Return the one act that was chosen. Raises `FormRejected` where nothing was."""
    choice = posted.one_of("choice", (_YES, _NO))
    reason = posted.optional_choice("reason", LoanDeclineReason)
    posted.done()
    return partial(_consent if choice == _YES else _decline, opened, reason)


async def _consent(opened: OpenedLink, reason: LoanDeclineReason | None, tx: AsyncSession, now: datetime) -> None:
    agreement = GiveAgreement(opened.link.subject_id, LoanParty.PERSON, opened.actor.via)
    await give_agreement(tx, opened.actor, agreement, now)


async def _decline(opened: OpenedLink, reason: LoanDeclineReason | None, tx: AsyncSession, now: datetime) -> None:
    await decline(tx, opened.actor, DeclineLoan(opened.link.subject_id, LoanParty.PERSON, reason), now)


async def _opened(db: Database, token: str) -> OpenedLink:
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        link = await identity.read_link(reader, token, now_of(reader))
        actor = None if link is None else await identity.actor_of_link(reader, link)
    if link is None or actor is None or link.act != LOAN_CONSENT:
        raise NotFound
    return OpenedLink(link, actor)


async def _mission(reader: AsyncSession, actor: Actor, link: LinkView) -> dict[str, object]:
    loan = await loans.loan(reader, actor, link.subject_id)
    host = await organisations.facility(reader, loan.host_facility_id)
    zone: ZoneInfo = await organisations.zone(reader)
    return {
        "loan": loan,
        "commune": None if host.hides_address else host.commune_name,
        "decline_reasons": listed(LoanDeclineReason),
        "zone": zone,
    }
