"""Tables of place offers and of their counters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned


class PlaceOffer(InCommunity, Versioned, Base):
    """Published spare capacity of one facility, attested by someone at an instant, fresh until another.

    `zone_communes`: for a caseload without bed, where it goes. `terms_version` grows when what was proposed on it
    may no longer hold. `closed_until`: the start of the first day open again, with its reason. `awaits_departure`: it
    is not free yet, and frees when somebody leaves.
    """

    __tablename__ = "place_offers"
    __table_args__ = (
        Index(None, "community_id", "state"),
        Index(None, "facility_id"),
        CheckConstraint("kind IN ('ordinary', 'emergency_bed', 'caseload', 'conditional')", name="kind"),
        CheckConstraint("state IN ('published', 'withdrawn', 'ended')", name="state"),
        CheckConstraint("ages_from BETWEEN 0 AND ages_to", name="ages"),
        CheckConstraint("max_stay_nights IS NULL OR max_stay_nights > 0", name="max_stay"),
        CheckConstraint("(closed_until IS NULL) = (closed_reason IS NULL)", name="closing_says_why"),
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
    attested_role: Mapped[str | None] = mapped_column(Text)
    attested_at: Mapped[datetime]
    closed_until: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(Text)
    awaits_departure: Mapped[bool] = mapped_column(server_default=text("false"))
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


class FacilityStatus(InCommunity, HasId, Base):
    """What a house said of itself over a period: a colour, and why; one at a time. It ends by itself."""

    __tablename__ = "facility_statuses"
    __table_args__ = (
        ExcludeConstraint(("facility_id", "="), ("during", "&&"), using="gist", name="ex_facility_statuses_during"),
        CheckConstraint("colour IN ('green', 'orange', 'red')", name="colour"),
        CheckConstraint("NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name="bounded"),
    )

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facilities.id"))
    colour: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    attested_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    attested_role: Mapped[str] = mapped_column(Text)
    attested_at: Mapped[datetime]


class OverCapacityDecision(InCommunity, HasId, Base):
    """A signed decision to host beyond capacity: who, when, why, on which segments, how many units more on each."""

    __tablename__ = "over_capacity_decisions"
    __table_args__ = (
        Index(None, "offer_id"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint("cardinality(segments) > 0", name="some_segment"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_offers.id"))
    segments: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    units: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    decided_role: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
