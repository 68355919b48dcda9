"""What happens in this slice. Facts hold codes, dates and identifiers of things: nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class TaskGiven(Fact):
    """Somebody has something to do. The clock is due at `due_at`, in the morning of the date."""

    kind: ClassVar[str] = "task_given"
    subject_kind: ClassVar[str] = "task"

    action: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskDue(Fact):
    """The date has come and the task is still open. The clock is due again at `overdue_at`."""

    kind: ClassVar[str] = "task_due"
    subject_kind: ClassVar[str] = "task"

    overdue_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskOverdue(Fact):
    """The date is over and the task is still open."""

    kind: ClassVar[str] = "task_overdue"
    subject_kind: ClassVar[str] = "task"


@dataclass(frozen=True, kw_only=True)
class TaskSettled(Fact):
    """Done, or dropped for a coded reason: its clocks find nothing to say any more."""

    kind: ClassVar[str] = "task_settled"
    subject_kind: ClassVar[str] = "task"

    state: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class MeetingPlanned(Fact):
    """A case meeting has a date and an agenda."""

    kind: ClassVar[str] = "meeting_planned"
    subject_kind: ClassVar[str] = "case_meeting"

    held_at: datetime


@dataclass(frozen=True, kw_only=True)
class MeetingPrepared(Fact):
    """A situation was put on the agenda, or taken off."""

    kind: ClassVar[str] = "meeting_prepared"
    subject_kind: ClassVar[str] = "case_meeting"

    situation_id: UUID
    is_on_agenda: bool


@dataclass(frozen=True, kw_only=True)
class MeetingDecided(Fact):
    """The meeting decided something for one situation."""

    kind: ClassVar[str] = "meeting_decided"
    subject_kind: ClassVar[str] = "case_meeting"

    situation_id: UUID
    decisions: str


@dataclass(frozen=True, kw_only=True)
class MeetingEnded(Fact):
    """Held, its minutes closed; or cancelled."""

    kind: ClassVar[str] = "meeting_ended"
    subject_kind: ClassVar[str] = "case_meeting"

    state: str


@dataclass(frozen=True, kw_only=True)
class RecordOpened(Fact):
    """A gap that repeats has its project record."""

    kind: ClassVar[str] = "record_opened"
    subject_kind: ClassVar[str] = "project_record"

    situations: int


@dataclass(frozen=True, kw_only=True)
class RecordChanged(Fact):
    """Its words or its situations changed, or it was shared, answered or closed: `act` says which."""

    kind: ClassVar[str] = "record_changed"
    subject_kind: ClassVar[str] = "project_record"

    act: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ReferralFrozen(Fact):
    """The proof of what was tried was frozen in a file; `content_hash` names it."""

    kind: ClassVar[str] = "referral_frozen"
    subject_kind: ClassVar[str] = "referral_file"

    situation_id: UUID
    content_hash: str


@dataclass(frozen=True, kw_only=True)
class FormalReferralSent(Fact):
    """The MDPH was sent the file."""

    kind: ClassVar[str] = "formal_referral_sent"
    subject_kind: ClassVar[str] = "referral_file"

    situation_id: UUID
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class FormalReferralAcknowledged(Fact):
    """The MDPH said that it has the file: its situation may now be closed as taken over."""

    kind: ClassVar[str] = "formal_referral_acknowledged"
    subject_kind: ClassVar[str] = "referral_file"

    situation_id: UUID
    acknowledged_at: datetime


@dataclass(frozen=True, kw_only=True)
class WeeklySheetAwaited(Fact):
    """The next weekly sheet is made at `due_at`. The subject is the community."""

    kind: ClassVar[str] = "weekly_sheet_awaited"
    subject_kind: ClassVar[str] = "community"

    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class WeeklySheetMade(Fact):
    """A weekly sheet was frozen."""

    kind: ClassVar[str] = "weekly_sheet_made"
    subject_kind: ClassVar[str] = "weekly_sheet"

    content_hash: str


WRITTEN_DOWN: tuple[type[Fact], ...] = (
    FormalReferralAcknowledged,
    FormalReferralSent,
    MeetingDecided,
    MeetingEnded,
    MeetingPlanned,
    MeetingPrepared,
    RecordChanged,
    RecordOpened,
    ReferralFrozen,
    TaskSettled,
    WeeklySheetMade,
)
"""Facts that the journal keeps and that ask for nothing."""
