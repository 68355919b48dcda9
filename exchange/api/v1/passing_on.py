"""Passing a situation on: to another referent, to an outside service by voice; and searching again once closed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.idempotency import IdempotencyKey
from exchange.api.problems import AnyRequest
from exchange.api.v1.following import WRITING, act_once
from exchange.api.v1.schemas import following as schemas
from exchange.api.v1.schemas.values import Done
from exchange.api.v1.situations import Reference
from exchange.kernel.actor import Actor
from exchange.situations import commands


@post("/situations/{reference:str}/referent", **WRITING)
async def hand_over(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.HandOverBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Proposer le relais à un autre référent ; le nommer sans attendre si le référent n'est plus en poste."""
    pass_on = commands.impose_hand_over if data.impose else commands.offer_hand_over
    return await act_once(request, key, tx, actor, reference, lambda view: pass_on(tx, actor, data.asked(view.id), now))


@post("/situations/{reference:str}/referent-answer", **WRITING)
async def answer_hand_over(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.AnswerHandOverBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Prendre le relais proposé, ou dire qu'on ne peut pas."""
    answer = commands.accept_hand_over if data.accepts else commands.decline_hand_over
    return await act_once(request, key, tx, actor, reference, lambda view: answer(tx, actor, view.id, now))


@post("/situations/{reference:str}/outside-hand-over", **WRITING)
async def tell_outside(
    request: AnyRequest,
    reference: Reference,
    data: JSONBody[schemas.TellOutsideBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Noter qu'un service extérieur a pris le relais, de vive voix."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.tell_outside(tx, actor, data.asked(view.id), now)
    )


@post("/situations/{reference:str}/reopening", **WRITING)
async def reopen_situation(
    request: AnyRequest,
    reference: Reference,
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Rouvrir une situation close : la recherche reprend."""
    return await act_once(
        request, key, tx, actor, reference, lambda view: commands.reopen_situation(tx, actor, view.id, now)
    )


WRITES: Final = (hand_over, answer_hand_over, tell_outside, reopen_situation)
