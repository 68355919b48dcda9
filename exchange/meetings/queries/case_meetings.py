"""Reading case meetings: for the coordination alone, every count in clear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.meetings.documents import thaw
from exchange.meetings.models import CaseMeeting, CaseMeetingItem
from exchange.meetings.queries.tasks import TaskView, tasks_of_meeting
from exchange.meetings.rules import MeetingState
from exchange.meetings.tried import AsHeld, Tried, tried_for
from exchange.organisations import queries as organisations
from exchange.organisations.models import LivingArea
from exchange.situations.models import Situation


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting of the list."""

    id: UUID
    held_at: datetime
    place: str | None
    state: MeetingState
    situations: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """One situation of the agenda: why, what was tried, what was decided, who does what by when."""

    situation_id: UUID
    reference: str
    urgency: int
    level: int
    age_band: str
    care_mode: str
    living_area: str | None
    waits_since: datetime
    reasons: tuple[str, ...]
    tried: Tried
    decisions: tuple[str, ...]
    decision_note: str | None
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting with its agenda. `facilities`: whose direction was there, by the facility's name."""

    id: UUID
    held_at: datetime
    place: str | None
    bodies: tuple[str, ...]
    facilities: tuple[str, ...]
    state: MeetingState
    closed_at: datetime | None
    items: tuple[ItemView, ...]
    other_tasks: tuple[TaskView, ...]
    version: int


async def meetings(reader: AsyncSession, actor: Actor) -> tuple[MeetingLine, ...]:
    """Return the case meetings, the latest first; none to whoever does not coordinate."""
    if not actor.coordinates:
        return ()
    rows = await reader.execute(
        select(CaseMeeting, func.count(CaseMeetingItem.id))
        .join(CaseMeetingItem, CaseMeetingItem.meeting_id == CaseMeeting.id, isouter=True)
        .group_by(CaseMeeting.id)
        .order_by(CaseMeeting.held_at.desc(), CaseMeeting.id)
    )
    return tuple(
        MeetingLine(found.id, found.held_at, found.place, MeetingState(found.state), count) for found, count in rows
    )


async def meeting(reader: AsyncSession, actor: Actor, meeting_id: UUID, now: datetime) -> MeetingView:
    """Return one meeting; once it was held, what had been tried is told as it was then. Raises `NotFound`."""
    found = await reader.scalar(select(CaseMeeting).where(CaseMeeting.id == meeting_id)) if actor.coordinates else None
    if found is None:
        raise NotFound
    sites = {site.id: site.name for site in await organisations.facilities(reader)}
    tasks = await tasks_of_meeting(reader, actor, meeting_id, now)
    items = await _items(reader, meeting_id, tasks)
    on_agenda = {item.situation_id for item in items}
    return MeetingView(
        id=found.id,
        held_at=found.held_at,
        place=found.place,
        bodies=tuple(found.bodies),
        facilities=tuple(sites[site_id] for site_id in found.facility_ids if site_id in sites),
        state=MeetingState(found.state),
        closed_at=found.closed_at,
        items=items,
        other_tasks=tuple(task for task in tasks if task.situation_id not in on_agenda),
        version=found.version,
    )


async def _items(reader: AsyncSession, meeting_id: UUID, tasks: Iterable[TaskView]) -> tuple[ItemView, ...]:
    rows = (
        await reader.execute(
            select(CaseMeetingItem, Situation, LivingArea.name)
            .join(Situation, Situation.id == CaseMeetingItem.situation_id)
            .join(LivingArea, LivingArea.id == Situation.living_area_id, isouter=True)
            .where(CaseMeetingItem.meeting_id == meeting_id)
            .order_by(CaseMeetingItem.position, CaseMeetingItem.id)
        )
    ).all()
    live = await tried_for(reader, (item.situation_id for item, _, _ in rows if item.as_held is None))
    given = tuple(tasks)
    return tuple(
        _view(
            item,
            situation,
            area,
            AsHeld(situation.urgency, situation.level, live[situation.id])
            if item.as_held is None
            else thaw(item.as_held, AsHeld),
            tuple(task for task in given if task.situation_id == situation.id),
        )
        for item, situation, area in rows
    )


def _view(
    item: CaseMeetingItem, situation: Situation, area: str | None, told: AsHeld, tasks: tuple[TaskView, ...]
) -> ItemView:
    return ItemView(
        situation_id=situation.id,
        reference=situation.reference,
        urgency=told.urgency,
        level=told.level,
        age_band=situation.age_band,
        care_mode=situation.care_mode,
        living_area=area,
        waits_since=situation.created_at,
        reasons=tuple(item.reasons),
        tried=told.tried,
        decisions=tuple(item.decisions),
        decision_note=item.decision_note,
        tasks=tasks,
    )
