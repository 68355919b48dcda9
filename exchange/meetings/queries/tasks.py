"""Reading tasks, the nearest date first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exchange.identity.models import Account
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.meetings import policies
from exchange.meetings.models import Task
from exchange.meetings.rules import TaskState, is_overdue
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.situations.models import Situation


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task. `assignee`: the name of the account or of the facility; a body is told by its code alone.

    `living_area_id`: of the situation or the facility that it is about; none for the community.
    """

    id: UUID
    action: str
    note: str | None
    assignee_account_id: UUID | None
    assignee_facility_id: UUID | None
    assignee_body: str | None
    assignee: str | None
    situation_id: UUID | None
    reference: str | None
    facility_id: UUID | None
    facility: str | None
    living_area_id: UUID | None
    meeting_id: UUID | None
    weekly_sheet_id: UUID | None
    due_on: date
    state: TaskState
    is_overdue: bool
    drop_reason: str | None
    created_at: datetime
    settled_at: datetime | None


async def tasks(
    reader: AsyncSession, actor: Actor, now: datetime, *, with_settled: bool = False
) -> tuple[TaskView, ...]:
    """Return the tasks that the actor may see, the nearest date first."""
    return await _views(reader, actor, now, true() if with_settled else _OPEN)


async def own_tasks(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[TaskView, ...]:
    """Return the open tasks of the actor and of the facilities for which they speak."""
    return await _views(reader, actor, now, and_(_OPEN, policies.own_tasks(actor)))


async def overdue_tasks(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[TaskView, ...]:
    """Return the open tasks whose date is over, among those that the actor may see."""
    return tuple(task for task in await tasks(reader, actor, now) if task.is_overdue)


async def tasks_of_situation(
    reader: AsyncSession, actor: Actor, situation_id: UUID, now: datetime
) -> tuple[TaskView, ...]:
    """Return the tasks about a situation, settled ones last."""
    return await _views(reader, actor, now, Task.situation_id == situation_id)


async def tasks_of_meeting(reader: AsyncSession, actor: Actor, meeting_id: UUID, now: datetime) -> tuple[TaskView, ...]:
    """Return the commitments taken in a case meeting."""
    return await _views(reader, actor, now, Task.meeting_id == meeting_id)


async def tasks_of_sheet(reader: AsyncSession, actor: Actor, sheet_id: UUID, now: datetime) -> tuple[TaskView, ...]:
    """Return the tasks decided on a weekly sheet."""
    return await _views(reader, actor, now, Task.weekly_sheet_id == sheet_id)


async def task(reader: AsyncSession, actor: Actor, task_id: UUID, now: datetime) -> TaskView:
    """Return one task. Raises `NotFound` to whom it does not concern."""
    views = await _views(reader, actor, now, Task.id == task_id)
    if not views:
        raise NotFound
    return views[0]


_OPEN = Task.state == TaskState.OPEN.value


async def _views(reader: AsyncSession, actor: Actor, now: datetime, where: ColumnElement[bool]) -> tuple[TaskView, ...]:
    assigned = aliased(Facility)
    rows = await reader.execute(
        select(Task, Account.display_name, assigned.name, Situation, Facility)
        .join(Account, Account.id == Task.assignee_account_id, isouter=True)
        .join(assigned, assigned.id == Task.assignee_facility_id, isouter=True)
        .join(Situation, Situation.id == Task.situation_id, isouter=True)
        .join(Facility, Facility.id == Task.facility_id, isouter=True)
        .where(policies.visible_tasks(actor), where)
        .order_by(case((_OPEN, 0), else_=1), Task.due_on, Task.id)
    )
    today = now.astimezone(await organisations.zone(reader)).date()
    return tuple(_view(*row, today) for row in rows)


def _view(
    found: Task,
    person: str | None,
    assigned: str | None,
    situation: Situation | None,
    facility: Facility | None,
    today: date,
) -> TaskView:
    about = situation or facility
    state = TaskState(found.state)
    return TaskView(
        id=found.id,
        action=found.action,
        note=found.note,
        assignee_account_id=found.assignee_account_id,
        assignee_facility_id=found.assignee_facility_id,
        assignee_body=found.assignee_body,
        assignee=person or assigned,
        situation_id=found.situation_id,
        reference=None if situation is None else situation.reference,
        facility_id=found.facility_id,
        facility=None if facility is None else facility.name,
        living_area_id=None if about is None else about.living_area_id,
        meeting_id=found.meeting_id,
        weekly_sheet_id=found.weekly_sheet_id,
        due_on=found.due_on,
        state=state,
        is_overdue=is_overdue(state, found.due_on, today),
        drop_reason=found.drop_reason,
        created_at=found.created_at,
        settled_at=found.settled_at,
    )
