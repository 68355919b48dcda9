"""Situations: the intake with the caller on the phone, the sheet, the hold, the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.kernel.errors import ActForbidden
from exchange.meetings.queries.referrals import with_acknowledgement
from exchange.placements import commands as placement_commands
from exchange.reference.code_lists import AgeBand, CareMode, LegalStatus, Origin
from exchange.situations import commands, queries
from exchange.situations.queries_likeness import similar_situations
from exchange.web.choices import OTHER_NEEDS, USUAL_NEEDS, all_facilities, communes, listed, named, urgencies
from exchange.web.follow_up import initial_task
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.situations import (
    ALIASES,
    CLOSING_ALIASES,
    Linked,
    duplicate_reference,
    incompatible_references,
    initial_situation,
    read_closing,
    read_hold,
    read_situation,
    together_reference,
)
from exchange.web.looks import SHEET, log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.situation_sheet import SHEET_PAGE, found_by_reference, sheet_of
from exchange.web.visitor import WebRequest, visitor_of

_INTAKE = "situations/intake.html"


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
    form = blank_form(**initial_situation())
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
    situation = read_situation(posted, codes, sites, visitor_of(request).zone, linked, now)
    similar = await similar_situations(tx, actor, situation, now)
    show_again(request, _INTAKE, posted, now, {**choices, "similar": similar}, ALIASES)

    async def act() -> str:
        received = await commands.receive_unless_duplicate(tx, actor, situation, now)
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
    context = await sheet_of(reader, actor, situation, now)
    await log_look(db, actor, situation.id, SHEET)
    form = blank_form(direction="received", **initial_task(actor, now, visitor_of(request).zone))
    return page(request, SHEET_PAGE, now, {"form": form, **context})


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
    show_again(request, SHEET_PAGE, posted, now, await sheet_of(tx, actor, situation, now))
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
    show_again(request, SHEET_PAGE, posted, now, await sheet_of(tx, actor, situation, now), CLOSING_ALIASES)
    kept = duplicate_reference(posted)
    kept_id = None if kept is None else await found_by_reference(tx, actor, posted, "duplicate_reference", kept)
    typed = read_closing(posted, situation.id, visitor_of(request).zone, kept_id)
    closing = await with_acknowledgement(tx, actor, typed)

    async def act() -> str:
        await commands.close_situation(tx, actor, closing, now)
        return f"/situations/{situation.reference}?fait=situation-close"

    return await once(tx, actor, posted, now, act, edits=situation.id)


async def _linked(tx: AsyncSession, actor: Actor, posted: PostedForm) -> Linked:
    """Find the situations named by their references; one that does not exist is complained about beside its field."""
    together = together_reference(posted)
    incompatible = [
        await found_by_reference(tx, actor, posted, "incompatible_references", reference)
        for reference in incompatible_references(posted)
    ]
    return Linked(
        None if together is None else await found_by_reference(tx, actor, posted, "together_reference", together),
        tuple(found for found in incompatible if found is not None),
    )


async def _choices(reader: AsyncSession) -> dict[str, object]:
    return {
        "urgencies": urgencies(),
        "communes": await communes(reader),
        "age_bands": listed(AgeBand),
        "usual_needs": USUAL_NEEDS,
        "other_needs": OTHER_NEEDS,
        "care_modes": listed(CareMode),
        "origins": listed(Origin),
        "legal_statuses": listed(LegalStatus),
        "all_sites": named(await all_facilities(reader)),
        "similar": (),
    }
