"""Case meetings: the agenda that the rules propose, the decisions, the minutes to print."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database
from exchange.kernel.errors import ActForbidden
from exchange.meetings.agenda import proposed_agenda
from exchange.meetings.commands import case_meetings
from exchange.meetings.queries import case_meetings as queries
from exchange.reference.follow_up import MeetingDecision, PartnerBody
from exchange.web.choices import all_facilities, listed, named
from exchange.web.follow_up import initial_task, situation_named, task_choices
from exchange.web.forms.meetings import MEETING_ALIASES, read_decision, read_meeting
from exchange.web.looks import MEETING, log_looks
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_LIST = "meetings/case_meetings.html"
_ONE = "meetings/case_meeting.html"


@get("/reunions")
async def show_meetings(
    request: WebRequest,
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the meetings, and what the rules propose to the next one."""
    if not actor.coordinates:
        raise ActForbidden
    context = await _list(reader, actor, now)
    await log_looks(db, actor, (each.situation_id for each in context["proposed"]), MEETING)
    return page(request, _LIST, now, {"form": blank_form(), **context})


@post("/reunions", status_code=303)
async def plan_meeting(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Plan a meeting with the agenda that the rules propose."""
    posted = await posted_form(request)
    show_again(request, _LIST, posted, now, await _list(tx, actor, now), MEETING_ALIASES)
    meeting = read_meeting(posted, await all_facilities(tx), visitor_of(request).zone, now)

    async def act() -> str:
        meeting_id = await case_meetings.plan_meeting(tx, actor, meeting, now)
        return f"/reunions/{meeting_id}?fait=reunion-prevue"

    return await once(tx, actor, posted, now, act)


@get("/reunions/{meeting_id:uuid}")
async def show_meeting(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    db: NamedDependency[Database],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one meeting; each situation's look is journalled before the page leaves."""
    meeting = await queries.meeting(reader, actor, meeting_id, now)
    await log_looks(db, actor, (item.situation_id for item in meeting.items), MEETING)
    form = blank_form(**initial_task(actor, now, visitor_of(request).zone))
    context = {
        "form": form,
        "meeting": meeting,
        "decisions": listed(MeetingDecision),
        "may_prepare": actor.role is Role.COORDINATOR and meeting.state == "planned",
        **await task_choices(reader, actor),
    }
    return page(request, _ONE, now, context)


@post("/reunions/{meeting_id:uuid}/ordre-du-jour", status_code=303)
async def put_on_agenda(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Add a situation by its reference."""
    posted = await posted_form(request)
    reference = posted.text("reference", longest=40)
    posted.done()

    async def act() -> None:
        situation_id = await situation_named(tx, actor, reference)
        await case_meetings.put_on_agenda(tx, actor, meeting_id, situation_id, now)

    return await once(tx, actor, posted, now, _and_return(meeting_id, act, "situation-inscrite"), edits=meeting_id)


@post("/reunions/{meeting_id:uuid}/retrait/{situation_id:uuid}", status_code=303)
async def take_off_agenda(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    situation_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take a situation off the agenda."""
    act = partial(case_meetings.take_off_agenda, tx, actor, meeting_id, situation_id, now)
    return await once(
        tx, actor, await posted_form(request), now, _and_return(meeting_id, act, "situation-retiree"), edits=meeting_id
    )


@post("/reunions/{meeting_id:uuid}/decision/{situation_id:uuid}", status_code=303)
async def decide(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    situation_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Write down what was decided for one situation."""
    posted = await posted_form(request)
    decision = read_decision(posted, meeting_id, situation_id)
    act = partial(case_meetings.decide, tx, actor, decision, now)
    return await once(tx, actor, posted, now, _and_return(meeting_id, act, "decision-notee"), edits=meeting_id)


@post("/reunions/{meeting_id:uuid}/compte-rendu", status_code=303)
async def close_minutes(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Close the minutes."""
    act = partial(case_meetings.close_minutes, tx, actor, meeting_id, now)
    return await once(
        tx,
        actor,
        await posted_form(request),
        now,
        _and_return(meeting_id, act, "compte-rendu-arrete"),
        edits=meeting_id,
    )


@post("/reunions/{meeting_id:uuid}/annulation", status_code=303)
async def cancel_meeting(
    request: WebRequest,
    meeting_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Call the meeting off."""
    act = partial(case_meetings.cancel_meeting, tx, actor, meeting_id, now)
    return await once(
        tx, actor, await posted_form(request), now, _and_return(meeting_id, act, "reunion-annulee"), edits=meeting_id
    )


def _and_return(meeting_id: UUID, act: Callable[[], Awaitable[None]], notice: str) -> Callable[[], Awaitable[str]]:
    async def and_say() -> str:
        await act()
        return f"/reunions/{meeting_id}?fait={notice}"

    return and_say


async def _list(reader: AsyncSession, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "meetings": await queries.meetings(reader, actor),
        "proposed": await proposed_agenda(reader, actor, now),
        "partner_bodies": listed(PartnerBody),
        "all_sites": named(await all_facilities(reader)),
        "may_plan": actor.role is Role.COORDINATOR,
    }
