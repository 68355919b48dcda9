"""Tables of the week of an offer, and of the dates that differ from it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, InCommunity


class PlacePattern(InCommunity, Base):
    """The week that an offer follows. `capacities`: 14 counts, from Monday's day to Sunday's night.

    `extend_at`: when its clock comes next; a run that comes earlier was overtaken, and does nothing. Written under the
    offer's lock, whose version forms carry.
    """

    __tablename__ = "place_patterns"
    __table_args__ = (
        CheckConstraint("cardinality(capacities) = 14 AND 0 <= ALL (capacities)", name="capacities"),
        CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name="during"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_offers.id"), primary_key=True)
    capacities: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    extend_at: Mapped[datetime]


class PlacePatternException(InCommunity, Base):
    """One segment that opens otherwise than its week: one row a segment, so that two exceptions never overlap.

    `reason`: why, as a house or a place is said closed; none where its counter was changed by hand.
    """

    __tablename__ = "place_pattern_exceptions"
    __table_args__ = (CheckConstraint("capacity >= 0", name="capacity"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_patterns.offer_id", ondelete="CASCADE"), primary_key=True)
    segment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    capacity: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
