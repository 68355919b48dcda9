"""« Mes tâches »: what is promised by a date, done or given up in one tap."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.meetings.commands import tasks
from exchange.meetings.inputs import DropTask
from exchange.meetings.queries import tasks as queries
from exchange.reference.follow_up import TaskDropReason
from exchange.situations import queries as situations
from exchange.web.follow_up import assignees, initial_task, task_choices
from exchange.web.forms.fields import PostedForm
from exchange.web.forms.meetings import TASK_ALIASES, read_task
from exchange.web.pages.identity import local_address
from exchange.web.posting import blank_form, once, posted_form, show_again
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_PAGE = "meetings/tasks.html"


@get("/taches")
async def show_tasks(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the actor's tasks, and for coordination everybody's."""
    form = blank_form(**initial_task(actor, now, visitor_of(request).zone))
    return page(request, _PAGE, now, {"form": form, **await _context(reader, actor, now)})


@post("/taches", status_code=303)
async def give_task(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give a task, from whatever page."""
    posted = await posted_form(request)
    show_again(request, _PAGE, posted, now, await _context(tx, actor, now), TASK_ALIASES)
    known = {name: _identifier(posted, name) for name in ("facility_id", "meeting_id", "weekly_sheet_id")}
    known["situation_id"] = await _situation_named(tx, actor, posted)
    task = read_task(posted, await assignees(tx, actor), known)
    back = back_to(posted)

    async def act() -> str:
        await tasks.give_task(tx, actor, task, now)
        return f"{back}?fait=tache-confiee"

    return await once(tx, actor, posted, now, act)


@post("/taches/{task_id:uuid}/faite", status_code=303)
async def complete_task(
    request: WebRequest,
    task_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that it is done."""
    posted = await posted_form(request)

    async def act() -> str:
        await tasks.complete_task(tx, actor, task_id, now)
        return f"{back_to(posted)}?fait=tache-faite"

    return await once(tx, actor, posted, now, act)


@post("/taches/{task_id:uuid}/abandon", status_code=303)
async def drop_task(
    request: WebRequest,
    task_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give it up, with its reason."""
    posted = await posted_form(request)
    reason = posted.choice("reason", TaskDropReason, TaskDropReason.NO_LONGER_USEFUL)
    posted.done()

    async def act() -> str:
        await tasks.drop_task(tx, actor, DropTask(task_id, reason.value), now)
        return f"{back_to(posted)}?fait=tache-abandonnee"

    return await once(tx, actor, posted, now, act)


def back_to(posted: PostedForm) -> str:
    """Return the page of this site that the form names, without what follows its address; « Mes tâches » otherwise."""
    named = posted.text("back", longest=200, required=False)
    return local_address(named).partition("?")[0].partition("#")[0] or "/taches"


async def _context(reader: AsyncSession, actor: Actor, now: datetime) -> dict[str, object]:
    if actor.role is Role.OBSERVER:
        raise ActForbidden
    own = await queries.own_tasks(reader, actor, now)
    mine = {task.id for task in own}
    others = [task for task in await queries.tasks(reader, actor, now) if task.id not in mine]
    return {"own": own, "others": others, **await task_choices(reader, actor)}


def _identifier(posted: PostedForm, name: str) -> UUID | None:
    raw = posted.text(name, longest=36, required=False)
    try:
        return UUID(raw) if raw else None
    except ValueError:
        raise NotFound from None


async def _situation_named(tx: AsyncSession, actor: Actor, posted: PostedForm) -> UUID | None:
    reference = posted.text("reference", longest=40, required=False)
    if not reference:
        return None
    try:
        return (await situations.situation_by_reference(tx, actor, reference)).id
    except NotFound:
        posted.wrong("reference", f"La référence {reference} n'existe pas.")
        return None
