"""Situations: the intake with the caller on the phone, the sheet, the hold, the closing."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.adapters.straight_line import StraightLine
from exchange.availability import queries as offers
from exchange.availability.queries import OfferView
from exchange.board.history import HistoryLine, history_of
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.organisations.queries import FacilityView
from exchange.placements import commands as placement_commands
from exchange.placements import queries as placement_queries
from exchange.placements.queries import AnswerView
from exchange.planning import by_hand, phone_deals
from exchange.planning.unmet import unmet_of_situation
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, Origin
from exchange.situations import commands, queries
from exchange.situations.queries import SituationView
from exchange.web.choices import Options, all_facilities, communes, listed, named, needs_by_family, urgencies
from exchange.web.forms.deals import DEAL_ALIASES, HAND_ALIASES, read_deal, read_proposal
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.situations import (
    ALIASES,
    CLOSING_ALIASES,
    Linked,
    incompatible_references,
    initial_situation,
    read_closing,
    read_hold,
    read_situation,
    together_reference,
)
from exchange.web.gaps import gaps_of_situation
from exchange.web.looks import SHEET, log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of
from exchange.wording.labels import label_of

_INTAKE = "situations/intake.html"
_SHEET = "situations/sheet.html"
SHOWN_ANSWERS: Final = 3


@get("/situations/nouvelle")
async def show_intake(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the intake."""
    if not actor.coordinates:
        raise ActForbidden
    form = blank_form(**initial_situation(now, visitor_of(request).zone))
    return page(request, _INTAKE, now, {"form": form, **await _choices(reader)})


@post("/situations", status_code=303)
async def receive_situation(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Enter a situation."""
    posted = await posted_form(request)
    choices = await _choices(tx)
    show_again(request, _INTAKE, posted, now, choices, ALIASES)
    sites = await all_facilities(tx)
    codes = [code for code, _ in await communes(tx)]
    linked = await _linked(tx, actor, posted)
    situation = read_situation(posted, codes, sites, visitor_of(request).zone, linked)

    async def act() -> str:
        received = await commands.receive_situation(tx, actor, situation, now)
        return f"/situations/{received.reference}?fait=situation-recue"

    return await once(tx, actor, posted, now, act)


@get("/situations/{reference:str}")
async def show_situation(
    request: WebRequest,
    reference: FromPath[str],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one situation; the look is journalled before the page leaves."""
    situation = await queries.situation_by_reference(reader, actor, reference)
    context = await _sheet(reader, actor, situation)
    await log_look(db, actor, situation.id, SHEET)
    return page(request, _SHEET, now, {"form": blank_form(), **context})


@post("/situations/{reference:str}/option", status_code=303)
async def hold_answer(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Reserve every place of one answer."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    show_again(request, _SHEET, posted, now, await _sheet(tx, actor, situation))
    answer = read_hold(posted, situation.id)

    async def act() -> str:
        await placement_commands.hold_answer(tx, actor, answer, now)
        return f"/situations/{situation.reference}?fait=option-posee"

    return await once(tx, actor, posted, now, act, edits=situation.id)


@post("/situations/{reference:str}/proposition", status_code=303)
async def propose_by_hand(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Propose one place without any search."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    sheet = await _sheet(tx, actor, situation)
    show_again(request, _SHEET, posted, now, sheet, HAND_ALIASES)
    asked = read_proposal(posted, situation.id, await _published(tx, actor, now))

    async def act() -> str:
        placement_id = await by_hand.propose_by_hand(tx, actor, asked, StraightLine(), now)
        return f"/accueils/{placement_id}?fait=proposition-ajoutee"

    return await once(tx, actor, posted, now, act, edits=situation.id)


@post("/situations/{reference:str}/accord-telephone", status_code=303)
async def record_phone_deal(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Record what was agreed on the phone: hold and yes in one go, for a published place or not."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    sheet = await _sheet(tx, actor, situation)
    show_again(request, _SHEET, posted, now, sheet, DEAL_ALIASES)
    deal = read_deal(posted, situation.id, await _published(tx, actor, now), await all_facilities(tx))

    async def act() -> str:
        recorded = await phone_deals.record_phone_deal(tx, actor, deal, StraightLine(), now)
        return f"/accueils/{recorded.placement_id}?fait=telephone-note"

    return await once(tx, actor, posted, now, act, edits=situation.id)


@post("/situations/{reference:str}/cloture", status_code=303)
async def close_situation(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Close with an outcome."""
    posted = await posted_form(request)
    situation = await queries.situation_by_reference(tx, actor, reference)
    show_again(request, _SHEET, posted, now, await _sheet(tx, actor, situation), CLOSING_ALIASES)
    closing = read_closing(posted, situation.id, visitor_of(request).zone)

    async def act() -> str:
        await commands.close_situation(tx, actor, closing, now)
        return f"/situations/{situation.reference}?fait=situation-close"

    return await once(tx, actor, posted, now, act, edits=situation.id)


async def _linked(tx: AsyncSession, actor: Actor, posted: PostedForm) -> Linked:
    """Find the situations named by their references; one that does not exist is complained about beside its field."""
    together = together_reference(posted)
    incompatible = [
        await _found(tx, actor, posted, "incompatible_references", reference)
        for reference in incompatible_references(posted)
    ]
    return Linked(
        None if together is None else await _found(tx, actor, posted, "together_reference", together),
        tuple(found for found in incompatible if found is not None),
    )


async def _found(tx: AsyncSession, actor: Actor, posted: PostedForm, field: str, reference: str) -> UUID | None:
    try:
        return (await queries.situation_by_reference(tx, actor, reference)).id
    except NotFound:
        posted.wrong(field, f"La référence {reference} n'existe pas.")
        return None


async def _choices(reader: AsyncSession) -> dict[str, object]:
    return {
        "urgencies": urgencies(),
        "communes": await communes(reader),
        "age_bands": listed(AgeBand),
        "families": needs_by_family(),
        "care_modes": listed(CareMode),
        "origins": listed(Origin),
        "legal_statuses": listed(LegalStatus),
        "all_sites": named(await all_facilities(reader)),
    }


async def _sheet(reader: AsyncSession, actor: Actor, situation: SituationView) -> dict[str, object]:
    answers = await placement_queries.answers_of(reader, actor, situation.id, with_ended=True)
    promised, proposed, ended = _sorted(answers)
    shown = _shown(proposed)
    sites: dict[UUID, FacilityView] = await all_facilities(reader)
    subjects = frozenset({situation.id} | {line.id for answer in answers for line in answer.placements})
    unmet = None if situation.state == "closed" else await unmet_of_situation(reader, actor, situation.id)
    return {
        "situation": situation,
        "gaps": gaps_of_situation(situation, answers, unmet),
        "answers": shown,
        "ladder": [each for each in proposed if promised],
        "promised": promised,
        "ended": ended,
        "published": [] if situation.state == "closed" else await _offers_by_name(reader, actor),
        "sites": named(sites),
        "excluded": [sites[site_id].name for site_id in situation.excluded_facility_ids if site_id in sites],
        "outcomes": listed(ClosingOutcome),
        "history": _told_once(await history_of(reader, subjects)),
    }


async def _published(reader: AsyncSession, actor: Actor, now: datetime) -> dict[UUID, OfferView]:
    return {offer.id: offer for offer in await offers.offers(reader, actor, now)}


async def _offers_by_name(reader: AsyncSession, actor: Actor) -> Options:
    found = (await _published(reader, actor, now_of(reader))).values()
    told = [(str(one.id), f"{one.facility} · {label_of('care_mode', one.care_mode)}") for one in found]
    return sorted(told, key=lambda each: each[1])


def _told_once(history: tuple[HistoryLine, ...]) -> list[tuple[HistoryLine, int]]:
    """Tell what a run did in one minute on one line: three proposals are one piece of news."""
    news = groupby(history, key=lambda line: (line.kind, line.role, line.at.replace(second=0, microsecond=0)))
    return [(lines[0], len(lines)) for lines in (list(group) for _, group in news)]


def _shown(proposed: list[AnswerView]) -> list[AnswerView]:
    """The best three, and whatever a person proposed themselves."""
    mine = [each for each in proposed if any(line.origin == "person" for line in each.placements)]
    return [*proposed[:SHOWN_ANSWERS], *(each for each in mine if each not in proposed[:SHOWN_ANSWERS])]


def _sorted(answers: tuple[AnswerView, ...]) -> tuple[list[object], list[AnswerView], list[object]]:
    lines = [line for answer in answers for line in answer.placements]
    promised: list[object] = [line for line in lines if line.state in ("held", "accepted", "confirmed", "admitted")]
    over = ("ended", "refused", "expired", "cancelled")
    proposed = [
        AnswerView(answer.rank, tuple(line for line in answer.placements if line.state == "proposed"))
        for answer in answers
    ]
    return promised, [each for each in proposed if each.placements], [line for line in lines if line.state in over]
