"""The table of messages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class Message(InCommunity, HasId, Base):
    """One message to one recipient (an account or a volunteer). Its `Message-ID` header derives from `id`."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("community_id", "fact_id", "recipient_id", "channel", "step"),
        Index(None, "community_id", "state"),
        CheckConstraint("state IN ('created', 'sending', 'sent', 'obsolete', 'failed')", name="state"),
        CheckConstraint("recipient_kind IN ('account', 'volunteer')", name="recipient_kind"),
    )

    fact_id: Mapped[UUID]
    template: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    recipient_kind: Mapped[str] = mapped_column(Text)
    recipient_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(Text)
    step: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_with: Mapped[str | None] = mapped_column(Text)
