"""The table of closing drills."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.planning.drills.terms import AskDrill, Headcount
from exchange.planning.drills.told import Result


class ClosingDrill(InCommunity, HasId, Base):
    """What was asked of a drill, what it found, and which of its lines became real (`applied`, reference by resident).

    `offer_ids`: of the unit that closes, empty for the whole house.
    """

    __tablename__ = "closing_drills"
    __table_args__ = (
        Index(None, "community_id", "asked_at"),
        CheckConstraint("state IN ('asked', 'solved', 'failed')", name="state"),
        CheckConstraint("first_segment <= last_segment", name="some_time"),
        CheckConstraint("(state = 'solved') = (result IS NOT NULL)", name="solved_has_result"),
    )

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    offer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    first_segment: Mapped[int]
    last_segment: Mapped[int]
    max_travel_minutes: Mapped[int]
    headcount: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    asked_by_account_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    solved_at: Mapped[datetime | None]
    problem_digest: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    applied: Mapped[dict[str, str]] = mapped_column(JSONB)
    failed_with: Mapped[str | None] = mapped_column(Text)


def asked_of(drill: ClosingDrill) -> AskDrill:
    """Return what the drill was asked."""
    return AskDrill(
        facility_id=drill.facility_id,
        first_segment=drill.first_segment,
        last_segment=drill.last_segment,
        offer_ids=tuple(drill.offer_ids),
        headcount=msgspec.convert(drill.headcount, tuple[Headcount, ...]),
        max_travel_minutes=drill.max_travel_minutes,
    )


def result_in(drill: ClosingDrill) -> Result | None:
    """Return what the drill found, once it is solved."""
    return None if drill.result is None else msgspec.convert(drill.result, Result)
