"""The table of match runs: one `solving` run at a time per community and lane, held by a leased row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class MatchRun(InCommunity, HasId, Base):
    """What was solved, when, how far it was proven, and the two files that replay it."""

    __tablename__ = "match_runs"
    __table_args__ = (
        Index("uq_match_runs_solving", "community_id", "lane", unique=True, postgresql_where=text("state = 'solving'")),
        Index(None, "community_id", "started_at"),
        CheckConstraint("lane IN ('fast', 'full')", name="lane"),
        CheckConstraint("state IN ('solving', 'recorded', 'failed', 'abandoned', 'cancelled')", name="state"),
    )

    lane: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[datetime]
    started_at: Mapped[datetime]
    snapshot_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    status: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    failed_with: Mapped[str | None] = mapped_column(Text)
