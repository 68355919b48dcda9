"""Referral files: the proof of what was tried, frozen, sent, acknowledged. Every reading is kept in the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.meetings import ReferralResource, ReferralSummary, SaidAtBody
from exchange.api.v1.schemas.values import Created, Done, told_as
from exchange.api.v1.situations import Reference
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.meetings.commands import referrals
from exchange.meetings.queries import referrals as queries
from exchange.situations import queries as situations

TAGS: Final = ["saisine"]
LOOK: Final = "referral_file"


@get("/situations/{reference:str}/referral-files", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_referrals(
    reference: Reference, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[ReferralSummary]:
    """Lister les dossiers de saisine d'une situation, le dernier d'abord."""
    view = await situations.situation_by_reference(reader, actor, reference)
    return [told_as(ReferralSummary, each) for each in await queries.referrals_of(reader, actor, view.id)]


@get("/referral-files/{file_id:uuid}", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_referral(
    file_id: FromPath[UUID], db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> ReferralResource:
    """Montrer un dossier de saisine tel qu'il a été arrêté ; la lecture est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.referral(reader, actor, file_id)
    await commit_look(db, actor, view.line.situation_id, LOOK)
    return ReferralResource(
        id=view.line.id,
        as_of=view.line.as_of,
        content_hash=view.line.content_hash,
        sent_at=view.line.sent_at,
        acknowledged_at=view.line.acknowledged_at,
        document=view.document,
    )


@post("/situations/{reference:str}/referral-files", opt=only(COORDINATION), responses=WRITE_PROBLEMS, tags=TAGS)
async def freeze_referral(
    request: AnyRequest,
    reference: Reference,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Arrêter le dossier de saisine d'une situation de niveau 3 à cet instant."""

    async def act() -> Created:
        view = await situations.situation_by_reference(tx, actor, reference)
        return Created(id=await referrals.freeze_referral(tx, actor, view.id, now))

    return await answer_once(request, key, tx, actor, act, 201)


@post(
    "/referral-files/{file_id:uuid}/sending",
    opt=only(COORDINATION),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def send_referral(
    request: AnyRequest,
    file_id: FromPath[UUID],
    data: JSONBody[SaidAtBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Noter l'envoi du dossier à la MDPH."""

    async def act() -> Done:
        await referrals.send_referral(tx, actor, file_id, data.at or now, now)
        return Done(id=file_id)

    return await answer_once(request, key, tx, actor, act)


@post(
    "/referral-files/{file_id:uuid}/acknowledgement",
    opt=only(COORDINATION),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def acknowledge_referral(
    request: AnyRequest,
    file_id: FromPath[UUID],
    data: JSONBody[SaidAtBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Noter l'accusé de réception de la MDPH, qui permet de clore la situation comme relayée par elle."""

    async def act() -> Done:
        await referrals.acknowledge_referral(tx, actor, file_id, data.at or now, now)
        return Done(id=file_id)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_referrals, show_referral)
WRITES: Final = (freeze_referral, send_referral, acknowledge_referral)
