"""Tables of situations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned


class Situation(InCommunity, Versioned, Base):
    """One person's need. Persons to be kept together share `together_id`.

    `alert_since`, `alert_reason`: nobody answered, and the overflow runs; `alert_round` counts its rounds.
    """

    __tablename__ = "situations"
    __table_args__ = (
        UniqueConstraint("community_id", "reference"),
        Index("ix_situations_next_check", "next_check_at", postgresql_where=text("state <> 'closed'")),
        Index(None, "community_id", "state"),
        CheckConstraint("state IN ('received', 'searching', 'held', 'confirmed', 'effective', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint("state = 'closed' OR next_check_at IS NOT NULL", name="open_has_next_check"),
        CheckConstraint(
            "outcome IS DISTINCT FROM 'placed_in_network' OR effective_at IS NOT NULL", name="placed_has_arrived"
        ),
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint(
            "duplicate_of_id IS NULL OR outcome IS NOT DISTINCT FROM 'duplicate' AND duplicate_of_id <> id",
            name="duplicate_is_closed",
        ),
        CheckConstraint("(alert_since IS NULL) = (alert_reason IS NULL)", name="alert_has_reason"),
        CheckConstraint("state <> 'closed' OR alert_since IS NULL", name="closed_without_alert"),
    )

    reference: Mapped[str] = mapped_column(Text)
    together_id: Mapped[UUID | None]
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"))
    living_area_id: Mapped[UUID | None] = mapped_column(ForeignKey("living_areas.id"))
    age_band: Mapped[str] = mapped_column(Text)
    max_travel_minutes: Mapped[int]
    max_places: Mapped[int] = mapped_column(server_default=text("3"))
    excluded_facility_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    origin: Mapped[str] = mapped_column(Text)
    legal_status: Mapped[str] = mapped_column(Text)
    care_mode: Mapped[str] = mapped_column(Text)
    urgency: Mapped[int]
    level: Mapped[int] = mapped_column(server_default=text("1"))
    state: Mapped[str] = mapped_column(Text)
    referent_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    next_check_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    is_anonymous: Mapped[bool] = mapped_column(server_default=text("false"))
    call_back_impossible: Mapped[bool] = mapped_column(server_default=text("false"))
    duplicate_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("situations.id"))
    urgency_set_at: Mapped[datetime | None]
    alert_since: Mapped[datetime | None]
    alert_reason: Mapped[str | None] = mapped_column(Text)
    alert_round: Mapped[int] = mapped_column(server_default=text("0"))
    terms_version: Mapped[int] = mapped_column(server_default=text("1"))


class SituationBlock(InCommunity, HasId, Base):
    """Segments that one offer serves whole. The blocks of one situation are disjoint while not retired."""

    __tablename__ = "situation_blocks"
    __table_args__ = (Index(None, "situation_id"),)

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    position: Mapped[int]
    segments: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    retired_at: Mapped[datetime | None]


class SituationDetails(InCommunity, Base):
    """What is erased after closing: exact codes, sex where it decides, host constraints in 300 characters."""

    __tablename__ = "situation_details"
    __table_args__ = (
        CheckConstraint("cardinality(need_codes) BETWEEN 1 AND 12", name="need_codes"),
        CheckConstraint("length(free_text) <= 300", name="free_text"),
        CheckConstraint("length(closing_note) <= 300", name="closing_note"),
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"), primary_key=True)
    need_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sex: Mapped[str | None] = mapped_column(Text)
    free_text: Mapped[str | None] = mapped_column(Text)
    closing_note: Mapped[str | None] = mapped_column(Text)
    erase_after: Mapped[datetime | None]


class Incompatibility(InCommunity, Base):
    """Two persons who must not be hosted in the same facility at the same time; stored once, smaller id first."""

    __tablename__ = "incompatibilities"
    __table_args__ = (CheckConstraint("first_id < second_id", name="ordered"),)

    first_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"), primary_key=True)
    second_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"), primary_key=True)
    review_on: Mapped[datetime | None]
