"""What is done on the sheet of a situation already open, one address for each act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.on_call import followers
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.placements.commands import amend_situation as amend
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, Origin
from exchange.situations import commands, queries
from exchange.situations.queries import SituationView
from exchange.situations.queries_alerts import outside_services
from exchange.situations.queries_following import following_of
from exchange.web.choices import OTHER_NEEDS, USUAL_NEEDS, all_facilities, communes, listed, named
from exchange.web.forms import following as forms
from exchange.web.forms.fields import PostedForm
from exchange.web.looks import SHEET, log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.situation_sheet import SHEET_PAGE, sheet_of
from exchange.web.visitor import WebRequest, visitor_of

_AMEND = "situations/amend.html"


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form sent from the sheet, the situation it is about, and how to act once."""

    situation: SituationView
    posted: PostedForm
    once: Callable[[Callable[[], Awaitable[object]], str], Awaitable[Response[Any]]]


async def _sent(
    request: WebRequest,
    reference: str,
    tx: AsyncSession,
    actor: Actor,
    now: datetime,
    aliases: Mapping[str, str] | None = None,
    *,
    adds: bool = False,
) -> _Sent:
    """Read a form of the sheet. `adds`: it adds a line that stands whatever moved meanwhile, and edits nothing."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    show_again(request, SHEET_PAGE, posted, now, await sheet_of(tx, actor, situation, now), aliases)

    async def act_once(act: Callable[[], Awaitable[object]], notice: str) -> Response[Any]:
        async def done() -> str:
            await act()
            return f"/situations/{situation.reference}?fait={notice}"

        return await once(tx, actor, posted, now, done, edits=None if adds else situation.id)

    return _Sent(situation, posted, act_once)


@post("/situations/{reference:str}/urgence", status_code=303)
async def review_urgency(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say the urgency again."""
    sent = await _sent(request, reference, tx, actor, now, forms.URGENCY_ALIASES)
    review = forms.read_urgency(sent.posted, sent.situation.id)
    return await sent.once(lambda: commands.review_urgency(tx, actor, review, now), "urgence-revue")


@post("/situations/{reference:str}/niveau", status_code=303)
async def change_level(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Go one level up or down."""
    sent = await _sent(request, reference, tx, actor, now, forms.LEVEL_ALIASES)
    change = forms.read_level(sent.posted, sent.situation.id)
    return await sent.once(lambda: commands.change_level(tx, actor, change, now), "niveau-change")


@post("/situations/{reference:str}/sans-solution", status_code=303)
async def state_no_solution(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say « sans solution à ce jour »."""
    sent = await _sent(request, reference, tx, actor, now, forms.STATEMENT_ALIASES, adds=True)
    statement = forms.read_statement(sent.posted, sent.situation.id)
    return await sent.once(lambda: commands.state_no_solution(tx, actor, statement, now), "sans-solution-note")


@post("/situations/{reference:str}/appels", status_code=303)
async def log_call(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Note a call."""
    sent = await _sent(request, reference, tx, actor, now, forms.CALL_ALIASES, adds=True)
    planned = [each.id for each in (await following_of(tx, sent.situation.id, now)).call_backs]
    call = forms.read_call(sent.posted, sent.situation.id, planned)
    return await sent.once(lambda: commands.log_call(tx, actor, call, now), "appel-note")


@post("/situations/{reference:str}/rappels", status_code=303)
async def plan_call_back(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Plan a call."""
    sent = await _sent(request, reference, tx, actor, now, forms.CALL_BACK_ALIASES, adds=True)
    planned = forms.read_call_back(sent.posted, sent.situation.id, visitor_of(request).zone, now)
    return await sent.once(lambda: commands.plan_call_back(tx, actor, planned, now), "rappel-prevu")


@post("/situations/{reference:str}/identification", status_code=303)
async def identify_caller(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that who called anonymously is known now."""
    sent = await _sent(request, reference, tx, actor, now)
    return await sent.once(lambda: commands.identify_caller(tx, actor, sent.situation.id, now), "appel-identifie")


@post("/situations/{reference:str}/referent", status_code=303)
async def hand_over(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Ask somebody to follow the situation, or name them where its referent has left."""
    sent = await _sent(request, reference, tx, actor, now, forms.REFERENT_ALIASES)
    colleagues: dict[UUID, object] = {line[0]: line[1] for line in await followers(tx)}
    passing = forms.read_hand_over(sent.posted, sent.situation.id, colleagues)
    if sent.posted.ticked("impose"):
        return await sent.once(lambda: commands.impose_hand_over(tx, actor, passing, now), "referent-nomme")
    return await sent.once(lambda: commands.offer_hand_over(tx, actor, passing, now), "relais-propose")


@post("/situations/{reference:str}/referent/reponse", status_code=303)
async def answer_hand_over(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Follow the situation from now on, or say that one cannot."""
    sent = await _sent(request, reference, tx, actor, now)
    answer = sent.posted.one_of("answer", ("yes", "no"))
    sent.posted.done()
    if answer == "yes":
        return await sent.once(lambda: commands.accept_hand_over(tx, actor, sent.situation.id, now), "referent-nomme")
    return await sent.once(lambda: commands.decline_hand_over(tx, actor, sent.situation.id, now), "relais-decline")


@post("/situations/{reference:str}/relais", status_code=303)
async def tell_outside(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record that an outside service took over, by voice."""
    sent = await _sent(request, reference, tx, actor, now, forms.OUTSIDE_ALIASES, adds=True)
    services = [service.code for service in await outside_services(tx)]
    told = forms.read_outside(sent.posted, sent.situation.id, services)
    return await sent.once(lambda: commands.tell_outside(tx, actor, told, now), "relais-note")


@post("/situations/{reference:str}/reouverture", status_code=303)
async def reopen_situation(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Search again for a person whose situation was closed."""
    sent = await _sent(request, reference, tx, actor, now)
    return await sent.once(lambda: commands.reopen_situation(tx, actor, sent.situation.id, now), "situation-rouverte")


@get("/situations/{reference:str}/demande")
async def show_amendment(
    request: WebRequest,
    reference: FromPath[str],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show what may be completed or corrected; the look is journalled before the page leaves."""
    situation = await queries.situation_by_reference(reader, actor, reference)
    context = await _choices(reader, situation)
    await log_look(db, actor, situation.id, SHEET)
    return page(request, _AMEND, now, {"form": blank_form(**forms.amendment_of(situation)), **context})


@post("/situations/{reference:str}/demande", status_code=303)
async def amend_situation(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Complete or correct what is asked for."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    show_again(request, _AMEND, posted, now, await _choices(tx, situation), forms.AMEND_ALIASES)
    codes = [code for code, _ in await communes(tx)]
    amended = forms.read_amendment(posted, situation, codes, await all_facilities(tx))
    release = posted.ticked("release")

    async def act() -> str:
        await amend(tx, actor, amended, now, release=release)
        return f"/situations/{situation.reference}?fait=demande-completee"

    return await once(tx, actor, posted, now, act, edits=situation.id)


async def _choices(reader: AsyncSession, situation: SituationView) -> dict[str, object]:
    return {
        "situation": situation,
        "communes": await communes(reader),
        "age_bands": listed(AgeBand),
        "usual_needs": USUAL_NEEDS,
        "other_needs": OTHER_NEEDS,
        "care_modes": listed(CareMode),
        "origins": listed(Origin),
        "legal_statuses": listed(LegalStatus),
        "all_sites": named(await all_facilities(reader)),
    }
