"""Reading match runs: what was solved, when, how far it was proven, and the files that replay it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.planning.errors import RunWithoutPlan
from exchange.planning.models import MatchRun
from exchange.planning.policies import require_reading_runs

MOST_RUNS = 200


@dataclass(frozen=True, slots=True)
class MatchRunView:
    """One run. `status` is the proof reached: `proven`, `within_gap` or `fallback`; `failed_with` a code."""

    id: UUID
    lane: str
    state: str
    started_at: datetime
    snapshot_at: datetime | None
    recorded_at: datetime | None
    status: str | None
    digest: str | None
    failed_with: str | None


async def match_runs(reader: AsyncSession, actor: Actor, *, limit: int = 50) -> tuple[MatchRunView, ...]:
    """Return the community's last runs, latest first. Raises `ActForbidden`."""
    require_reading_runs(actor)
    rows = await reader.execute(
        select(
            MatchRun.id,
            MatchRun.lane,
            MatchRun.state,
            MatchRun.started_at,
            MatchRun.snapshot_at,
            MatchRun.recorded_at,
            MatchRun.status,
            MatchRun.digest,
            MatchRun.failed_with,
        )
        .where(MatchRun.community_id == actor.community_id)
        .order_by(MatchRun.started_at.desc(), MatchRun.id.desc())
        .limit(min(limit, MOST_RUNS))
    )
    return tuple(MatchRunView(*row) for row in rows)


async def problem_of(reader: AsyncSession, actor: Actor, run_id: UUID) -> Mapping[str, object]:
    """Return the `entraide-problem/1` document of a run, also of one that failed while solving it.

    Raises `ActForbidden`, `NotFound`, `RunWithoutPlan`.
    """
    return await _document(reader, actor, run_id, MatchRun.problem)


async def plan_of(reader: AsyncSession, actor: Actor, run_id: UUID) -> Mapping[str, object]:
    """Return the `entraide-plan/1` document of a run. Raises `ActForbidden`, `NotFound`, `RunWithoutPlan`."""
    return await _document(reader, actor, run_id, MatchRun.plan)


async def _document(
    reader: AsyncSession, actor: Actor, run_id: UUID, file: InstrumentedAttribute[dict[str, object] | None]
) -> Mapping[str, object]:
    require_reading_runs(actor)
    row = (
        await reader.execute(select(file).where(MatchRun.id == run_id, MatchRun.community_id == actor.community_id))
    ).one_or_none()
    if row is None:
        raise NotFound
    document = row[0]
    if document is None:
        raise RunWithoutPlan
    return document
