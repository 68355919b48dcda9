"""The referral file (PAG): frozen for the MDPH, printed, sent, acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.meetings.commands import referrals
from exchange.meetings.queries import referrals as queries
from exchange.situations import queries as situations
from exchange.web.forms.meetings import read_said_at
from exchange.web.looks import REFERRAL, log_look
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_PAGE = "meetings/referral.html"
_ALIASES = {"at": "said_day"}


@post("/situations/{reference:str}/dossier", status_code=303)
async def freeze_referral(
    request: WebRequest,
    reference: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Freeze the proof of what was tried."""
    situation = await situations.situation_by_reference(tx, actor, reference)

    async def act() -> str:
        return f"/dossiers/{await referrals.freeze_referral(tx, actor, situation.id, now)}?fait=dossier-arrete"

    return await once(tx, actor, await posted_form(request), now, act)


@get("/dossiers/{file_id:uuid}")
async def show_referral(
    request: WebRequest,
    file_id: FromPath[UUID],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one file as it was frozen; the look is journalled before the page leaves."""
    view = await queries.referral(reader, actor, file_id)
    await log_look(db, actor, view.line.situation_id, REFERRAL)
    return page(request, _PAGE, now, {"form": blank_form(), "file": view.line, "document": view.document})


@post("/dossiers/{file_id:uuid}/envoi", status_code=303)
async def send_referral(
    request: WebRequest,
    file_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Note when the MDPH was sent the file."""
    posted = await posted_form(request)
    view = await queries.referral(tx, actor, file_id)
    show_again(request, _PAGE, posted, now, {"file": view.line, "document": view.document}, _ALIASES)
    said_at = read_said_at(posted, visitor_of(request).zone, now)

    async def act() -> str:
        await referrals.send_referral(tx, actor, file_id, said_at, now)
        return f"/dossiers/{file_id}?fait=dossier-envoye"

    return await once(tx, actor, posted, now, act)


@post("/dossiers/{file_id:uuid}/accuse", status_code=303)
async def acknowledge_referral(
    request: WebRequest,
    file_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Note when the MDPH said that it has the file."""
    posted = await posted_form(request)
    view = await queries.referral(tx, actor, file_id)
    show_again(request, _PAGE, posted, now, {"file": view.line, "document": view.document}, _ALIASES)
    said_at = read_said_at(posted, visitor_of(request).zone, now)

    async def act() -> str:
        await referrals.acknowledge_referral(tx, actor, file_id, said_at, now)
        return f"/dossiers/{file_id}?fait=dossier-recu"

    return await once(tx, actor, posted, now, act)
