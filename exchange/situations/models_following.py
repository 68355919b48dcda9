"""Tables of what is done around a situation: levels, statements, calls, and who follows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class LevelChange(InCommunity, HasId, Base):
    """One step up or down, with its reason; only added to."""

    __tablename__ = "level_changes"
    __table_args__ = (
        Index(None, "situation_id"),
        CheckConstraint("level BETWEEN 1 AND 3 AND was BETWEEN 1 AND 3 AND abs(level - was) = 1", name="one_step"),
        CheckConstraint("length(note) <= 300", name="note"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    at: Mapped[datetime]
    was: Mapped[int]
    level: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class NoSolutionStatement(InCommunity, HasId, Base):
    """« Sans solution à ce jour »: said of an open situation at a date, never an outcome; only added to."""

    __tablename__ = "no_solution_statements"
    __table_args__ = (
        Index(None, "situation_id"),
        CheckConstraint("cardinality(tried) > 0", name="something_tried"),
        CheckConstraint("length(note) <= 300", name="note"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    at: Mapped[datetime]
    tried: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class Call(InCommunity, HasId, Base):
    """One call about a situation. Whom it was with is a role, never a name.

    `moved_from_id`: the duplicate under which it was noted first.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "situation_id"),
        CheckConstraint("direction IN ('received', 'made')", name="direction"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    at: Mapped[datetime]
    direction: Mapped[str] = mapped_column(Text)
    party: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    moved_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("situations.id"))


class CallBack(InCommunity, HasId, Base):
    """Somebody is to be rung at an hour. `call_id`: the call that settled it."""

    __tablename__ = "call_backs"
    __table_args__ = (
        Index(None, "situation_id"),
        Index("ix_call_backs_planned", "community_id", "due_at", postgresql_where=text("state = 'planned'")),
        CheckConstraint("state IN ('planned', 'done', 'not_reached', 'cancelled')", name="state"),
        CheckConstraint("(state IN ('done', 'not_reached')) = (call_id IS NOT NULL)", name="settled_by_call"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    party: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(Text)
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id"))


class ReferentHandOver(InCommunity, HasId, Base):
    """A situation passes from one referent to another; until it is accepted, the first one stays."""

    __tablename__ = "referent_hand_overs"
    __table_args__ = (
        Index(None, "situation_id"),
        Index("uq_referent_hand_overs_open", "situation_id", unique=True, postgresql_where=text("state = 'offered'")),
        CheckConstraint("state IN ('offered', 'accepted', 'declined', 'replaced', 'imposed')", name="state"),
        CheckConstraint("(state = 'offered') = (settled_at IS NULL)", name="settled_has_hour"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    from_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    to_account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime]
    offered_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
