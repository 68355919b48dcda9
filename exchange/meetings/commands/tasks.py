"""Giving a task, settling it, and the two mornings of its clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.record import record
from exchange.meetings import events
from exchange.meetings.inputs import DropTask, GiveTask
from exchange.meetings.models import CaseMeeting, Task, WeeklySheet
from exchange.meetings.policies import ASSIGNABLE_ROLES, visible_tasks
from exchange.meetings.rules import TASKS, TaskAct, TaskState, after, check_task_form, morning_of
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.reference.follow_up import TaskDropReason
from exchange.situations.models import Situation
from exchange.situations.policies import require_coordination
from exchange.staffing.values import code_of


async def give_task(tx: AsyncSession, actor: Actor, form: GiveTask, now: datetime) -> UUID:
    """Write a dated commitment down; whoever has it is reminded in the morning of its date.

    Raises `ActForbidden`, `InvalidValue`.
    """
    require_coordination(actor)
    zone = await organisations.zone(tx)
    check_task_form(form, now.astimezone(zone).date())
    await _check_assignee(tx, form)
    await _check_subjects(tx, form)
    task = Task(
        id=new_id(),
        action=str(form.action),
        note=(form.note or "").strip() or None,
        assignee_account_id=form.assignee_account_id,
        assignee_facility_id=form.assignee_facility_id,
        assignee_body=form.assignee_body,
        situation_id=form.situation_id,
        facility_id=form.facility_id,
        meeting_id=form.meeting_id,
        weekly_sheet_id=form.weekly_sheet_id,
        due_on=form.due_on,
        state=TaskState.OPEN.value,
        created_at=now,
        created_by=actor.account_id,
    )
    tx.add(task)
    fact = events.TaskGiven(subject_id=task.id, action=task.action, due_at=morning_of(form.due_on, zone))
    await record(tx, actor, fact, now)
    return task.id


async def complete_task(tx: AsyncSession, actor: Actor, task_id: UUID, now: datetime) -> None:
    """Say that a task is done. Raises `NotFound` to whom it does not concern, `IllegalTransition`."""
    await _settle(tx, actor, task_id, TaskAct.COMPLETE, None, now)


async def drop_task(tx: AsyncSession, actor: Actor, drop: DropTask, now: datetime) -> None:
    """Give a task up, with its reason. Raises `NotFound`, `InvalidValue`, `IllegalTransition`."""
    reason = code_of(TaskDropReason, drop.reason, "reason")
    await _settle(tx, actor, drop.task_id, TaskAct.DROP, reason, now)


async def ring_task(tx: AsyncSession, actor: Actor, task_id: UUID, now: datetime) -> None:
    """Tell once that the date has come, and once that it is over. Repeatable; nothing once the task is settled."""
    task = await tx.scalar(select(Task).where(Task.id == task_id).with_for_update(key_share=True))
    if task is None or task.state != TaskState.OPEN:
        return
    zone = await organisations.zone(tx)
    overdue_at = morning_of(task.due_on + timedelta(days=1), zone)
    if task.reminded_at is None:
        if morning_of(task.due_on, zone) <= now:
            task.reminded_at = now
            await record(tx, actor, events.TaskDue(subject_id=task.id, overdue_at=overdue_at), now)
    elif task.overdue_told_at is None and overdue_at <= now:
        task.overdue_told_at = now
        await record(tx, actor, events.TaskOverdue(subject_id=task.id), now)


async def _settle(
    tx: AsyncSession, actor: Actor, task_id: UUID, act: TaskAct, reason: TaskDropReason | None, now: datetime
) -> None:
    task = await tx.scalar(select(Task).where(Task.id == task_id, visible_tasks(actor)).with_for_update(key_share=True))
    if task is None:
        raise NotFound
    task.state = after(TASKS, TaskState(task.state), act).value
    task.drop_reason = None if reason is None else reason.value
    task.settled_at = now
    task.settled_by = actor.account_id
    fact = events.TaskSettled(subject_id=task.id, state=task.state, reason=task.drop_reason)
    await record(tx, actor, fact, now)


async def _check_assignee(tx: AsyncSession, form: GiveTask) -> None:
    if form.assignee_account_id is not None:
        in_office = await tx.scalar(
            select(Membership.id)
            .join(Account, Account.id == Membership.account_id)
            .where(
                Membership.account_id == form.assignee_account_id,
                Membership.role.in_([role.value for role in ASSIGNABLE_ROLES]),
                Membership.ended_at.is_(None),
                Account.disabled_at.is_(None),
            )
            .limit(1)
        )
        if in_office is None:
            raise InvalidValue(field="assignee_account_id", rule="unknown-account")
    if form.assignee_facility_id is not None and await tx.get(Facility, form.assignee_facility_id) is None:
        raise InvalidValue(field="assignee_facility_id", rule="unknown-facility")


async def _check_subjects(tx: AsyncSession, form: GiveTask) -> None:
    if form.situation_id is not None and await tx.get(Situation, form.situation_id) is None:
        raise InvalidValue(field="situation_id", rule="unknown-situation")
    if form.facility_id is not None and await tx.get(Facility, form.facility_id) is None:
        raise InvalidValue(field="facility_id", rule="unknown-facility")
    if form.meeting_id is not None and await tx.get(CaseMeeting, form.meeting_id) is None:
        raise NotFound
    if form.weekly_sheet_id is not None and await tx.get(WeeklySheet, form.weekly_sheet_id) is None:
        raise NotFound
