"""Reading project records: whole for the coordination, without references or small counts for an authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.small_cells import suppressed
from exchange.meetings.gaps import repeated_gaps
from exchange.meetings.load_gaps import gaps_since
from exchange.meetings.models import ProjectRecord, ProjectRecordSituation
from exchange.meetings.policies import visible_records
from exchange.meetings.rules import RecordState
from exchange.organisations import queries as organisations
from exchange.organisations.models import LivingArea
from exchange.situations.models import Situation


@dataclass(frozen=True, slots=True)
class LinkedSituation:
    """A situation of a record, for the coordination."""

    id: UUID
    reference: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RecordView:
    """One project record. `situations`: how many, or nothing where the count is too small to be told.

    `linked` is empty for whoever does not coordinate: a reference never leaves the community.
    """

    id: UUID
    living_area_id: UUID | None
    living_area: str | None
    populations: tuple[str, ...]
    care_mode: str
    age_range: str
    missing: str | None
    since: date
    situations: int | None
    state: RecordState
    created_at: datetime
    shared_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    closed_at: datetime | None
    linked: tuple[LinkedSituation, ...]
    version: int


@dataclass(frozen=True, slots=True)
class RepeatedGapView:
    """A gap that repeats and that no open record speaks of yet. `situation_ids` and `references`: the oldest first."""

    living_area_id: UUID | None
    living_area: str | None
    populations: tuple[str, ...]
    care_mode: str
    age_range: str
    since: datetime
    situation_ids: tuple[UUID, ...]
    references: tuple[str, ...]
    still_open: int


async def records(reader: AsyncSession, actor: Actor) -> tuple[RecordView, ...]:
    """Return the project records that the actor may read, the newest first."""
    return await _views(reader, actor, true())


async def project_record(reader: AsyncSession, actor: Actor, record_id: UUID) -> RecordView:
    """Return one project record. Raises `NotFound`."""
    views = await _views(reader, actor, ProjectRecord.id == record_id)
    if not views:
        raise NotFound
    return views[0]


async def proposed_records(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[RepeatedGapView, ...]:
    """Return the gaps that repeat, without those of an open record; none to whoever does not coordinate."""
    if not actor.coordinates:
        return ()
    clocks = await organisations.parameters(reader)
    within = timedelta(days=clocks.repeated_gap_days)
    gaps = await gaps_since(reader, now, within)
    found = repeated_gaps(gaps, now, least=clocks.repeated_gap_situations, within=within)
    told = {
        (row.living_area_id, frozenset(row.populations), row.care_mode, row.age_range)
        for row in await reader.scalars(select(ProjectRecord).where(ProjectRecord.state != RecordState.CLOSED.value))
    }
    areas = {area.id: area.name for area in await organisations.living_areas(reader)}
    ids = {each for one in found for each in one.situation_ids}
    rows = await reader.execute(select(Situation.id, Situation.reference).where(Situation.id.in_(ids)))
    named = {row.id: row.reference for row in rows}
    return tuple(
        RepeatedGapView(
            living_area_id=one.kind.living_area_id,
            living_area=None if one.kind.living_area_id is None else areas[one.kind.living_area_id],
            populations=tuple(sorted(code.value for code in one.kind.publics)),
            care_mode=one.kind.care_mode.value,
            age_range=one.kind.age_range.value,
            since=one.since,
            situation_ids=one.situation_ids,
            references=tuple(named[each] for each in one.situation_ids),
            still_open=one.still_open,
        )
        for one in found
        if (one.kind.living_area_id, one.kind.publics, one.kind.care_mode, one.kind.age_range) not in told
    )


async def _views(reader: AsyncSession, actor: Actor, where: ColumnElement[bool]) -> tuple[RecordView, ...]:
    rows = (
        await reader.execute(
            select(ProjectRecord, LivingArea.name)
            .join(LivingArea, LivingArea.id == ProjectRecord.living_area_id, isouter=True)
            .where(visible_records(actor), where)
            .order_by(ProjectRecord.created_at.desc(), ProjectRecord.id)
        )
    ).all()
    linked = await _linked(reader, [found.id for found, _ in rows])
    return tuple(_view(found, area, linked[found.id], outside=not actor.coordinates) for found, area in rows)


async def _linked(reader: AsyncSession, record_ids: list[UUID]) -> dict[UUID, tuple[LinkedSituation, ...]]:
    rows = await reader.execute(
        select(ProjectRecordSituation.record_id, Situation)
        .join(Situation, Situation.id == ProjectRecordSituation.situation_id)
        .where(ProjectRecordSituation.record_id.in_(record_ids))
        .order_by(Situation.created_at, Situation.id)
    )
    found: dict[UUID, tuple[LinkedSituation, ...]] = dict.fromkeys(record_ids, ())
    for record_id, each in rows:
        found[record_id] += (LinkedSituation(each.id, each.reference, each.state, each.created_at),)
    return found


def _view(found: ProjectRecord, area: str | None, linked: tuple[LinkedSituation, ...], *, outside: bool) -> RecordView:
    return RecordView(
        id=found.id,
        living_area_id=found.living_area_id,
        living_area=area,
        populations=tuple(found.populations),
        care_mode=found.care_mode,
        age_range=found.age_range,
        missing=found.missing,
        since=found.since,
        situations=suppressed(len(linked)) if outside else len(linked),
        state=RecordState(found.state),
        created_at=found.created_at,
        shared_at=found.shared_at,
        answered_at=found.answered_at,
        answer=found.answer,
        closed_at=found.closed_at,
        linked=() if outside else linked,
        version=found.version,
    )
