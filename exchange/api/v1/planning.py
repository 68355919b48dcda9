"""How proposals were computed: runs, and the two files that replay each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import COORDINATION, only
from exchange.api.pagination import MOST_LINES, USUAL_LINES, Limit, Offset, Page, page_of
from exchange.api.problems import READ_PROBLEMS, documented
from exchange.api.v1.schemas.values import Resource, told_as
from exchange.kernel.actor import Actor
from exchange.planning import queries

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


READS: Final = (list_match_runs, show_problem, show_plan)
