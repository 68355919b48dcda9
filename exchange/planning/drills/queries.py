"""Reading drills: the list, and one with what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import current_segment
from exchange.organisations import queries as organisations
from exchange.planning.drills.commands import require_drilling
from exchange.planning.drills.models import ClosingDrill, result_in
from exchange.planning.drills.told import Result


@dataclass(frozen=True, slots=True)
class DrillSummary:
    """`is_over`: the first night or day is past, so that nothing of it can be applied."""

    id: UUID
    facility_id: UUID
    facility: str
    is_whole_house: bool
    first_segment: int
    last_segment: int
    state: str
    asked_at: datetime
    solved_at: datetime | None
    failed_with: str | None
    is_over: bool
    residents: int | None
    unmet: int | None


@dataclass(frozen=True, slots=True)
class DrillView:
    """A drill opened. `applied`: references of the situations received, by resident."""

    summary: DrillSummary
    problem_digest: str | None
    result: Result | None
    applied: dict[int, str]


async def drills(reader: AsyncSession, actor: Actor, *, limit: int = 50) -> tuple[DrillSummary, ...]:
    """Return the latest drills, the last asked first. Raises `ActForbidden`."""
    require_drilling(actor)
    rows = await reader.scalars(
        select(ClosingDrill).order_by(ClosingDrill.asked_at.desc(), ClosingDrill.id.desc()).limit(limit)
    )
    names = {site.id: site.name for site in await organisations.facilities(reader)}
    current = current_segment(now_of(reader), await organisations.zone(reader))
    return tuple(_summary(row, names, current) for row in rows)


async def drill(reader: AsyncSession, actor: Actor, drill_id: UUID) -> DrillView:
    """Return one drill with what it found. Raises `ActForbidden`, `NotFound`."""
    require_drilling(actor)
    row = (
        await reader.execute(
            select(ClosingDrill).where(ClosingDrill.id == drill_id, ClosingDrill.community_id == actor.community_id)
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    names = {site.id: site.name for site in await organisations.facilities(reader)}
    current = current_segment(now_of(reader), await organisations.zone(reader))
    applied = {int(key): reference for key, reference in row.applied.items()}
    return DrillView(_summary(row, names, current), row.problem_digest, result_in(row), applied)


def _summary(row: ClosingDrill, names: dict[UUID, str], current: int) -> DrillSummary:
    result = result_in(row)
    return DrillSummary(
        id=row.id,
        facility_id=row.facility_id,
        facility=names.get(row.facility_id, ""),
        is_whole_house=not row.offer_ids,
        first_segment=row.first_segment,
        last_segment=row.last_segment,
        state=row.state,
        asked_at=row.asked_at,
        solved_at=row.solved_at,
        failed_with=row.failed_with,
        is_over=row.first_segment < current,
        residents=None if result is None else len(result.residents),
        unmet=None if result is None else len({one.key for one in result.unmet}),
    )
