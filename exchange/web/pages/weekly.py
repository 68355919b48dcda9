"""« La semaine »: a frozen sheet per Monday, to print and to decide from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.errors import ActForbidden
from exchange.meetings.commands import tasks, weekly
from exchange.meetings.inputs import GiveTask
from exchange.meetings.queries import tasks as task_queries
from exchange.meetings.queries import weekly_sheets as queries
from exchange.reference.follow_up import TaskAction
from exchange.web.follow_up import in_a_week, task_choices
from exchange.web.forms.fields import PostedForm
from exchange.web.posting import blank_form, once, posted_form
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest, visitor_of

_PAGE = "meetings/week.html"


@get("/semaine")
async def show_latest_sheet(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the latest sheet."""
    if not actor.coordinates:
        raise ActForbidden
    sheets = await queries.sheets(reader, actor)
    return await _shown(request, reader, actor, now, sheets[0].id if sheets else None)


@get("/semaine/{sheet_id:uuid}")
async def show_sheet(
    request: WebRequest,
    sheet_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show one sheet exactly as it was frozen."""
    return await _shown(request, reader, actor, now, sheet_id)


@post("/semaine", status_code=303)
async def make_sheet(
    request: WebRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Freeze the sheet of this instant."""

    async def act() -> str:
        return f"/semaine/{await weekly.make_sheet(tx, actor, now)}?fait=feuille-arretee"

    return await once(tx, actor, await posted_form(request), now, act)


@post("/semaine/{sheet_id:uuid}/taches", status_code=303)
async def give_task(
    request: WebRequest,
    sheet_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Turn a line into a task of one's own, due within the week: one tap."""
    posted = await posted_form(request)
    action = posted.choice("action", TaskAction, TaskAction.FOLLOW_UP)
    task = GiveTask(
        action=action.value,
        due_on=in_a_week(now, visitor_of(request).zone),
        assignee_account_id=actor.account_id,
        situation_id=_identifier(posted, "situation_id"),
        facility_id=_identifier(posted, "facility_id"),
        weekly_sheet_id=sheet_id,
    )
    posted.done()

    async def act() -> str:
        await tasks.give_task(tx, actor, task, now)
        return f"/semaine/{sheet_id}?fait=tache-confiee"

    return await once(tx, actor, posted, now, act)


async def _shown(
    request: WebRequest, reader: AsyncSession, actor: Actor, now: datetime, sheet_id: UUID | None
) -> Response[Any]:
    sheet = None if sheet_id is None else await queries.sheet(reader, actor, sheet_id)
    decided = () if sheet_id is None else await task_queries.tasks_of_sheet(reader, actor, sheet_id, now)
    context = {
        "form": blank_form(),
        "sheet": sheet,
        "sheets": await queries.sheets(reader, actor),
        "tasks": decided,
        "may_make": actor.role is Role.COORDINATOR,
        **await task_choices(reader, actor),
    }
    return page(request, _PAGE, now, context)


def _identifier(posted: PostedForm, name: str) -> UUID | None:
    raw = posted.text(name, longest=36, required=False)
    try:
        return UUID(raw) if raw else None
    except ValueError:
        posted.wrong(name, "Cette ligne n'existe pas.")
        return None
