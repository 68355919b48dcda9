"""What the last run could not serve, what stands in the way, in counts, and what would suffice, in discreet words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.matching.json_values import Node
from exchange.matching.way_files import way_from_json
from exchange.matching.ways import Way
from exchange.planning.lanes import Lane, pace_of
from exchange.planning.models import MatchRun
from exchange.planning.sufficient import OwnWay, Teller, WayView


@dataclass(frozen=True, slots=True)
class Obstacle:
    """How many candidates (offers of a block, volunteers of a shift) are held back first by the reason `code`."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A block, or a shift, that the run left short: `missing` counts its segments, or its seats.

    `ways`, cheapest first: each would suffice, every other line of the plan staying; none where none was worked out.
    """

    id: UUID
    missing: int
    obstacles: tuple[Obstacle, ...]
    ways: tuple[WayView, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmet:
    """What one run left short of a situation or of a need, and when it was recorded.

    `tells_ways`: its lane works them out; otherwise a full run follows in a moment and does.
    """

    searched_at: datetime
    shortfalls: tuple[Shortfall, ...]
    tells_ways: bool


class _Line(msgspec.Struct):
    """One entry of `unmet` in an `entraide-plan/1` document."""

    missing: int
    reasons: list[Obstacle]
    block: UUID | None = None
    shift: UUID | None = None
    relaxations: list[dict[str, object]] = []

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(way_from_json(Node(way, "relaxations")) for way in self.relaxations)


class _Left(NamedTuple):
    """Some of what a run left short, when it was recorded, by which lane, and the first date of its horizon."""

    searched_at: datetime
    lane: Lane
    monday: date | None
    lines: list[_Line]


async def unmet_of_situation(reader: AsyncSession, actor: Actor, situation_id: UUID) -> Unmet | None:
    """Return the blocks of a situation that the last run left without an offer; nothing where it left none, or to
    whoever does not coordinate."""
    if not actor.coordinates:
        return None
    return await _unmet(reader, actor, "situation", situation_id)


async def unmet_of_need(reader: AsyncSession, actor: Actor, need_id: UUID, facility_id: UUID) -> Unmet | None:
    """Return the shifts of a need that the last run left short of people; nothing where it left none, or to whoever
    neither coordinates nor speaks for the facility that asks: the counts tell of other associations' staff."""
    if not (actor.coordinates or actor.speaks_for(facility_id)):
        return None
    return await _unmet(reader, actor, "need", need_id)


async def own_ways(reader: AsyncSession, actor: Actor) -> tuple[OwnWay, ...]:
    """Return what the houses for which the actor speaks, and their people, could do alone for what the last run left
    short; nothing for whoever speaks for none."""
    if not actor.facility_ids:
        return ()
    left = await _left(reader, literal_column("'$.unmet[*] ? (exists(@.relaxations[*]))'::jsonpath"), {})
    if left is None or left.monday is None:
        return ()
    teller = await Teller.of(reader, actor, left.monday, (way for line in left.lines for way in line.ways))
    return tuple(dict.fromkeys(way for line in left.lines for way in teller.own(line.ways)))


async def _unmet(reader: AsyncSession, actor: Actor, kind: str, subject_id: UUID) -> Unmet | None:
    path: ColumnElement[str] = literal_column(f"'$.unmet[*] ? (@.{kind} == $id)'::jsonpath")
    left = await _left(reader, path, {"id": str(subject_id)})
    if left is None or not left.lines:
        return None
    ways = [line.ways if left.monday is not None else () for line in left.lines]
    teller = await Teller.of(reader, actor, left.monday or date.min, (way for each in ways for way in each))
    shortfalls = tuple(
        Shortfall(subject, line.missing, tuple(line.reasons), teller.told(each, people=kind == "need"))
        for line, each in zip(left.lines, ways, strict=True)
        if (subject := line.block or line.shift) is not None
    )
    return Unmet(left.searched_at, shortfalls, tells_ways=pace_of(left.lane).items_with_ways > 0)


async def _left(reader: AsyncSession, path: ColumnElement[str], given: Mapping[str, str]) -> _Left | None:
    """What the last recorded run says at this path of its plan; nothing before the first one."""
    found = func.jsonb_path_query_array(
        MatchRun.plan, path, func.jsonb_build_object(*(part for pair in given.items() for part in pair))
    )
    row = (
        await reader.execute(
            select(MatchRun.recorded_at, MatchRun.lane, MatchRun.problem["horizon_start"].astext, found)
            .where(MatchRun.state == "recorded")
            .order_by(MatchRun.recorded_at.desc(), MatchRun.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None or row[0] is None:
        return None
    monday = None if row[2] is None else date.fromisoformat(row[2])
    return _Left(row[0], Lane(row[1]), monday, msgspec.convert(row[3] or [], list[_Line]))
