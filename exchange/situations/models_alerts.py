"""Tables of the overflow: who is called when nobody answers, and what was passed on by voice."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import CURRENT_COMMUNITY, Base, HasId, InCommunity


class EscalationPlanLine(Base):
    """One step of a community's own overflow; without any line, the usual one holds.

    `wait_minutes`: after the step before, or after the alert for the first.
    """

    __tablename__ = "escalation_plan_lines"
    __table_args__ = (
        UniqueConstraint("community_id", "step"),
        CheckConstraint("step IN ('second_on_call', 'referent', 'coordinator', 'outside_service')", name="step"),
        CheckConstraint("wait_minutes BETWEEN 0 AND 1440", name="wait_minutes"),
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=CURRENT_COMMUNITY)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(Text)
    wait_minutes: Mapped[int]


class OutsideService(InCommunity, HasId, Base):
    """A service of its own, outside the network, that takes over by voice. Without hours, it answers day and night."""

    __tablename__ = "outside_services"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name="both_hours"),
        CheckConstraint("cardinality(audiences) > 0", name="some_audience"),
    )

    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    audiences: Mapped[list[str]] = mapped_column(ARRAY(Text))
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    position: Mapped[int]


class Escalation(InCommunity, HasId, Base):
    """One step of one round, taken once. `due_at`: when it was due; `taken_at`: when it was."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("situation_id", "round", "step"),
        CheckConstraint("step IN ('second_on_call', 'referent', 'coordinator', 'outside_service')", name="step"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    round: Mapped[int]
    step: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    found_somebody: Mapped[bool]


class OutsideHandOver(InCommunity, HasId, Base):
    """An outside service took over, by voice: who spoke, in which function, when. Only added to."""

    __tablename__ = "outside_hand_overs"
    __table_args__ = (
        CheckConstraint("length(trim(spoken_with)) > 0 AND length(trim(spoken_function)) > 0", name="names_who_spoke"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"), index=True)
    service_code: Mapped[str] = mapped_column(Text)
    service_name: Mapped[str] = mapped_column(Text)
    spoken_with: Mapped[str] = mapped_column(Text)
    spoken_function: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
