"""Tables of a volunteer's week, its hours, and the dates on which it does not count."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, InCommunity


class VolunteerPattern(InCommunity, Base):
    """A volunteer's week, attested at an instant, fresh until another. Written under the volunteer's lock.

    `extend_at`: when its clock comes next; a run that comes earlier was overtaken, and does nothing.
    """

    __tablename__ = "volunteer_patterns"
    __table_args__ = (CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name="during"),)

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("loan_volunteers.id"), primary_key=True)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    attested_at: Mapped[datetime]
    fresh_until: Mapped[datetime]
    extend_at: Mapped[datetime]


class VolunteerPatternHour(InCommunity, Base):
    """One spell, in minutes of the wall's day; it ends the next day where `until_minute` is not later."""

    __tablename__ = "volunteer_pattern_hours"
    __table_args__ = (
        CheckConstraint("kind IN ('available', 'released', 'own_shift')", name="kind"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 0 AND 1439", name="minutes"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(
        ForeignKey("volunteer_patterns.volunteer_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until_minute: Mapped[int]


class VolunteerPatternException(InCommunity, Base):
    """A date on which a kind of time of the week does not count. Why is nobody's business, and has no column."""

    __tablename__ = "volunteer_pattern_exceptions"
    __table_args__ = (CheckConstraint("kind IN ('available', 'released', 'own_shift')", name="kind"),)

    volunteer_id: Mapped[UUID] = mapped_column(
        ForeignKey("volunteer_patterns.volunteer_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
