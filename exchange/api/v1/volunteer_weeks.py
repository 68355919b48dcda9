"""A volunteer's week, its confirmation, and the dates on which it does not count."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.volunteer_weeks import (
    DatesAwayBody,
    SetVolunteerWeekBody,
    VolunteerWeekResource,
    WeekConfirmation,
    WeekFollowed,
    told_promises,
)
from exchange.api.v1.staffing import TAGS
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.loans.promised import promised_outside
from exchange.staffing.weeks import commands, queries


@get("/volunteers/{volunteer_id:uuid}/week", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_volunteer_week(
    volunteer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[VolunteerWeekResource]:
    """Montrer la semaine type d'un professionnel volontaire."""
    week = await queries.week(reader, actor, volunteer_id, now)
    if week is None:
        raise NotFound
    promised = await promised_outside(reader, actor, volunteer_id, now)
    return with_etag(VolunteerWeekResource.of(week, promised), week)


@post("/volunteers/{volunteer_id:uuid}/week", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def set_volunteer_week(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    data: JSONBody[SetVolunteerWeekBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[WeekFollowed]:
    """Dire les horaires de chaque semaine ; ce qui est promis le reste, et est rappelé."""

    async def act() -> WeekFollowed:
        require_match(tx, seen, volunteer_id)
        await commands.set_week(tx, actor, data.asked(volunteer_id), now)
        return await _followed(tx, actor, volunteer_id, now)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/volunteers/{volunteer_id:uuid}/week/confirmation",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def confirm_volunteer_week(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[WeekConfirmation]:
    """Confirmer que la semaine type n'a pas changé."""

    async def act() -> WeekConfirmation:
        require_match(tx, seen, volunteer_id)
        until = await commands.confirm_week(tx, actor, volunteer_id, now)
        return WeekConfirmation(id=volunteer_id, fresh_until=until)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/volunteers/{volunteer_id:uuid}/week/absences",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def say_away(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    data: JSONBody[DatesAwayBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[WeekFollowed]:
    """Dire qu'une personne n'est pas disponible à des dates, sans dire pourquoi."""

    async def act() -> WeekFollowed:
        require_match(tx, seen, volunteer_id)
        await commands.say_away(tx, actor, data.asked(volunteer_id), now)
        return await _followed(tx, actor, volunteer_id, now)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/volunteers/{volunteer_id:uuid}/week/return",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def say_back(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    data: JSONBody[DatesAwayBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[WeekFollowed]:
    """Faire suivre à nouveau la semaine type à des dates qui s'en écartaient."""

    async def act() -> WeekFollowed:
        require_match(tx, seen, volunteer_id)
        await commands.say_back(tx, actor, data.asked(volunteer_id), now)
        return await _followed(tx, actor, volunteer_id, now)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/volunteers/{volunteer_id:uuid}/week/end", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS
)
async def end_volunteer_week(
    request: AnyRequest,
    volunteer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[WeekFollowed]:
    """Ne plus suivre la semaine type : ses horaires à venir sont retirés."""

    async def act() -> WeekFollowed:
        require_match(tx, seen, volunteer_id)
        await commands.end_week(tx, actor, volunteer_id, now)
        return await _followed(tx, actor, volunteer_id, now)

    return await answer_once(request, key, tx, actor, act)


async def _followed(tx: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> WeekFollowed:
    promised = await promised_outside(tx, actor, volunteer_id, now)
    return WeekFollowed(id=volunteer_id, promised_outside=told_promises(promised))


READS: Final = (show_volunteer_week,)
WRITES: Final = (set_volunteer_week, confirm_volunteer_week, say_away, say_back, end_volunteer_week)
