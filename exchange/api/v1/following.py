"""Completing a situation and following it: one address for each act, one to read them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.looks import commit_look
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas import following as schemas
from exchange.api.v1.schemas.values import Done, told_as
from exchange.api.v1.situations import Reference
from exchange.kernel.actor import Actor
from exchange.kernel.db import Database, now_of
from exchange.placements.commands import amend_situation as amend
from exchange.situations import commands, queries
from exchange.situations.queries import SituationView
from exchange.situations.queries_alerts import outside_hand_overs, outside_services, steps_of
from exchange.situations.queries_following import following_of

TAGS: Final = ["situations"]
WRITING: Final[dict[str, Any]] = {
    "opt": only(COORDINATION),
    "status_code": 200,
    "responses": WRITE_PROBLEMS,
    "tags": TAGS,
}


async def act_once(
    request: AnyRequest,
    key: str | None,
    tx: AsyncSession,
    actor: Actor,
    reference: str,
    act: Callable[[SituationView], Awaitable[object]],
) -> Response[Done]:
    """Act on the situation of a reference, once."""

    async def done() -> Done:
        view = await queries.situation_by_reference(tx, actor, reference)
        await act(view)
        return Done(id=view.id)

    return await answer_once(request, key, tx, actor, done)


@get("/situations/{reference:str}/following", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def show_following(
    reference: Reference, db: NamedDependency[Database], actor: NamedDependency[Actor]
) -> schemas.FollowingResource:
    """Lire le suivi : niveaux, appels, rappels, référents, relais en cascade ; la lecture est inscrite au journal."""
    async with db.read(actor.community_id) as reader:
        view = await queries.situation_by_reference(reader, actor, reference)
        followed = await following_of(reader, view.id, now_of(reader))
        steps = await steps_of(reader, view.id)
        told = await outside_hand_overs(reader, view.id)
    await commit_look(db, actor, view.id, "following")
    return schemas.FollowingResource(
        reference=view.reference,
        referent=followed.referent,
        alert_since=view.alert_since,
        alert_reason=view.alert_reason,
        levels=[told_as(schemas.LevelChangeResource, line) for line in followed.levels],
        statements=[told_as(schemas.StatementResource, line) for line in followed.statements],
        calls=[told_as(schemas.CallResource, line) for line in followed.calls],
        call_backs=[told_as(schemas.CallBackResource, line) for line in followed.call_backs],
        hand_overs=[told_as(schemas.HandOverResource, line) for line in followed.hand_overs],
        steps=[told_as(schemas.StepResource, line) for line in steps],
        told_outside=[told_as(schemas.OutsideHandOverResource, line) for line in told],
    )


@get("/outside-services", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_outside_services(reader: NamedDependency[AsyncSession]) -> list[schemas.OutsideServiceResource]:
    """Lister les services extérieurs de la communauté, dans son ordre."""
    return [
        schemas.OutsideServiceResource(
            code=each.code,
            name=each.name,
            phone=each.phone,
            audiences=sorted(each.audiences),
            opens_at=None if each.opens_at is None else f"{each.opens_at:%H:%M}",
            closes_at=None if each.closes_at is None else f"{each.closes_at:%H:%M}",
        )
        for each in await outside_services(reader)
    ]


@post("/situations/{reference:str}/amendment", **WRITING)
async def amend_situation(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.AmendSituationBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[schemas.AmendedResource]:
    """Compléter ou corriger la demande ; ce qui était proposé sur l'ancienne ne peut plus être retenu."""

    async def act() -> schemas.AmendedResource:
        view = await queries.situation_by_reference(tx, actor, reference)
        changed = await amend(tx, actor, data.asked(view.id), now, release=data.release)
        after = await queries.situation(tx, actor, view.id)
        return schemas.AmendedResource(
            reference=view.reference, changed=sorted(changed), terms_version=after.terms_version
        )

    return await answer_once(request, key, tx, actor, act)


@post("/situations/{reference:str}/urgency-review", **WRITING)
async def review_urgency(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.ReviewUrgencyBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire l'urgence d'aujourd'hui, la même ou une autre."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.review_urgency(tx, actor, data.asked(view.id), now)
    )


@post("/situations/{reference:str}/level", **WRITING)
async def change_level(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.ChangeLevelBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Monter ou descendre d'un niveau, avec un motif."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.change_level(tx, actor, data.asked(view.id), now)
    )


@post("/situations/{reference:str}/no-solution-statements", **WRITING)
async def state_no_solution(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.StateNoSolutionBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire « sans solution à ce jour » ; la situation reste ouverte."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.state_no_solution(tx, actor, data.asked(view.id), now)
    )


@post("/situations/{reference:str}/calls", **WRITING)
async def log_call(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.LogCallBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Noter un appel reçu ou passé."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.log_call(tx, actor, data.asked(view.id), now)
    )


@post("/situations/{reference:str}/call-backs", **WRITING)
async def plan_call_back(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.PlanCallBackBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Prévoir un rappel ; `id` est celui du rappel."""

    async def act() -> Done:
        view = await queries.situation_by_reference(tx, actor, reference)
        return Done(id=await commands.plan_call_back(tx, actor, data.asked(view.id), now))

    return await answer_once(request, key, tx, actor, act)


@post("/situations/{reference:str}/identification", **WRITING)
async def identify_caller(
    request: AnyRequest,
    reference: Reference,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Dire que la personne qui a appelé sans se nommer est connue ; rien de son identité n'est gardé."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.identify_caller(tx, actor, view.id, now)
    )


READS: Final = (show_following, list_outside_services)
WRITES: Final = (
    amend_situation,
    review_urgency,
    change_level,
    state_no_solution,
    log_call,
    plan_call_back,
    identify_caller,
)
