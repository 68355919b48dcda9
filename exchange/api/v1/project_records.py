"""Gaps that repeat, and the project records that tell them to the authority."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, COORDINATORS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.project_records import (
    AnswerRecordBody,
    EditRecordBody,
    LinkSituationsBody,
    OpenRecordBody,
    ProjectRecordResource,
    RepeatedGapResource,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor, Role
from exchange.meetings.commands import project_records
from exchange.meetings.queries import project_records as queries

TAGS: Final = ["fiches projet"]
READERS: Final = COORDINATION | {Role.OBSERVER}


@get("/repeated-gaps", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_repeated_gaps(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[RepeatedGapResource]:
    """Lister les manques qui se répètent et n'ont pas encore de fiche projet."""
    gaps = await queries.proposed_records(reader, actor, now)
    return page_of(gaps, partial(told_as, RepeatedGapResource), limit, offset)


@get("/project-records", opt=only(READERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_records(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[ProjectRecordResource]:
    """Lister les fiches projet ; une autorité lit celles qui lui sont transmises, sans référence ni petit nombre."""
    return page_of(await queries.records(reader, actor), partial(told_as, ProjectRecordResource), limit, offset)


@get("/project-records/{record_id:uuid}", opt=only(READERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_record(
    record_id: FromPath[UUID], reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> Response[ProjectRecordResource]:
    """Montrer une fiche projet."""
    view = await queries.project_record(reader, actor, record_id)
    return with_etag(told_as(ProjectRecordResource, view), view)


@post("/project-records", opt=only(COORDINATORS), responses=WRITE_PROBLEMS, tags=TAGS)
async def open_record(
    request: AnyRequest,
    data: JSONBody[OpenRecordBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Ouvrir une fiche projet à partir de situations qui manquent de la même chose."""

    async def act() -> Created:
        return Created(id=await project_records.open_record(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


def _done(
    tx: AsyncSession, seen: str | None, record_id: UUID, act: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[Done]]:
    async def and_say() -> Done:
        require_match(tx, seen, record_id)
        await act()
        return Done(id=record_id)

    return and_say


@post(
    "/project-records/{record_id:uuid}/words",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def edit_record(
    request: AnyRequest,
    record_id: FromPath[UUID],
    data: JSONBody[EditRecordBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire autrement ce qui manque, tant que la fiche n'est pas transmise."""
    act = partial(project_records.edit_record, tx, actor, record_id, data.missing, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, record_id, act))


@post(
    "/project-records/{record_id:uuid}/situations",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def link_situations(
    request: AnyRequest,
    record_id: FromPath[UUID],
    data: JSONBody[LinkSituationsBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Relier d'autres situations à la fiche."""
    act = partial(project_records.link_situations, tx, actor, record_id, data.situation_ids, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, record_id, act))


@post(
    "/project-records/{record_id:uuid}/sharing",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def share_record(
    request: AnyRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Transmettre la fiche à l'autorité."""
    act = partial(project_records.share_record, tx, actor, record_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, record_id, act))


@post(
    "/project-records/{record_id:uuid}/answer",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def answer_record(
    request: AnyRequest,
    record_id: FromPath[UUID],
    data: JSONBody[AnswerRecordBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Noter la réponse de l'autorité."""
    act = partial(project_records.answer_record, tx, actor, record_id, data.answer, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, record_id, act))


@post(
    "/project-records/{record_id:uuid}/closing",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def close_record(
    request: AnyRequest,
    record_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Clore la fiche projet."""
    act = partial(project_records.close_record, tx, actor, record_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, record_id, act))


READS: Final = (list_repeated_gaps, list_records, show_record)
WRITES: Final = (open_record, edit_record, link_situations, share_record, answer_record, close_record)
