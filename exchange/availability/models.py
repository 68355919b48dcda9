"""Tables of place offers and of their counters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, InCommunity
from exchange.kernel.versions import Versioned


class PlaceOffer(InCommunity, Versioned, Base):
    """Published spare capacity of one facility, attested by someone at an instant, fresh until another.

    `zone_communes`: for a caseload without bed, where it goes. `terms_version` grows when what was proposed on it
    may no longer hold.
    """

    __tablename__ = "place_offers"
    __table_args__ = (
        Index(None, "community_id", "state"),
        Index(None, "facility_id"),
        CheckConstraint("kind IN ('ordinary', 'emergency_bed', 'caseload', 'conditional')", name="kind"),
        CheckConstraint("state IN ('published', 'withdrawn', 'ended')", name="state"),
        CheckConstraint("ages_from BETWEEN 0 AND ages_to", name="ages"),
        CheckConstraint("max_stay_nights IS NULL OR max_stay_nights > 0", name="max_stay"),
    )

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    kind: Mapped[str] = mapped_column(Text)
    care_mode: Mapped[str] = mapped_column(Text)
    populations: Mapped[list[str]] = mapped_column(ARRAY(Text))
    provides: Mapped[list[str]] = mapped_column(ARRAY(Text))
    ages_from: Mapped[int]
    ages_to: Mapped[int]
    max_stay_nights: Mapped[int | None]
    zone_communes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    arrival_from: Mapped[str | None] = mapped_column(Text)
    arrival_until: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attested_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    attested_at: Mapped[datetime]
    fresh_until: Mapped[datetime]
    created_at: Mapped[datetime]
    terms_version: Mapped[int] = mapped_column(server_default=text("1"))


class OfferSegment(InCommunity, Base):
    """The counter of one offer on one segment. `over_capacity` is a signed decision, never the form's business."""

    __tablename__ = "offer_segments"
    __table_args__ = (
        CheckConstraint("used BETWEEN 0 AND capacity + over_capacity", name="used_within_capacity"),
        CheckConstraint("capacity >= 0 AND over_capacity >= 0", name="capacity"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_offers.id"), primary_key=True)
    segment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    capacity: Mapped[int]
    used: Mapped[int] = mapped_column(server_default=text("0"))
    over_capacity: Mapped[int] = mapped_column(server_default=text("0"))
    provides: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class SegmentRequirement(InCommunity, Base):
    """A shift that must be covered for a conditional offer's segment to open; the one meeting of places and people."""

    __tablename__ = "segment_requirements"
    __table_args__ = (
        ForeignKeyConstraint(["offer_id", "segment"], ["offer_segments.offer_id", "offer_segments.segment"]),
        Index(None, "shift_id"),
    )

    offer_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
