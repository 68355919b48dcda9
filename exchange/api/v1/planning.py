"""How proposals are computed: lanes, runs, and the two files that replay each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, COORDINATORS, MANAGERS, only
from exchange.api.idempotency import IdempotencyKey, answer_once
from exchange.api.pagination import MOST_LINES, USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, AnyRequest, documented
from exchange.api.v1.schemas.unmet import OwnWayResource
from exchange.api.v1.schemas.values import Done, Resource, told_as
from exchange.kernel.actor import Actor
from exchange.planning import commands, progress, queries
from exchange.planning.progress import Progress
from exchange.planning.unmet import own_ways

TAGS: Final = ["calculs"]
FILE_PROBLEMS: Final = {**READ_PROBLEMS, **documented(409)}


class MatchRunResource(Resource):
    """`status`: how far the plan was proven; `digest` names the problem solved; `failed_with` is a code."""

    id: UUID
    lane: str
    state: str
    started_at: datetime
    snapshot_at: datetime | None
    recorded_at: datetime | None
    status: str | None
    digest: str | None
    failed_with: str | None


class MatchLaneResource(Resource):
    """`since`: when the state began; `recorded_at`: when proposals were last found; `failed_with` is a code."""

    lane: str
    state: Progress
    since: datetime | None
    run_id: UUID | None
    recorded_at: datetime | None
    failures: int
    next_try_at: datetime | None
    failed_with: str | None


@get("/match-runs", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_match_runs(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    limit: Limit = USUAL_LINES,
    offset: Offset = 0,
) -> Page[MatchRunResource]:
    """Lister les derniers calculs, au plus 200."""
    runs = await queries.match_runs(reader, actor, limit=MOST_LINES)
    return page_of(runs, partial(told_as, MatchRunResource), limit, offset)


@get("/match-runs/{run_id:uuid}/problem", opt=only(COORDINATION), responses=FILE_PROBLEMS, tags=TAGS)
async def show_problem(
    run_id: FromPath[UUID], reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> Mapping[str, object]:
    """Donner le fichier du problème, à rejouer avec `entraide match`."""
    return await queries.problem_of(reader, actor, run_id)


@get("/match-runs/{run_id:uuid}/plan", opt=only(COORDINATION), responses=FILE_PROBLEMS, tags=TAGS)
async def show_plan(
    run_id: FromPath[UUID], reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> Mapping[str, object]:
    """Donner le fichier du plan trouvé, à contrôler avec `entraide check`."""
    return await queries.plan_of(reader, actor, run_id)


@get("/match-lanes", opt=only(COORDINATION), responses=READ_PROBLEMS, tags=TAGS)
async def list_match_lanes(
    reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]
) -> list[MatchLaneResource]:
    """Dire où en est la recherche : la voie rapide, puis la voie complète."""
    return [told_as(MatchLaneResource, lane) for lane in await progress.lanes(reader, actor)]


@get("/own-ways", opt=only(MANAGERS), responses=READ_PROBLEMS, tags=TAGS)
async def list_own_ways(reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]) -> list[OwnWayResource]:
    """Dire ce que ses propres places ou professionnels pourraient couvrir de ce qui reste sans réponse."""
    return OwnWayResource.listed(await own_ways(reader, actor))


@post(
    "/match-runs/{run_id:uuid}/cancellation",
    opt=only(COORDINATORS),
    status_code=200,
    responses=WRITE_PROBLEMS,
    tags=TAGS,
)
async def cancel_run(
    request: AnyRequest,
    run_id: FromPath[UUID],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[Done]:
    """Arrêter un calcul en cours ; il sera redemandé cinq minutes plus tard."""

    async def act() -> Done:
        await commands.cancel_run(tx, actor, run_id, now)
        return Done(id=run_id)

    return await answer_once(request, key, tx, actor, act)


@post("/match-lanes/{lane:str}/retry", opt=only(COORDINATORS), status_code=200, responses=WRITE_PROBLEMS, tags=TAGS)
async def ask_lane_again(
    request: AnyRequest,
    lane: FromPath[str],
    tx: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    key: IdempotencyKey = None,
) -> Response[MatchLaneResource]:
    """Relancer une recherche qui s'est arrêtée ; l'essai part cinq minutes au plus après le dernier échec."""

    async def act() -> MatchLaneResource:
        await commands.ask_again(tx, actor, lane, now)
        (asked,) = [each for each in await progress.lanes(tx, actor) if each.lane == lane]
        return told_as(MatchLaneResource, asked)

    return await answer_once(request, key, tx, actor, act)


READS: Final = (list_match_runs, list_match_lanes, list_own_ways, show_problem, show_plan)
WRITES: Final = (cancel_run, ask_lane_again)
