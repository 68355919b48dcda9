"""Closing drills: « cette maison ferme ce soir », solved on a copy; the chosen lines become real by another call."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATORS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.pagination import USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.drills import (
    AppliedResource,
    ApplyDrillBody,
    AskDrillBody,
    DrillResource,
    DrillResultResource,
    DrillSummaryResource,
    looked_at,
)
from exchange.api.v1.schemas.values import Created, told_as
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database
from exchange.planning.drills import commands, queries

TAGS: Final = ["exercices de fermeture"]


@get("/closing-drills", opt=only(COORDINATORS), responses=READ_PROBLEMS, tags=TAGS)
async def list_drills(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[DrillSummaryResource]:
    """Lister les derniers exercices, le plus récent d'abord."""
    return page_of(await queries.drills(reader, actor), partial(told_as, DrillSummaryResource), limit, offset)


@get("/closing-drills/{drill_id:uuid}", opt=only(COORDINATORS), responses=READ_PROBLEMS, tags=TAGS)
async def show_drill(
    drill_id: FromPath[UUID], db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> DrillResource:
    """Rouvrir un exercice ; la lecture des situations de ses résidents est inscrite au journal des accès."""
    async with db.read(actor.community_id) as reader:
        view = await queries.drill(reader, actor, drill_id)
    for situation_id in looked_at(view):
        await commit_look(db, actor, situation_id, "closing_drill")
    return DrillResource(
        drill=told_as(DrillSummaryResource, view.summary),
        problem_digest=view.problem_digest,
        result=None if view.result is None else told_as(DrillResultResource, view.result),
        applied=view.applied,
    )


@post("/closing-drills", opt=only(COORDINATORS), responses=WRITE_PROBLEMS, tags=TAGS)
async def ask_drill(
    request: AnyRequest,
    data: JSONBody[AskDrillBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Created]:
    """Demander ce que deviendraient les résidents d'une maison qui ferme ; la réponse vient en quelques secondes."""

    async def act() -> Created:
        return Created(id=await commands.ask_drill(tx, actor, data.asked(), now))

    return await answer_once(request, key, tx, actor, act, 201)


@post(
    "/closing-drills/{drill_id:uuid}/application",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def apply_drill(
    request: AnyRequest,
    drill_id: FromPath[UUID],
    data: JSONBody[ApplyDrillBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[AppliedResource]:
    """Faire des lignes choisies de vraies situations, avec leurs propositions ; tous les accords restent à donner."""

    async def act() -> AppliedResource:
        applied = await commands.apply_drill(tx, actor, data.chosen(drill_id), now)
        left_out = {key: why.value for key, why in applied.left_out.items()}
        return AppliedResource(received=dict(applied.received), left_out=left_out)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_drills, show_drill)
WRITES: Final = (ask_drill, apply_drill)
