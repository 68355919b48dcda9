"""Tasks, case meetings, project records and referral files, as they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.meetings.inputs import DecideItem, GiveTask, PlanMeeting
from exchange.organisations.queries import FacilityView
from exchange.reference.follow_up import MeetingDecision, PartnerBody, TaskAction
from exchange.web.choices import Options
from exchange.web.forms.fields import PostedForm

TASK_ALIASES: Final = {
    "assignee_account_id": "assignee",
    "assignee_facility_id": "assignee",
    "assignee_body": "assignee",
}
MEETING_ALIASES: Final = {"held_at": "held_day", "facility_ids": "present_facilities"}
LONGEST_NOTE: Final = 300
ACCOUNT, FACILITY, BODY = "account", "facility", "body"


def read_task(form: PostedForm, assignees: Options, known: Mapping[str, UUID | None]) -> GiveTask:
    """Return a task. `known`: its subject and origin, named by the page. Raises `FormRejected`."""
    action = form.choice("action", TaskAction, TaskAction.FOLLOW_UP)
    note = form.text("note", longest=LONGEST_NOTE, required=False, paragraph=True)
    due_on = form.day("due_on")
    kind, _, named = form.one_of("assignee", [code for code, _ in assignees]).partition(":")
    form.done()
    return GiveTask(
        action=action.value,
        note=note or None,
        due_on=due_on or date.max,
        assignee_account_id=UUID(named) if kind == ACCOUNT else None,
        assignee_facility_id=UUID(named) if kind == FACILITY else None,
        assignee_body=named if kind == BODY else None,
        situation_id=known.get("situation_id"),
        facility_id=known.get("facility_id"),
        meeting_id=known.get("meeting_id"),
        weekly_sheet_id=known.get("weekly_sheet_id"),
    )


def read_meeting(form: PostedForm, sites: Mapping[UUID, FacilityView], zone: ZoneInfo, now: datetime) -> PlanMeeting:
    """Return a meeting whose agenda the rules propose. Raises `FormRejected`."""
    held_at = form.instant("held_day", "held_hour", zone)
    place = form.text("place", longest=120, required=False)
    bodies = form.choices("bodies", PartnerBody, required=False)
    facility_ids = form.identifiers("present_facilities", sites)
    form.done()
    return PlanMeeting(held_at or now, place or None, tuple(body.value for body in bodies), facility_ids)


def read_decision(form: PostedForm, meeting_id: UUID, situation_id: UUID) -> DecideItem:
    """Return what was decided for one situation. Raises `FormRejected`."""
    decisions = form.choices("decisions", MeetingDecision)
    note = form.text("note", longest=LONGEST_NOTE, required=False, paragraph=True)
    form.done()
    return DecideItem(meeting_id, situation_id, tuple(code.value for code in decisions), note or None)


def read_said_at(form: PostedForm, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when something was sent or acknowledged; without a date, now. Raises `FormRejected`."""
    if not any(form.values.get(name, [""])[0] for name in ("said_day", "said_hour")):
        return now
    said_at = form.instant("said_day", "said_hour", zone)
    form.done()
    return said_at or now
