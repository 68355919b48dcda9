"""Case meetings: the agenda, what was tried, what was decided. Every reading is kept in the access journal."""

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
from exchange.api.looks import commit_looks
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.meetings import (
    AgendaBody,
    DecideItemBody,
    MeetingResource,
    MeetingSummary,
    PlanMeetingBody,
    ProposedResource,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.meetings.agenda import proposed_agenda
from exchange.meetings.commands import case_meetings
from exchange.meetings.queries import case_meetings as queries

TAGS: Final = ["réunions"]
LOOK: Final = "case_meeting"


@get("/case-meetings", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_meetings(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[MeetingSummary]:
    """Lister les réunions de situations, la dernière d'abord."""
    return page_of(await queries.meetings(reader, actor), partial(told_as, MeetingSummary), limit, offset)


@get("/agenda-proposals", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_agenda_proposals(
    db: NamedDependency[Database], actor: NamedDependency[Actor], limit: Limit = USUAL_LINES, offset: Offset = 0
) -> Page[ProposedResource]:
    """Lister les situations que les règles proposent à l'ordre du jour, avec leurs motifs."""
    async with db.read(actor.community_id) as reader:
        proposed = await proposed_agenda(reader, actor, now_of(reader))
    await commit_looks(db, actor, (each.situation_id for each in proposed[offset : offset + limit]), LOOK)
    return page_of(proposed, partial(told_as, ProposedResource), limit, offset)


@get("/case-meetings/{meeting_id:uuid}", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_meeting(
    meeting_id: FromPath[UUID], db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> Response[MeetingResource]:
    """Montrer une réunion, ses situations et ses engagements ; la lecture est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.meeting(reader, actor, meeting_id, now_of(reader))
    await commit_looks(db, actor, (item.situation_id for item in view.items), LOOK)
    return with_etag(told_as(MeetingResource, view), view)


@post("/case-meetings", opt=only(COORDINATORS), responses=WRITE_PROBLEMS, tags=TAGS)
async def plan_meeting(
    request: AnyRequest,
    data: JSONBody[PlanMeetingBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Prévoir une réunion ; son ordre du jour est proposé par les règles, sauf si des situations sont nommées."""

    async def act() -> Created:
        return Created(id=await case_meetings.plan_meeting(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


def _done(
    tx: AsyncSession, seen: str | None, meeting_id: UUID, act: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[Done]]:
    async def and_say() -> Done:
        require_match(tx, seen, meeting_id)
        await act()
        return Done(id=meeting_id)

    return and_say


@post(
    "/case-meetings/{meeting_id:uuid}/agenda",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def put_on_agenda(
    request: AnyRequest,
    meeting_id: FromPath[UUID],
    data: JSONBody[AgendaBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Ajouter une situation à l'ordre du jour."""
    act = partial(case_meetings.put_on_agenda, tx, actor, meeting_id, data.situation_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, meeting_id, act))


@post(
    "/case-meetings/{meeting_id:uuid}/agenda-removal",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def take_off_agenda(
    request: AnyRequest,
    meeting_id: FromPath[UUID],
    data: JSONBody[AgendaBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Retirer une situation de l'ordre du jour."""
    act = partial(case_meetings.take_off_agenda, tx, actor, meeting_id, data.situation_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, meeting_id, act))


@post(
    "/case-meetings/{meeting_id:uuid}/decisions",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def decide(
    request: AnyRequest,
    meeting_id: FromPath[UUID],
    data: JSONBody[DecideItemBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Noter ce que la réunion a décidé pour une situation."""
    act = partial(case_meetings.decide, tx, actor, data.asked(meeting_id), now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, meeting_id, act))


@post(
    "/case-meetings/{meeting_id:uuid}/minutes",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def close_minutes(
    request: AnyRequest,
    meeting_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Arrêter le compte rendu : il ne change plus."""
    act = partial(case_meetings.close_minutes, tx, actor, meeting_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, meeting_id, act))


@post(
    "/case-meetings/{meeting_id:uuid}/cancellation",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def cancel_meeting(
    request: AnyRequest,
    meeting_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Annuler une réunion."""
    act = partial(case_meetings.cancel_meeting, tx, actor, meeting_id, now)
    return await answer_once(request, key, tx, actor, _done(tx, seen, meeting_id, act))


READS: Final = (list_meetings, list_agenda_proposals, show_meeting)
WRITES: Final = (plan_meeting, put_on_agenda, take_off_agenda, decide, close_minutes, cancel_meeting)
