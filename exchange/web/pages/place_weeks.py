"""The week that a place follows: seven days and seven nights on one page, and the dates that differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import queries as availability
from exchange.availability.queries import OfferView
from exchange.availability.weeks import commands, queries
from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.web.forms.place_weeks import (
    initial_week,
    read_exception,
    read_resumption,
    read_week,
)
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_WEEK = "availability/week.html"
_EXCEPTION = "availability/week_exception.html"


@get("/places/{offer_id:uuid}/semaine-type")
async def show_week(
    request: WebRequest,
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the week that a place follows, and the dates that differ from it."""
    shown = await _week_page(reader, actor, offer_id, now)
    form = blank_form(**initial_week(shown["week"], now.astimezone(visitor_of(request).zone).date()))
    return page(request, _WEEK, now, {**shown, "form": form})


@post("/places/{offer_id:uuid}/semaine-type", status_code=303)
async def set_week(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a place follow a week."""
    posted = await posted_form(request)
    show_again(request, _WEEK, posted, now, await _week_page(tx, actor, offer_id, now))
    form = read_week(posted, offer_id)

    async def act() -> str:
        await commands.set_week(tx, actor, form, now)
        return f"/places/{offer_id}/semaine-type?fait=semaine-enregistree"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@get("/places/{offer_id:uuid}/semaine-type/exception")
async def show_exception(
    request: WebRequest,
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the form of dates that differ from their week."""
    offer = await _own_offer(reader, actor, offer_id, now)
    today = now.astimezone(visitor_of(request).zone).date().isoformat()
    form = blank_form(first=today, last=today, halves=["day", "night"], capacity="0", reason="planned_closure")
    return page(request, _EXCEPTION, now, {"offer": offer, "form": form})


@post("/places/{offer_id:uuid}/semaine-type/exception", status_code=303)
async def except_days(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Close dates, or open them otherwise than their week."""
    posted = await posted_form(request)
    offer = await _own_offer(tx, actor, offer_id, now)
    show_again(request, _EXCEPTION, posted, now, {"offer": offer})
    form = read_exception(posted, offer_id)

    async def act() -> str:
        await commands.except_days(tx, actor, form, now)
        return f"/places/{offer_id}/semaine-type?fait=exception-notee"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/semaine-type/reprise", status_code=303)
async def resume_week(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Let dates follow their week again."""
    posted = await posted_form(request)
    form = read_resumption(posted, offer_id)

    async def act() -> str:
        await commands.resume_week(tx, actor, form, now)
        return f"/places/{offer_id}/semaine-type?fait=semaine-reprise"

    return await once(tx, actor, posted, now, act, edits=offer_id)


@post("/places/{offer_id:uuid}/semaine-type/fin", status_code=303)
async def end_week(
    request: WebRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Follow the week no longer."""

    async def act() -> str:
        await commands.end_week(tx, actor, offer_id, now)
        return f"/places/{offer_id}?fait=semaine-finie"

    return await once(tx, actor, await posted_form(request), now, act, edits=offer_id)


async def _own_offer(reader: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> OfferView:
    offer = await availability.offer(reader, actor, offer_id, now)
    if not actor.speaks_for(offer.facility_id):
        raise ActForbidden
    return offer


async def _week_page(reader: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> dict[str, Any]:
    offer = await _own_offer(reader, actor, offer_id, now)
    return {"offer": offer, "week": await queries.week(reader, actor, offer_id, now)}


HANDLERS = (show_week, set_week, show_exception, except_days, resume_week, end_week)
