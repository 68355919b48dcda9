"""What the forms of this slice say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GiveTask:
    """Exactly one assignee: an account, a facility (whoever speaks for it), or a coded body.

    At most one subject: a situation or a facility; none means the community. `meeting_id` or `weekly_sheet_id`: where
    it was decided.
    """

    action: str
    due_on: date
    note: str | None = None
    assignee_account_id: UUID | None = None
    assignee_facility_id: UUID | None = None
    assignee_body: str | None = None
    situation_id: UUID | None = None
    facility_id: UUID | None = None
    meeting_id: UUID | None = None
    weekly_sheet_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DropTask:
    """A task given up, with its coded reason."""

    task_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class PlanMeeting:
    """`situation_ids` absent: every situation that a rule proposes. `place` holds no link and no name."""

    held_at: datetime
    place: str | None = None
    bodies: tuple[str, ...] = ()
    facility_ids: tuple[UUID, ...] = ()
    situation_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class DecideItem:
    """What the meeting decided for one situation."""

    meeting_id: UUID
    situation_id: UUID
    decisions: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A project record about these situations, which must share what the record says is missing."""

    situation_ids: tuple[UUID, ...]
    missing: str | None = None
