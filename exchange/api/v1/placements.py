"""Reading placements, saying no for a facility, calling one off, and following the stay from arrival to departure."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, MANAGERS, MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.placements import (
    ArrivalConfirmed,
    ConfirmArrivalBody,
    PlacementResource,
    RefusePlacementBody,
)
from exchange.api.v1.schemas.values import Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.placements import commands, queries

TAGS: Final = ["accueils"]
ONE: Final = "/placements/{placement_id:uuid}"


@get("/placements", opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_placements(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[PlacementResource]:
    """Lister les accueils en cours que l'on peut connaître."""
    return page_of(await queries.placements(reader, actor), partial(told_as, PlacementResource), limit, offset)


@get(ONE, opt=only(MEMBERS), responses=READ_PROBLEMS, tags=TAGS)
async def show_placement(
    placement_id: FromPath[UUID], db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> Response[PlacementResource]:
    """Montrer un accueil ; la lecture est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.placement(reader, actor, placement_id)
    await commit_look(db, actor, view.situation_id, "placement")
    return with_etag(told_as(PlacementResource, view), view)


@post(ONE + "/refusal", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def refuse_placement(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[RefusePlacementBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire non pour l'établissement, avec un motif codé."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        refusal = commands.RefusePlacement(placement_id, data.refusal_reason, data.private_note)
        await commands.refuse_placement(tx, actor, refusal, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/arrival", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def confirm_arrival(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[ConfirmArrivalBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[ArrivalConfirmed]:
    """Confirmer que la personne est arrivée, avec sa date de sortie."""

    async def act() -> ArrivalConfirmed:
        require_match(tx, seen, placement_id)
        arrival = commands.ConfirmArrival(placement_id, data.exit_on, data.despite)
        exit_on = await commands.confirm_arrival(tx, actor, arrival, now)
        return ArrivalConfirmed(id=placement_id, exit_on=exit_on)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/departure", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def end_stay(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire que la personne est partie ; les dates à venir se libèrent."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        await commands.end_stay(tx, actor, placement_id, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/cancellation", opt=only(COORDINATION), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def cancel_placement(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Rendre une place promise, avant l'arrivée, pour la coordination."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        await commands.cancel_placement(tx, actor, placement_id, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/contestation", opt=only(MANAGERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def contest_phone_acceptance(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire que l'accord noté par téléphone n'est pas celui de l'établissement, jusqu'à l'arrivée."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        await commands.contest_phone_yes(tx, actor, placement_id, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_placements, show_placement)
WRITES: Final = (refuse_placement, confirm_arrival, end_stay, cancel_placement, contest_phone_acceptance)
