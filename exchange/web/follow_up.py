"""What several pages show of tasks: who may be given one, and the blank form that gives it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity import queries as identity
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.meetings.policies import ASSIGNABLE_ROLES
from exchange.meetings.queries import referrals
from exchange.meetings.queries import tasks as task_queries
from exchange.reference.follow_up import PartnerBody, TaskAction, TaskDropReason
from exchange.situations import queries as situations
from exchange.situations.queries import SituationView
from exchange.web.choices import Options, all_facilities, listed
from exchange.web.forms.meetings import ACCOUNT, BODY, FACILITY
from exchange.web.words import state_label

USUAL_DELAY: Final = timedelta(days=7)
NO_TASK: Final[dict[str, object]] = {"assignees": (), "actions": (), "drop_reasons": ()}


async def assignees(reader: AsyncSession, actor: Actor) -> Options:
    """Who may be given a task: oneself first, then the people, the bodies and the sites."""
    people = [each for each in await identity.memberships(reader) if each.role in ASSIGNABLE_ROLES]
    in_order = sorted(people, key=lambda each: (each.account_id != actor.account_id, each.display_name))
    accounts = {each.account_id: f"{each.display_name} ({state_label('role', each.role.value)})" for each in in_order}
    sites = await all_facilities(reader)
    return [
        *((f"{ACCOUNT}:{account_id}", name) for account_id, name in accounts.items()),
        *((f"{BODY}:{code}", name) for code, name in listed(PartnerBody)),
        *((f"{FACILITY}:{site_id}", f"{site.name} (direction ou astreinte)") for site_id, site in sites.items()),
    ]


async def task_choices(reader: AsyncSession, actor: Actor) -> dict[str, object]:
    """Return what the task form offers; nothing to whoever gives none."""
    if not actor.coordinates:
        return {**NO_TASK, "drop_reasons": listed(TaskDropReason)}
    return {
        "assignees": await assignees(reader, actor),
        "actions": listed(TaskAction),
        "drop_reasons": listed(TaskDropReason),
    }


def initial_task(actor: Actor, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Return the first values of a task form: a point to make, by oneself, within the week."""
    return {
        "action": TaskAction.FOLLOW_UP.value,
        "assignee": f"{ACCOUNT}:{actor.account_id}",
        "due_on": in_a_week(now, zone).isoformat(),
    }


async def situation_named(reader: AsyncSession, actor: Actor, reference: str) -> UUID:
    """Return the situation of a reference. Raises `InvalidValue` (field `reference`) where there is none."""
    try:
        return (await situations.situation_by_reference(reader, actor, reference)).id
    except NotFound:
        raise InvalidValue(field="reference", rule="unknown-situation") from None


def in_a_week(now: datetime, zone: ZoneInfo) -> date:
    """Return the date by which a task given in one tap is due."""
    return (now + USUAL_DELAY).astimezone(zone).date()


async def around_situation(
    reader: AsyncSession, actor: Actor, situation: SituationView, now: datetime
) -> dict[str, object]:
    """Return what the sheet of a situation shows of this room: its tasks and its referral files."""
    return {
        "tasks": await task_queries.tasks_of_situation(reader, actor, situation.id, now),
        "referrals": await referrals.referrals_of(reader, actor, situation.id),
        **await task_choices(reader, actor),
    }


async def tasks_tonight(reader: AsyncSession, actor: Actor, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    """Return what the first page tells of tasks: one's own that are due, and for coordination all that are late."""
    today = now.astimezone(zone).date()
    own = await task_queries.own_tasks(reader, actor, now)
    late = await task_queries.overdue_tasks(reader, actor, now) if actor.coordinates else ()
    due: list[task_queries.TaskView] = [task for task in own if task.due_on <= today]
    known: set[UUID] = {task.id for task in due}
    return {
        "due_tasks": due,
        "late_tasks": [task for task in late if task.id not in known],
        "later_tasks": len(own) - len(due),
        "drop_reasons": listed(TaskDropReason),
    }
