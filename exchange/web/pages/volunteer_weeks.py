"""A volunteer's week: a list of hours, one tap to confirm it, and dates away without a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import ActForbidden
from exchange.loans.promised import promised_outside
from exchange.staffing import queries as staffing
from exchange.staffing.queries import VolunteerView
from exchange.staffing.weeks import commands, queries
from exchange.web.forms.volunteer_weeks import read_away, read_fewer_hours, read_more_hours
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_WEEK = "staffing/week.html"
_AWAY = "staffing/away.html"
_ALIASES = {"hours": "from_hour"}
_AWAY_ALIASES = {"first": "away_first", "last": "away_last"}


@get("/volontaires/{volunteer_id:uuid}/semaine-type")
async def show_week(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show a volunteer's week, and what is promised at hours that it no longer says."""
    shown = await _week_page(reader, actor, volunteer_id, now)
    week, today = shown["week"], now.astimezone(visitor_of(request).zone).date()
    form = blank_form(
        kind="available",
        from_hour="21:00",
        until_hour="07:00",
        first=(today if week is None else week.first).isoformat(),
        last="" if week is None or week.last is None else week.last.isoformat(),
    )
    return page(request, _WEEK, now, {**shown, "form": form})


@post("/volontaires/{volunteer_id:uuid}/semaine-type", status_code=303)
async def add_hours(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Add hours on some weekdays."""
    posted = await posted_form(request)
    shown = await _week_page(tx, actor, volunteer_id, now)
    show_again(request, _WEEK, posted, now, shown, _ALIASES)
    form = read_more_hours(posted, volunteer_id, shown["week"])

    async def act() -> str:
        await commands.set_week(tx, actor, form, now)
        return f"/volontaires/{volunteer_id}/semaine-type?fait=horaires-enregistres"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


@post("/volontaires/{volunteer_id:uuid}/semaine-type/retrait", status_code=303)
async def remove_hours(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take one line out of the week; without any line, there is no week."""
    posted = await posted_form(request)
    await _own_volunteer(tx, actor, volunteer_id, now)
    week = await queries.week(tx, actor, volunteer_id, now)
    form = None if week is None else read_fewer_hours(posted, volunteer_id, week)

    async def act() -> str:
        if form is not None and form.hours:
            await commands.set_week(tx, actor, form, now)
        else:
            await commands.end_week(tx, actor, volunteer_id, now)
        return f"/volontaires/{volunteer_id}/semaine-type?fait=horaires-enregistres"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


@post("/volontaires/{volunteer_id:uuid}/semaine-type/confirmation", status_code=303)
async def confirm_week(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that nothing has changed."""

    async def act() -> str:
        await commands.confirm_week(tx, actor, volunteer_id, now)
        return f"/volontaires/{volunteer_id}/semaine-type?fait=place-confirmee"

    return await once(tx, actor, await posted_form(request), now, act, edits=volunteer_id)


@get("/volontaires/{volunteer_id:uuid}/semaine-type/absence")
async def show_away(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the form of dates away."""
    volunteer = await _own_volunteer(reader, actor, volunteer_id, now)
    today = now.astimezone(visitor_of(request).zone).date().isoformat()
    form = blank_form(away_first=today, away_last=today)
    return page(request, _AWAY, now, {"volunteer": volunteer, "form": form})


@post("/volontaires/{volunteer_id:uuid}/semaine-type/absence", status_code=303)
async def say_away(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that somebody is not available on dates."""
    posted = await posted_form(request)
    volunteer = await _own_volunteer(tx, actor, volunteer_id, now)
    show_again(request, _AWAY, posted, now, {"volunteer": volunteer}, _AWAY_ALIASES)
    form = read_away(posted, volunteer_id)

    async def act() -> str:
        await commands.say_away(tx, actor, form, now)
        return f"/volontaires/{volunteer_id}/semaine-type?fait=absence-notee"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


@post("/volontaires/{volunteer_id:uuid}/semaine-type/retour", status_code=303)
async def say_back(
    request: WebRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Let dates follow the week again."""
    posted = await posted_form(request)
    form = read_away(posted, volunteer_id)

    async def act() -> str:
        await commands.say_back(tx, actor, form, now)
        return f"/volontaires/{volunteer_id}/semaine-type?fait=semaine-reprise"

    return await once(tx, actor, posted, now, act, edits=volunteer_id)


async def _own_volunteer(reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> VolunteerView:
    volunteer = await staffing.volunteer(reader, actor, volunteer_id, now)
    if not actor.speaks_for(volunteer.facility_id):
        raise ActForbidden
    return volunteer


async def _week_page(reader: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "volunteer": await _own_volunteer(reader, actor, volunteer_id, now),
        "week": await queries.week(reader, actor, volunteer_id, now),
        "promised": await promised_outside(reader, actor, volunteer_id, now),
    }


HANDLERS = (show_week, add_hours, remove_hours, confirm_week, show_away, say_away, say_back)
