"""What surrounds a stay: the conditions of its arrival, the plan of its exit, its prolongation."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import MEMBERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.problems import WRITE_PROBLEMS, AnyRequest
from exchange.api.v1.schemas.placements import ChangeLightBody, PlanExitBody, ProlongStayBody
from exchange.api.v1.schemas.values import Done
from exchange.api.versions import IfMatch, require_match
from exchange.kernel.actor import Actor, Via
from exchange.placements import commands

TAGS: Final = ["accueils"]
ONE: Final = "/placements/{placement_id:uuid}"


@post(ONE + "/conditions", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def change_admission_condition(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[ChangeLightBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire qu'une condition de l'arrivée est faite, ou qu'elle ne l'est pas."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        change = commands.ChangeLight(placement_id, data.condition, data.is_done, Via(data.channel))
        await commands.change_light(tx, actor, change, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/exit-plan", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def plan_exit(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[PlanExitBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Dire la date, la solution et le référent de la sortie."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        plan = commands.PlanExit(placement_id, data.exit_on, data.solution, data.referent_account_id)
        await commands.plan_exit(tx, actor, plan, now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


@post(ONE + "/prolongation", opt=only(MEMBERS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def prolong_stay(
    request: AnyRequest,
    placement_id: FromPath[UUID],
    data: JSONBody[ProlongStayBody],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
    seen: IfMatch = None,
) -> Response[Done]:
    """Prolonger un séjour, avec les accords demandés de nouveau."""

    async def act() -> Done:
        require_match(tx, seen, placement_id)
        await commands.prolong_stay(tx, actor, data.asked(placement_id), now)
        return Done(id=placement_id)

    return await answer_once(request, key, tx, actor, act)


WRITES: Final = (change_admission_condition, plan_exit, prolong_stay)
