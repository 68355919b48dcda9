"""Tables of placements, of the segments they claim and of the shifts they rest on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned

STATES = (
    "proposed",
    "held",
    "accepted",
    "confirmed",
    "admitted",
    "ended",
    "refused",
    "expired",
    "cancelled",
    "superseded",
)
_CLAIMING = "state IN ('held', 'accepted', 'confirmed', 'admitted')"
_LIVE = "state IN ('proposed', 'held', 'accepted', 'confirmed', 'admitted')"


class Placement(InCommunity, Versioned, Base):
    """One offer serving some blocks of one situation.

    `blocks_key`: the sorted block ids, so that a new run finds its own line again. `is_claiming` is carried to the
    segments by a cascading foreign key: no line may forget it.
    """

    __tablename__ = "placements"
    __table_args__ = (
        UniqueConstraint("id", "situation_id", "offer_id", "is_claiming"),
        Index(
            "uq_placements_live_line",
            "situation_id",
            "offer_id",
            "blocks_key",
            unique=True,
            postgresql_where=text(_LIVE),
        ),
        Index(None, "community_id", "situation_id"),
        Index(None, "offer_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'admitted', 'ended') OR num_nonnulls(receiver_yes_at, person_yes_at,"
            " legal_basis_at) = 3",
            name="three_yeses",
        ),
        CheckConstraint("state <> 'accepted' OR receiver_yes_at IS NOT NULL", name="accepted_by_receiver"),
        CheckConstraint("(state = 'refused') = (refusal_reason IS NOT NULL)", name="refused_has_reason"),
        CheckConstraint("state <> 'held' OR held_until IS NOT NULL", name="held_has_end"),
        CheckConstraint(
            "receiver_channel IS DISTINCT FROM 'phone' OR num_nonnulls(spoken_with, spoken_function) = 2",
            name="phone_names_who_spoke",
        ),
        CheckConstraint("temporary_days_before BETWEEN 0 AND 366", name="temporary_days_before"),
        CheckConstraint(
            "cardinality(breaches) = 0 OR origin = 'person' AND breach_reason IS NOT NULL", name="breach_has_reason"
        ),
        CheckConstraint("origin IN ('matcher', 'person')", name="origin"),
    )

    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_offers.id"))
    blocks_key: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    rank: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    held_until: Mapped[datetime | None]
    situation_terms_version: Mapped[int]
    offer_terms_version: Mapped[int]
    receiver_yes_at: Mapped[datetime | None]
    receiver_yes_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    receiver_channel: Mapped[str | None] = mapped_column(Text)
    spoken_with: Mapped[str | None] = mapped_column(Text)
    spoken_function: Mapped[str | None] = mapped_column(Text)
    person_yes_at: Mapped[datetime | None]
    person_yes_from: Mapped[str | None] = mapped_column(Text)
    legal_basis_at: Mapped[datetime | None]
    legal_basis: Mapped[str | None] = mapped_column(Text)
    temporary_days_before: Mapped[int | None]
    refusal_reason: Mapped[str | None] = mapped_column(Text)
    private_note: Mapped[str | None] = mapped_column(Text)
    admitted_at: Mapped[datetime | None]
    arrival_despite: Mapped[str | None] = mapped_column(Text)
    exit_on: Mapped[date | None]
    exit_solution: Mapped[str | None] = mapped_column(Text)
    exit_referent_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    breaches: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    breach_reason: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    created_at: Mapped[datetime]
    is_claiming: Mapped[bool] = mapped_column(Computed(_CLAIMING, persisted=True))


class PlacementSegment(InCommunity, Base):
    """One segment of a placement; `claiming` follows the parent's state by `ON UPDATE CASCADE`."""

    __tablename__ = "placement_segments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["placement_id", "situation_id", "offer_id", "claiming"],
            ["placements.id", "placements.situation_id", "placements.offer_id", "placements.is_claiming"],
            onupdate="CASCADE",
            name="fk_placement_segments_placement",
        ),
        ForeignKeyConstraint(
            ["offer_id", "segment"],
            ["offer_segments.offer_id", "offer_segments.segment"],
            name="fk_placement_segments_offer_segment",
        ),
        Index(
            "uq_placement_segments_claiming",
            "situation_id",
            "segment",
            unique=True,
            postgresql_where=text("claiming"),
        ),
    )

    placement_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    situation_id: Mapped[UUID]
    offer_id: Mapped[UUID]
    block_id: Mapped[UUID] = mapped_column(ForeignKey("situation_blocks.id"))
    claiming: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class PlacementCover(InCommunity, Base):
    """A shift on which a confirmed placement rests.

    The application may not write `covered`: its default `true` proves the cover when the row is inserted, and the
    cascading key tells the truth afterwards.
    """

    __tablename__ = "placement_covers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["shift_id", "covered"],
            ["shifts.id", "shifts.is_covered"],
            onupdate="CASCADE",
            name="fk_placement_covers_shift",
        ),
        Index(None, "shift_id"),
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placements.id"), primary_key=True)
    shift_id: Mapped[UUID] = mapped_column(primary_key=True)
    covered: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


class AdmissionCondition(InCommunity, Base):
    """One red light before an arrival, green once done, with who and by which channel; never the document."""

    __tablename__ = "admission_conditions"

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placements.id"), primary_key=True)
    condition: Mapped[str] = mapped_column(Text, primary_key=True)
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    done_role: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)


class AwaitedDeparture(InCommunity, Base):
    """An offer that becomes free when the person of a situation is hosted elsewhere (Creton amendment, most often)."""

    __tablename__ = "awaited_departures"
    __table_args__ = (Index(None, "situation_id"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("place_offers.id"), primary_key=True)
    situation_id: Mapped[UUID] = mapped_column(ForeignKey("situations.id"))
    declared_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    declared_at: Mapped[datetime]
    freed_at: Mapped[datetime | None]


class StayExtension(InCommunity, HasId, Base):
    """One prolongation with the yeses that it rests on. Append-only: what was agreed stays readable."""

    __tablename__ = "stay_extensions"
    __table_args__ = (
        Index(None, "placement_id"),
        CheckConstraint("was_exit_on IS NULL OR was_exit_on < exit_on", name="later"),
        CheckConstraint(
            "receiver_channel <> 'phone' OR num_nonnulls(spoken_with, spoken_function) = 2",
            name="phone_names_who_spoke",
        ),
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placements.id"))
    was_exit_on: Mapped[date | None]
    exit_on: Mapped[date]
    agreed_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    receiver_channel: Mapped[str] = mapped_column(Text)
    spoken_with: Mapped[str | None] = mapped_column(Text)
    spoken_function: Mapped[str | None] = mapped_column(Text)
    person_yes_from: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)
