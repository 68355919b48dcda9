"""Publishing places and keeping that word fresh."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.availability import (
    ChangeCapacityBody,
    OfferConfirmation,
    OfferResource,
    PublishOfferBody,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.availability import commands, queries
from exchange.kernel.actor import Actor

TAGS: Final = ["places"]


@get("/offers", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_offers(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[OfferResource]:
    """Lister les places publiées, y compris celles à confirmer."""
    return page_of(await queries.offers(reader, actor, now), partial(told_as, OfferResource), limit, offset)


@get("/offers/{offer_id:uuid}", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_offer(
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[OfferResource]:
    """Montrer une offre de places et ses tranches à venir."""
    view = await queries.offer(reader, actor, offer_id, now)
    return with_etag(told_as(OfferResource, view), view)


@post("/offers", opt=only(MANAGERS), responses=WRITE_PROBLEMS, tags=TAGS)
async def publish_offer(
    request: AnyRequest,
    data: JSONBody[PublishOfferBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Publier des places, un hébergement d'urgence ou une place sous réserve de renfort."""

    async def act() -> Created:
        return Created(id=await commands.publish_offer(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post("/offers/{offer_id:uuid}/confirmation", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def reconfirm_offer(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[OfferConfirmation]:
    """Confirmer que rien n'a changé."""

    async def act() -> OfferConfirmation:
        return OfferConfirmation(id=offer_id, fresh_until=await commands.reconfirm_offer(tx, actor, offer_id, now))

    return await answer_once(request, key, tx, actor, act)


@post("/offers/{offer_id:uuid}/capacity", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def change_capacity(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[ChangeCapacityBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Ajouter ou retirer des places, sur toutes les tranches à venir ou sur certaines."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.change_capacity(tx, actor, offer_id, data.delta, data.segments, now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


@post("/offers/{offer_id:uuid}/withdrawal", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def withdraw_offer(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Retirer une offre de places."""

    async def act() -> Done:
        require_match(tx, seen, offer_id)
        await commands.withdraw_offer(tx, actor, offer_id, now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_offers, show_offer)
WRITES: Final = (publish_offer, reconfirm_offer, change_capacity, withdraw_offer)
