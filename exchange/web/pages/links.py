"""Mailed links: reading one changes nothing, a choice and a button act, without any login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final
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
from exchange.loans import queries as loans
from exchange.loans.commands.give_agreement import give_agreement
from exchange.loans.commands.say_no import decline, withdraw_consent
from exchange.loans.inputs import DeclineLoan, GiveAgreement
from exchange.loans.queries import LoanView
from exchange.loans.rules import BINDING, LoanParty, LoanState
from exchange.notifications.deliver import LOAN_CONSENT, LOAN_WITHDRAWAL
from exchange.organisations import queries as organisations
from exchange.organisations.crisis_views import open_crisis_at
from exchange.reference.answers import LoanDeclineReason
from exchange.web.choices import listed
from exchange.web.forms.fields import PostedForm
from exchange.web.opening import PUBLIC
from exchange.web.posting import blank_form, posted_form, see_other, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

_OVER = "links/over.html"
_UNKNOWN: Final = (
    "Ce lien n'est plus valable",
    "Il a été coupé en le recopiant, ou son délai est passé. Ouvrez-le de nouveau depuis le message reçu ; si rien ne "
    "change, téléphonez à votre employeur.",
)
_CHOICE, _YES, _NO = "choice", "yes", "no"


class Asks(StrEnum):
    """What a link asks of the professional today, by the page that asks it."""

    ANSWER = "links/mission.html"
    WITHDRAWAL = "links/withdrawal.html"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that exists, and who acts through it."""

    link: LinkView
    actor: Actor


@get("/lien/{token:str}", opt=PUBLIC)
async def show_link(request: WebRequest, token: FromPath[str], db: NamedDependency[Database]) -> Response[Any]:
    """Show what is asked; nothing changes, whoever or whatever opens the address."""
    opened = await _opened(db, token)
    if opened is None:
        return page(request, "layout/refusal.html", None, {"title": _UNKNOWN[0], "detail": _UNKNOWN[1]}, 404)
    async with db.read(opened.link.community_id) as reader:
        now = now_of(reader)
        loan = await loans.loan(reader, opened.actor, opened.link.subject_id)
        context = await _mission(reader, loan)
    asks = asked_by(opened.link, loan, now)
    if asks is None:
        return page(request, _OVER, now, {"link": opened.link, **context})
    return page(request, asks.value, now, {"form": blank_form(), **context})


@post("/lien/{token:str}", opt=PUBLIC, status_code=303)
async def act_on_link(request: WebRequest, token: FromPath[str], db: NamedDependency[Database]) -> Response[Any]:
    """Act once, as the link's own recipient."""
    posted = await posted_form(request)
    opened = await _opened(db, token)
    if opened is None:
        return page(request, "layout/refusal.html", None, {"title": _UNKNOWN[0], "detail": _UNKNOWN[1]}, 404)
    async with db.write(opened.link.community_id) as tx:
        now = now_of(tx)
        loan = await loans.loan(tx, opened.actor, opened.link.subject_id)
        asks = asked_by(opened.link, loan, now)
        if asks is None or (asks is Asks.WITHDRAWAL and _CHOICE in posted.values):
            raise LinkNoLongerValid
        show_again(request, asks.value, posted, now, await _mission(tx, loan))
        act = _withdrawal_of(posted, opened) if asks is Asks.WITHDRAWAL else _answer_of(posted, opened)
        if opened.link.state is LinkState.LIVE:
            await spend_link(tx, opened.link.id, now)
        await act(tx, now)
    return see_other(f"/lien/{token}")


def asked_by(link: LinkView, loan: LoanView, now: datetime) -> Asks | None:
    """Return what a link asks; nothing once there is nothing left to say.

    The link of the request takes back, until it expires, the consent that it gave; once the loan is agreed, the
    confirmation brings a link of its own.
    """
    if link.act == LOAN_CONSENT and link.state is LinkState.LIVE:
        return Asks.ANSWER
    if link.act == LOAN_WITHDRAWAL and link.state is LinkState.LIVE and loan.state in BINDING:
        return Asks.WITHDRAWAL
    waits = loan.state is LoanState.PROPOSED and loan.consented_at is not None
    if link.act == LOAN_CONSENT and link.expires_at > now and waits:
        return Asks.WITHDRAWAL
    return None


def _answer_of(posted: PostedForm, opened: OpenedLink) -> Any:
    """Return the one act that was chosen. Raises `FormRejected` where nothing was."""
    choice = posted.one_of(_CHOICE, (_YES, _NO))
    reason = posted.optional_choice("reason", LoanDeclineReason)
    posted.done()
    return partial(_consent if choice == _YES else _decline, opened, reason)


def _withdrawal_of(posted: PostedForm, opened: OpenedLink) -> Any:
    """Return the withdrawal. Raises `FormRejected` where its box is not ticked."""
    if not posted.ticked("withdraws"):
        posted.wrong("withdraws", "Cochez cette case pour retirer votre accord.")
    posted.done()
    return partial(_withdraw, opened)


async def _consent(opened: OpenedLink, reason: LoanDeclineReason | None, tx: AsyncSession, now: datetime) -> None:
    agreement = GiveAgreement(opened.link.subject_id, LoanParty.PERSON, opened.actor.via)
    await give_agreement(tx, opened.actor, agreement, now)


async def _decline(opened: OpenedLink, reason: LoanDeclineReason | None, tx: AsyncSession, now: datetime) -> None:
    await decline(tx, opened.actor, DeclineLoan(opened.link.subject_id, LoanParty.PERSON, reason), now)


async def _withdraw(opened: OpenedLink, tx: AsyncSession, now: datetime) -> None:
    await withdraw_consent(tx, opened.actor, opened.link.subject_id, now)


async def _opened(db: Database, token: str) -> OpenedLink | None:
    async with db.read(None, scope=Scope.IDENTITY) as reader:
        link = await identity.read_link(reader, token, now_of(reader))
        actor = None if link is None else await identity.actor_of_link(reader, link)
    if link is None or actor is None or link.act not in (LOAN_CONSENT, LOAN_WITHDRAWAL):
        return None
    return OpenedLink(link, actor)


async def _mission(reader: AsyncSession, loan: LoanView) -> dict[str, object]:
    host = await organisations.facility(reader, loan.host_facility_id)
    zone: ZoneInfo = await organisations.zone(reader)
    return {
        "loan": loan,
        "commune": None if host.hides_address else host.commune_name,
        "decline_reasons": listed(LoanDeclineReason),
        "zone": zone,
        "crisis": await open_crisis_at(reader),
    }
