"""Dated tasks, and the weekly sheet."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, COORDINATORS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.tasks import (
    DropTaskBody,
    GiveTaskBody,
    TaskResource,
    WeeklySheetResource,
    WeeklySheetSummary,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.kernel.actor import Actor
from exchange.meetings.commands import tasks, weekly
from exchange.meetings.inputs import DropTask
from exchange.meetings.queries import tasks as task_queries
from exchange.meetings.queries import weekly_sheets

TAGS: Final = ["suivi"]


@get("/tasks", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_tasks(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[TaskResource]:
    """Lister les tâches en cours, la plus proche d'abord ; un lieu voit les siennes."""
    return page_of(await task_queries.tasks(reader, actor, now), partial(told_as, TaskResource), limit, offset)


@post("/tasks", opt=only(COORDINATION), responses=WRITE_PROBLEMS, tags=TAGS)
async def give_task(
    request: AnyRequest,
    data: JSONBody[GiveTaskBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Confier une tâche datée à une personne, à un lieu ou à un organisme."""

    async def act() -> Created:
        return Created(id=await tasks.give_task(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post("/tasks/{task_id:uuid}/completion", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def complete_task(
    request: AnyRequest,
    task_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire qu'une tâche est faite."""

    async def act() -> Done:
        await tasks.complete_task(tx, actor, task_id, now)
        return Done(id=task_id)

    return await answer_once(request, key, tx, actor, act)


@post("/tasks/{task_id:uuid}/abandonment", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def drop_task(
    request: AnyRequest,
    task_id: FromPath[UUID],
    data: JSONBody[DropTaskBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Abandonner une tâche, avec son motif."""

    async def act() -> Done:
        await tasks.drop_task(tx, actor, DropTask(task_id, data.reason.value), now)
        return Done(id=task_id)

    return await answer_once(request, key, tx, actor, act)


@get("/weekly-sheets", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_weekly_sheets(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[WeeklySheetSummary]:
    """Lister les feuilles de la semaine, la dernière d'abord."""
    return page_of(await weekly_sheets.sheets(reader, actor), partial(told_as, WeeklySheetSummary), limit, offset)


@get("/weekly-sheets/{sheet_id:uuid}", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_weekly_sheet(
    sheet_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> WeeklySheetResource:
    """Montrer une feuille de la semaine telle qu'elle a été arrêtée, et les tâches décidées depuis."""
    view = await weekly_sheets.sheet(reader, actor, sheet_id)
    decided = await task_queries.tasks_of_sheet(reader, actor, sheet_id, now)
    return WeeklySheetResource(
        id=view.line.id,
        as_of=view.line.as_of,
        week_of=view.line.week_of,
        by_clock=view.line.by_clock,
        content_hash=view.line.content_hash,
        document=view.document,
        tasks=[told_as(TaskResource, each) for each in decided],
    )


@post("/weekly-sheets", opt=only(COORDINATORS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def make_weekly_sheet(
    request: AnyRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Arrêter la feuille de la semaine à cet instant, en plus de celle du lundi."""

    async def act() -> Done:
        return Done(id=await weekly.make_sheet(tx, actor, now))

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_tasks, list_weekly_sheets, show_weekly_sheet)
WRITES: Final = (give_task, complete_task, drop_task, make_weekly_sheet)
