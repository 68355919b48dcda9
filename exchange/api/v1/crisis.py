"""The crisis organisation: opened, prolonged and closed by the community; and what dated texts derogate."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATORS, SIGNED_IN, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.crisis import (
    CrisisActResource,
    CrisisResource,
    CrisisStateResource,
    DerogationResource,
    OrderCrisisBody,
    RecordDerogationBody,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.kernel.actor import Actor
from exchange.organisations import queries as organisations
from exchange.organisations.crisis import close_crisis, open_crisis, prolong_crisis
from exchange.organisations.crisis_views import CrisisView, crises, open_crisis_at
from exchange.organisations.parameters import CRISIS_CLOCKS
from exchange.reference.answers import CrisisRequester
from exchange.staffing.derogations import derogations, record_derogation

TAGS: Final = ["organisation de crise"]


@get("/crisis", opt=only(SIGNED_IN), responses=READ_PROBLEMS, tags=TAGS)
async def show_crisis(reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]) -> CrisisStateResource:
    """Dire si une organisation de crise est ouverte, à la demande de qui, et quels délais sont en vigueur."""
    standing = await open_crisis_at(reader)
    in_force = await organisations.parameters(reader)
    past = [each for each in await crises(reader) if standing is None or each.id != standing.id]
    return CrisisStateResource(
        open=None if standing is None else _told(standing),
        clocks={name: getattr(in_force, name) for name in CRISIS_CLOCKS},
        past=[_told(each) for each in past],
        derogations=[told_as(DerogationResource, each) for each in await derogations(reader)],
    )


@post("/crises", opt=only(COORDINATORS), responses=WRITE_PROBLEMS, tags=TAGS)
async def order_crisis(
    request: AnyRequest,
    data: JSONBody[OrderCrisisBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Ouvrir l'organisation de crise de la communauté, jusqu'à une date."""

    async def act() -> Created:
        return Created(id=await open_crisis(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post(
    "/crises/{crisis_id:uuid}/prolongations",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def prolong(
    request: AnyRequest,
    crisis_id: FromPath[UUID],
    data: JSONBody[OrderCrisisBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Repousser sa fin par un nouvel acte."""

    async def act() -> Done:
        await prolong_crisis(tx, actor, crisis_id, data.asked(), now)
        return Done(id=crisis_id)

    return await answer_once(request, key, tx, actor, act)


@post("/crises/{crisis_id:uuid}/closing", opt=only(COORDINATORS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def close(
    request: AnyRequest,
    crisis_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Fermer l'organisation de crise : les délais ordinaires reprennent."""

    async def act() -> Done:
        await close_crisis(tx, actor, crisis_id, now)
        return Done(id=crisis_id)

    return await answer_once(request, key, tx, actor, act)


@post("/rule-derogations", opt=only(COORDINATORS), responses=WRITE_PROBLEMS, tags=TAGS)
async def derogate(
    request: AnyRequest,
    data: JSONBody[RecordDerogationBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Noter une dérogation aux règles du travail, portée par un texte daté."""

    async def act() -> Created:
        return Created(id=await record_derogation(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


def _told(view: CrisisView) -> CrisisResource:
    return CrisisResource(
        id=view.id,
        opened_at=view.opened_at,
        until=view.until,
        requested_by=CrisisRequester(view.requested_by),
        order_reference=view.order_reference,
        clocks=dict(view.clocks),
        acts=[
            CrisisActResource(
                since=each.from_,
                until=each.until,
                planned_until=each.planned_until,
                requested_by=CrisisRequester(each.requested_by),
                order_reference=each.order_reference,
                ended_how=each.ended_how,
            )
            for each in view.acts
        ],
    )


READS: Final = (show_crisis,)
WRITES: Final = (order_crisis, prolong, close, derogate)
