"""A case meeting and its tasks, for a demonstration in which somebody already works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.demo.accounts import ACCOUNTS
from exchange.demo.days import TIME_ZONE
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.periods import local_instant
from exchange.meetings.commands.case_meetings import plan_meeting
from exchange.meetings.commands.tasks import give_task
from exchange.meetings.inputs import GiveTask, PlanMeeting
from exchange.reference.follow_up import PartnerBody, TaskAction

AGENDA: Final = ("S20", "S13", "S06")
AROUND_THE_TABLE: Final = (PartnerBody.MDPH, PartnerBody.REGIONAL_HEALTH_AGENCY, PartnerBody.HOSPITAL)
INVITED: Final = ("F11", "F22")
MEETS_IN_DAYS: Final = 2
MEETS_AT: Final = time(14, 0)


@dataclass(frozen=True, slots=True)
class DemoTask:
    """A commitment due in some days; exactly one of `email`, `facility` and `body` has it."""

    action: TaskAction
    due_in_days: int
    note: str | None = None
    email: str | None = None
    facility: str | None = None
    body: PartnerBody | None = None
    situation: str | None = None
    is_of_meeting: bool = False


TASKS: Final = (
    DemoTask(TaskAction.SECURE_EXIT, 0, "Voir avec le curateur", email="coordination@demo.invalid", situation="S01"),
    DemoTask(TaskAction.CALL_BACK, 1, "Après 18 h", email="conseil@demo.invalid", situation="S13"),
    DemoTask(TaskAction.EVALUATE_ON_SITE, 3, "Deux demi-journées", facility="F11", situation="S20", is_of_meeting=True),
    DemoTask(TaskAction.REFER_TO_MDPH, 6, body=PartnerBody.MDPH, situation="S20", is_of_meeting=True),
    DemoTask(TaskAction.FOLLOW_UP, 4, "Places du week-end à Brioude", email="coordination@demo.invalid"),
)


async def load_meeting(
    tx: AsyncSession,
    community_id: UUID,
    accounts: Mapping[str, UUID],
    facilities: Mapping[str, UUID],
    situations: Mapping[str, UUID],
    now: datetime,
) -> None:
    """Plan the meeting and give its tasks, as the coordinator would."""
    email = next(line.email for line in ACCOUNTS if line.role is Role.COORDINATOR)
    coordinator = Actor(community_id, Role.COORDINATOR, Via.CLI, account_id=accounts[email])
    today = now.astimezone(TIME_ZONE).date()
    meeting = PlanMeeting(
        held_at=local_instant(today + timedelta(days=MEETS_IN_DAYS), MEETS_AT, TIME_ZONE),
        place="Maison des associations, Le Puy-en-Velay",
        bodies=tuple(body.value for body in AROUND_THE_TABLE),
        facility_ids=tuple(facilities[name] for name in INVITED),
        situation_ids=tuple(situations[name] for name in AGENDA),
    )
    meeting_id = await plan_meeting(tx, coordinator, meeting, now)
    for task in TASKS:
        form = GiveTask(
            action=task.action.value,
            due_on=today + timedelta(days=task.due_in_days),
            note=task.note,
            assignee_account_id=None if task.email is None else accounts[task.email],
            assignee_facility_id=None if task.facility is None else facilities[task.facility],
            assignee_body=None if task.body is None else task.body.value,
            situation_id=None if task.situation is None else situations[task.situation],
            meeting_id=meeting_id if task.is_of_meeting else None,
        )
        await give_task(tx, coordinator, form, now)
