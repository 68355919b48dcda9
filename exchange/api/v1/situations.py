"""Entering a person's need, reading it, holding an answer, closing it. Every reading is kept in the access journal."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.placements import (
    AnswerResource,
    AnswersResource,
)
from exchange.api.v1.schemas.situations import (
    CloseSituationBody,
    HeldResource,
    HoldAnswerBody,
    ReceiveSituationBody,
    SituationReceivedResource,
    SituationResource,
    SituationSummary,
)
from exchange.api.v1.schemas.unmet import UnmetBlockResource
from exchange.api.v1.schemas.values import Done, told_as
from exchange.api.versions import IfMatch, require_match, with_etag
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.meetings.queries.referrals import with_acknowledgement
from exchange.organisations import queries as organisations
from exchange.placements import commands as placements
from exchange.placements import queries as placement_queries
from exchange.planning.unmet import unmet_of_situation
from exchange.situations import commands, queries

TAGS: Final = ["situations"]

Reference = Annotated[str, PathParameter(description="Référence dictée, par exemple S-7K4Q-93", max_length=40)]


@get("/situations", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_situations(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[SituationSummary]:
    """Lister les situations ouvertes, la plus urgente d'abord, sans rien dire des besoins."""
    return page_of(await queries.situations(reader, actor), partial(told_as, SituationSummary), limit, offset)


@get("/situations/{reference:str}", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_situation(
    reference: Reference, db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> Response[SituationResource]:
    """Ouvrir une situation ; la lecture est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.situation_by_reference(reader, actor, reference)
    await commit_look(db, actor, view.id, "read")
    return with_etag(told_as(SituationResource, view), view)


@get("/situations/{reference:str}/answers", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_answers(
    reference: Reference, db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> AnswersResource:
    """Montrer les réponses proposées, la meilleure d'abord, avec leurs raisons, et ce qui reste sans réponse."""
    async with db.read(actor.community_id) as reader:
        view = await queries.situation_by_reference(reader, actor, reference)
        answers = await placement_queries.answers_of(reader, actor, view.id)
        unmet = await unmet_of_situation(reader, actor, view.id)
    await commit_look(db, actor, view.id, "answers")
    return AnswersResource(
        reference=view.reference,
        answers=[told_as(AnswerResource, each) for each in answers],
        unmet=UnmetBlockResource.of(unmet),
        searched_at=unmet.searched_at if unmet else None,
    )


@post("/situations", opt=only(COORDINATION), responses=WRITE_PROBLEMS, tags=TAGS)
async def receive_situation(
    request: AnyRequest,
    data: JSONBody[ReceiveSituationBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[SituationReceivedResource]:
    """Saisir une situation, sans rien qui identifie la personne ; une situation semblable est signalée (409)."""

    async def act() -> SituationReceivedResource:
        asked = data.asked(now, await organisations.zone(tx))
        return told_as(SituationReceivedResource, await commands.receive_unless_duplicate(tx, actor, asked, now))

    return await answer_once(request, key, tx, actor, act, 201)


@post("/situations/{reference:str}/hold", opt=only(COORDINATION), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def hold_answer(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[HoldAnswerBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[HeldResource]:
    """Réserver toutes les places d'une réponse, ou aucune."""

    async def act() -> HeldResource:
        view = await queries.situation_by_reference(tx, actor, reference)
        require_match(tx, seen, view.id)
        held_until = await placements.hold_answer(tx, actor, placements.HoldAnswer(view.id, data.rank), now)
        return HeldResource(reference=view.reference, rank=data.rank, held_until=held_until)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/situations/{reference:str}/closing", opt=only(COORDINATION), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS
)
async def close_situation(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[CloseSituationBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Clore une situation, avec son issue."""

    async def act() -> Done:
        view = await queries.situation_by_reference(tx, actor, reference)
        kept_id = await _kept(tx, actor, data)
        require_match(tx, seen, view.id)
        closing = await with_acknowledgement(tx, actor, data.asked(view.id, kept_id))
        await commands.close_situation(tx, actor, closing, now)
        return Done(id=view.id)

    return await answer_once(request, key, tx, actor, act)


async def _kept(tx: AsyncSession, actor: Actor, data: CloseSituationBody) -> UUID | None:
    if data.duplicate_of is None:
        return None
    try:
        return (await queries.situation_by_reference(tx, actor, data.duplicate_of)).id
    except NotFound:
        raise InvalidValue(field="duplicate_of", rule="unknown-situation") from None


READS: Final = (list_situations, show_situation, show_answers)
WRITES: Final = (receive_situation, hold_answer, close_situation)
