"""What the last run could not serve, and what stands in the way: counts per block or per shift, never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.planning.models import MatchRun


@dataclass(frozen=True, slots=True)
class Obstacle:
    """How many candidates (offers of a block, volunteers of a shift) are held back first by the reason `code`."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A block, or a shift, that the run left short: `missing` counts its segments, or its seats."""

    id: UUID
    missing: int
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Unmet:
    """What one run left short of a situation or of a need, and when it was recorded."""

    searched_at: datetime
    shortfalls: tuple[Shortfall, ...]


class _Line(msgspec.Struct):
    """One entry of `unmet` in an `entraide-plan/1` document."""

    missing: int
    reasons: list[Obstacle]
    block: UUID | None = None
    shift: UUID | None = None


async def unmet_of_situation(reader: AsyncSession, actor: Actor, situation_id: UUID) -> Unmet | None:
    """Return the blocks of a situation that the last run left without an offer; nothing where it left none, or to
    whoever does not coordinate."""
    if not actor.coordinates:
        return None
    return await _unmet(reader, "situation", situation_id)


async def unmet_of_need(reader: AsyncSession, actor: Actor, need_id: UUID, facility_id: UUID) -> Unmet | None:
    """Return the shifts of a need that the last run left short of people; nothing where it left none, or to whoever
    neither coordinates nor speaks for the facility that asks: the counts tell of other associations' staff."""
    if not (actor.coordinates or actor.speaks_for(facility_id)):
        return None
    return await _unmet(reader, "need", need_id)


async def _unmet(reader: AsyncSession, kind: str, subject_id: UUID) -> Unmet | None:
    path: ColumnElement[str] = literal_column(f"'$.unmet[*] ? (@.{kind} == $id)'::jsonpath")
    found = func.jsonb_path_query_array(MatchRun.plan, path, func.jsonb_build_object("id", str(subject_id)))
    row = (
        await reader.execute(
            select(MatchRun.recorded_at, found)
            .where(MatchRun.state == "recorded")
            .order_by(MatchRun.recorded_at.desc(), MatchRun.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None or row[0] is None or not row[1]:
        return None
    lines = msgspec.convert(row[1], list[_Line])
    shortfalls = tuple(
        Shortfall(subject, line.missing, tuple(line.reasons))
        for line in lines
        if (subject := line.block or line.shift) is not None
    )
    return Unmet(row[0], shortfalls)
