"""Three journals with three lives: what happened, what remains to be done, who looked; and the board's cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class Event(InCommunity, HasId, Base):
    """What happened, append-only, without personal content. `seal` is filled by the batch that chains it."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "community_id", "subject_id", "recorded_at"),)

    fact_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    actor_account_id: Mapped[UUID | None]
    actor_role: Mapped[str] = mapped_column(Text)
    via: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subject_version: Mapped[int | None]
    """The version that the act left its subject with; absent where no form edits the subject, or nothing moved."""
    seal: Mapped[bytes | None]


class CardVersion(InCommunity, Base):
    """What the board showed of a subject over a half-open period; the live version ends at `infinity`."""

    __tablename__ = "cards"
    __table_args__ = (
        Index(None, "community_id", "shown_until", "shown_from"),
        CheckConstraint("shown_from < shown_until", name="period"),
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("current_community()"))
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    shown_until: Mapped[datetime] = mapped_column(primary_key=True)
    shown_from: Mapped[datetime]
    subject_kind: Mapped[str] = mapped_column(Text)
    living_area_id: Mapped[UUID | None]
    facility_id: Mapped[UUID | None]
    card: Mapped[dict[str, Any]] = mapped_column(JSONB)


class OutboxRow(InCommunity, HasId, Base):
    """One thing that remains to be done after a commit, run at least once; a clock is a row with a `due_at`.

    `gather_key` groups the planning demands of a lane, which one run takes together. `fence` grows with each lease:
    a run holding an older fence may not settle the row.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("community_id", "fact_id", "job", "subject_id"),
        Index("ix_outbox_due", "due_at", postgresql_where=text("done_at IS NULL")),
    )

    fact_id: Mapped[UUID]
    job: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    gather_key: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]
    failed_with: Mapped[str | None] = mapped_column(Text)


class IdempotencyRecord(InCommunity, Base):
    """The first reply to a creating request, replayed to whoever sends the same key again."""

    __tablename__ = "idempotency_records"

    community_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("current_community()"))
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int | None]
    reply: Mapped[bytes | None]
    created_at: Mapped[datetime]


class AccessLogEntry(InCommunity, HasId, Base):
    """Who looked at which situation, written before the body leaves."""

    __tablename__ = "access_log"

    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(Text)
    via: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(Text)
