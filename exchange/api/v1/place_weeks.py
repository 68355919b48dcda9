"""The week that an offer follows, and the dates that differ from it."""

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
from exchange.api.v1.availability import TAGS
from exchange.api.v1.schemas.place_weeks import ExceptDaysBody, SetWeekBody, SpanBody, WeekResource
from exchange.api.v1.schemas.values import Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.availability.weeks import commands, queries
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound


@get("/offers/{offer_id:uuid}/week", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_week(
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[WeekResource]:
    """Montrer la semaine type d'une offre et ses exceptions à venir."""
    week = await queries.week(reader, actor, offer_id, now)
    if week is None:
        raise NotFound
    return with_etag(told_as(WeekResource, week), week)


@post("/offers/{offer_id:uuid}/week", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def set_week(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[SetWeekBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Faire suivre à une offre une semaine type, ouverte huit semaines à l'avance."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.set_week(tx, actor, data.asked(offer_id), now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


@post("/offers/{offer_id:uuid}/week/end", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def end_week(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Ne plus suivre la semaine type ; les dates déjà ouvertes le restent."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.end_week(tx, actor, offer_id, now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/offers/{offer_id:uuid}/week/exceptions", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS
)
async def except_days(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[ExceptDaysBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Fermer des dates, ou y ouvrir un autre nombre de places que la semaine type."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.except_days(tx, actor, data.asked(offer_id), now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/offers/{offer_id:uuid}/week/resumption", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS
)
async def resume_week(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[SpanBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Faire suivre à nouveau la semaine type à des dates qui s'en écartaient."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.resume_week(tx, actor, data.resumed(offer_id), now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (show_week,)
WRITES: Final = (set_week, end_week, except_days, resume_week)
