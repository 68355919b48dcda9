"""What houses say of themselves and of their places: colours, closures, the evening's answer, over capacity."""

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
    AwaitedDepartureBody,
    ClosureBody,
    DecisionResource,
    EveningAnswer,
    HouseStatusBody,
    HouseStatusResource,
    OverCapacityBody,
    Until,
)
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.availability import commands, queries
from exchange.kernel.actor import Actor
from exchange.placements import commands as placements

TAGS: Final = ["places"]


@get("/facility-statuses", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_statuses(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[HouseStatusResource]:
    """Lister les lieux et la couleur que chacun a dite, tant qu'elle vaut."""
    return page_of(await queries.houses(reader, actor, now), partial(told_as, HouseStatusResource), limit, offset)


@post("/facilities/{facility_id:uuid}/status", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def say_status(
    request: AnyRequest,
    facility_id: FromPath[UUID],
    data: JSONBody[HouseStatusBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Until]:
    """Dire la couleur d'un lieu : vert, orange ou rouge, ou fermé jusqu'à une date."""

    async def act() -> Until:
        said = commands.SayStatus(facility_id, data.colour, data.reason, data.until_on)
        return Until(id=facility_id, until=await commands.say_status(tx, actor, said, now))

    return await answer_once(request, key, tx, actor, act)


@post("/evening-answers", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def answer_evening(
    request: AnyRequest,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[EveningAnswer]:
    """Confirmer d'un seul geste que rien n'a changé dans aucun de ses lieux."""

    async def act() -> EveningAnswer:
        return EveningAnswer(offer_ids=list(await commands.reconfirm_all(tx, actor, now)))

    return await answer_once(request, key, tx, actor, act)


@post("/offers/{offer_id:uuid}/closure", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def close_offer(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[ClosureBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Until]:
    """Fermer une place jusqu'à une date ; elle reste visible."""

    async def act() -> Until:
        closing = commands.CloseOffer(offer_id, data.until_on, data.reason)
        return Until(id=offer_id, until=await commands.close_offer(tx, actor, closing, now))

    return await answer_once(request, key, tx, actor, act)


@post("/offers/{offer_id:uuid}/reopening", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def reopen_offer(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Rouvrir une place fermée, avant sa date."""

    async def act() -> Done:
        await commands.reopen_offer(tx, actor, offer_id, now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


@get("/offers/{offer_id:uuid}/over-capacity", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_decisions(
    offer_id: FromPath[UUID],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[DecisionResource]:
    """Lister les sureffectifs décidés sur une offre : qui, quand, pourquoi."""
    await queries.offer(reader, actor, offer_id, now)
    decisions = await queries.decisions_of(reader, actor, offer_id)
    return page_of(decisions, partial(told_as, DecisionResource), limit, offset)


@post("/offers/{offer_id:uuid}/over-capacity", opt=only(MANAGERS), responses=WRITE_PROBLEMS, tags=TAGS)
async def decide_over_capacity(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[OverCapacityBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Décider et signer un sureffectif."""

    async def act() -> Created:
        decision = commands.DecideOverCapacity(offer_id, tuple(data.segments), data.units, data.reason)
        return Created(id=await commands.decide_over_capacity(tx, actor, decision, now))

    return await answer_once(request, key, tx, actor, act, 201)


@post(
    "/offers/{offer_id:uuid}/awaited-departure",
    opt=only(MANAGERS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def await_departure(
    request: AnyRequest,
    offer_id: FromPath[UUID],
    data: JSONBody[AwaitedDepartureBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire qu'une place se libère quand un adulte maintenu est accueilli ailleurs."""

    async def act() -> Done:
        await placements.await_departure(tx, actor, placements.AwaitDeparture(offer_id, data.reference), now)
        return Done(id=offer_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_statuses, list_decisions)
WRITES: Final = (say_status, answer_evening, close_offer, reopen_offer, decide_over_capacity, await_departure)
