"""Situations: the intake with the caller on the phone, the sheet, the hold, the closing."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.board.history import HistoryLine, history_of
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.meetings.queries.referrals import with_acknowledgement
from exchange.organisations.queries import FacilityView
from exchange.placements import commands as placement_commands
from exchange.placements import queries as placement_queries
from exchange.placements.queries import AnswerView
from exchange.planning.unmet import unmet_of_situation
from exchange.reference.answers import ClosingOutcome
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, Origin
from exchange.situations import commands, queries
from exchange.situations.queries import SituationView
from exchange.web.choices import all_facilities, communes, listed, named, needs_by_family, urgencies
from exchange.web.follow_up import around_situation, initial_task
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

_INTAKE = "situations/intake.html"
_SHEET = "situations/sheet.html"


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
    form = blank_form(**initial_task(actor, now, visitor_of(request).zone))
    return page(request, _SHEET, now, {"form": form, **context})


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
    typed = read_closing(posted, situation.id, visitor_of(request).zone)
    closing = await with_acknowledgement(tx, actor, typed)

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
    sites: dict[UUID, FacilityView] = await all_facilities(reader)
    subjects = frozenset({situation.id} | {line.id for answer in answers for line in answer.placements})
    unmet = None if situation.state == "closed" else await unmet_of_situation(reader, actor, situation.id)
    return {
        "situation": situation,
        "gaps": gaps_of_situation(situation, answers, unmet),
        "answers": proposed,
        "promised": promised,
        "ended": ended,
        "excluded": [sites[site_id].name for site_id in situation.excluded_facility_ids if site_id in sites],
        "outcomes": listed(ClosingOutcome),
        "history": _told_once(await history_of(reader, subjects)),
        **await around_situation(reader, actor, situation, now_of(reader)),
    }


def _told_once(history: tuple[HistoryLine, ...]) -> list[tuple[HistoryLine, int]]:
    """Tell what a run did in one minute on one line: three proposals are one piece of news."""
    news = groupby(history, key=lambda line: (line.kind, line.role, line.at.replace(second=0, microsecond=0)))
    return [(lines[0], len(lines)) for lines in (list(group) for _, group in news)]


def _sorted(answers: tuple[AnswerView, ...]) -> tuple[list[object], list[AnswerView], list[object]]:
    lines = [line for answer in answers for line in answer.placements]
    promised: list[object] = [line for line in lines if line.state in ("held", "accepted", "confirmed", "admitted")]
    over = ("ended", "refused", "expired", "cancelled")
    proposed = [
        AnswerView(answer.rank, tuple(line for line in answer.placements if line.state == "proposed"))
        for answer in answers
    ]
    return promised, [each for each in proposed if each.placements], [line for line in lines if line.state in over]
