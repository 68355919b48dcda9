"""Tasks, and the weekly sheet on which some are decided."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from exchange.api.v1.schemas.values import Body, Note, Resource
from exchange.meetings.inputs import GiveTask
from exchange.meetings.weekly_document import WeeklyDocument
from exchange.reference.follow_up import PartnerBody, TaskAction, TaskDropReason


class GiveTaskBody(Body):
    """Exactly one of the three assignees; a situation or a facility at most, or none for the community."""

    action: TaskAction
    due_on: date
    note: Note | None = None
    assignee_account_id: UUID | None = None
    assignee_facility_id: UUID | None = None
    assignee_body: PartnerBody | None = None
    situation_id: UUID | None = None
    facility_id: UUID | None = None
    meeting_id: UUID | None = None
    weekly_sheet_id: UUID | None = None

    def asked(self) -> GiveTask:
        return GiveTask(
            action=self.action.value,
            due_on=self.due_on,
            note=self.note,
            assignee_account_id=self.assignee_account_id,
            assignee_facility_id=self.assignee_facility_id,
            assignee_body=None if self.assignee_body is None else self.assignee_body.value,
            situation_id=self.situation_id,
            facility_id=self.facility_id,
            meeting_id=self.meeting_id,
            weekly_sheet_id=self.weekly_sheet_id,
        )


class DropTaskBody(Body):
    reason: TaskDropReason


class TaskResource(Resource):
    """`assignee`: the name of the account or of the facility; a body is told by its code alone."""

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
    meeting_id: UUID | None
    weekly_sheet_id: UUID | None
    due_on: date
    state: str
    is_overdue: bool
    drop_reason: str | None
    created_at: datetime
    settled_at: datetime | None


class WeeklySheetSummary(Resource):
    """`by_clock`: the sheet of Monday morning. `content_hash`: SHA-256 of the document as it was frozen."""

    id: UUID
    as_of: datetime
    week_of: date
    by_clock: bool
    content_hash: str


class WeeklySheetResource(WeeklySheetSummary):
    """The document never changes; the tasks decided on it are told as they stand."""

    document: WeeklyDocument
    tasks: list[TaskResource]
