"""Tables of case meetings, tasks, project records, referral files and weekly sheets."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned


class CaseMeeting(InCommunity, Versioned, Base):
    """A meeting of partners about some situations. Whoever is there is a coded body or a facility, never a name."""

    __tablename__ = "case_meetings"
    __table_args__ = (
        Index(None, "community_id", "held_at"),
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="state"),
        CheckConstraint("length(place) <= 120", name="place"),
    )

    held_at: Mapped[datetime]
    place: Mapped[str | None] = mapped_column(Text)
    bodies: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    facility_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[datetime | None]


class CaseMeetingItem(InCommunity, HasId, Base):
    """One situation on the agenda. `as_held`: frozen as JSON text when the meeting is held, for minutes do not move."""

    __tablename__ = "case_meeting_items"
    __table_args__ = (
        UniqueConstraint("meeting_id", "situation_id"),
        Index(None, "situation_id"),
        CheckConstraint("cardinality(reasons) >= 1", name="reasons"),
        CheckConstraint("length(decision_note) <= 300", name="decision_note"),
        CheckConstraint("decision_note IS NULL OR cardinality(decisions) >= 1", name="note_of_a_decision"),
    )

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("case_meetings.id"))
    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    position: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    decisions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    decision_note: Mapped[str | None] = mapped_column(Text)
    as_held: Mapped[str | None] = mapped_column(Text)


class WeeklySheet(InCommunity, HasId, Base):
    """What the week asks for, as of an instant. `document` is JSON text, never rewritten; `content_hash` its SHA-256.

    The clock makes one sheet a week, whatever it rings; people make as many as they want.
    """

    __tablename__ = "weekly_sheets"
    __table_args__ = (
        Index(None, "community_id", "as_of"),
        Index(
            "uq_weekly_sheets_clock", "community_id", "week_of", unique=True, postgresql_where=text("made_by IS NULL")
        ),
    )

    as_of: Mapped[datetime]
    week_of: Mapped[date]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    document: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)


class Task(InCommunity, HasId, Base):
    """A dated commitment of one account, one facility or one body, about a situation, a facility or the community."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_open", "community_id", "due_on", postgresql_where=text("state = 'open'")),
        Index(None, "situation_id"),
        CheckConstraint("state IN ('open', 'done', 'dropped')", name="state"),
        CheckConstraint(
            "num_nonnulls(assignee_account_id, assignee_facility_id, assignee_body) = 1", name="one_assignee"
        ),
        CheckConstraint("num_nonnulls(situation_id, facility_id) <= 1", name="one_subject"),
        CheckConstraint("num_nonnulls(meeting_id, weekly_sheet_id) <= 1", name="one_origin"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(state = 'dropped') = (drop_reason IS NOT NULL)", name="dropped_has_reason"),
        CheckConstraint("overdue_told_at IS NULL OR reminded_at IS NOT NULL", name="reminded_first"),
        CheckConstraint("length(note) <= 300", name="note"),
    )

    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    assignee_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    assignee_facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"))
    assignee_body: Mapped[str | None] = mapped_column(Text)
    situation_id: Mapped[UUID | None] = mapped_column(ForeignKey("situations.id"))
    facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_meetings.id"))
    weekly_sheet_id: Mapped[UUID | None] = mapped_column(ForeignKey("weekly_sheets.id"))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    reminded_at: Mapped[datetime | None]
    overdue_told_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    drop_reason: Mapped[str | None] = mapped_column(Text)


class ProjectRecord(InCommunity, Versioned, Base):
    """A gap that repeats, told to the authority. Its count is that of the situations linked to it."""

    __tablename__ = "project_records"
    __table_args__ = (
        Index(None, "community_id", "state"),
        CheckConstraint("state IN ('draft', 'shared', 'answered', 'closed')", name="state"),
        CheckConstraint("state = 'draft' OR shared_at IS NOT NULL OR state = 'closed'", name="shared_has_date"),
        CheckConstraint("state <> 'answered' OR num_nonnulls(answered_at, answer) = 2", name="answered_has_answer"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_date"),
        CheckConstraint("length(missing) <= 300", name="missing"),
        CheckConstraint("length(answer) <= 300", name="answer"),
    )

    living_area_id: Mapped[UUID | None] = mapped_column(ForeignKey("living_areas.id"))
    populations: Mapped[list[str]] = mapped_column(ARRAY(Text))
    care_mode: Mapped[str] = mapped_column(Text)
    age_range: Mapped[str] = mapped_column(Text)
    missing: Mapped[str | None] = mapped_column(Text)
    since: Mapped[date]
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    shared_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]


class ProjectRecordSituation(InCommunity, Base):
    """A situation that a project record speaks of; told to nobody outside the coordination."""

    __tablename__ = "project_record_situations"
    __table_args__ = (Index(None, "situation_id"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("project_records.id"), primary_key=True)
    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"), primary_key=True)


class ReferralFile(InCommunity, HasId, Base):
    """The proof of what was tried for one situation, frozen as of an instant, for the MDPH.

    `document` is JSON text and `content_hash` its SHA-256: the database lets nobody rewrite either.
    """

    __tablename__ = "referral_files"
    __table_args__ = (
        Index(None, "situation_id"),
        CheckConstraint("acknowledged_at IS NULL OR sent_at IS NOT NULL", name="sent_first"),
        CheckConstraint("acknowledged_at >= sent_at", name="acknowledged_after"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    as_of: Mapped[datetime]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    document: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
