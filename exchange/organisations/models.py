"""Tables of communities and of the bodies inside them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class Community(HasId, Base):
    """A cooperation of operators on a territory: the tenant. `time_zone` is an IANA name."""

    __tablename__ = "communities"

    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)


class DatedParameters(InCommunity, HasId, Base):
    """The figures of a community over a period: its own (`base`), and those laid over them while a crisis is open.

    A crisis is one row per act: opened, then prolonged, all under one `crisis_id`. `planned_until`: the end that the
    act told; `during` is what it became. `ended_how` is unsaid while the row is in force, and where nobody noted its
    end yet: the dates alone decide.
    """

    __tablename__ = "community_parameters"
    __table_args__ = (
        ExcludeConstraint(
            ("community_id", "="),
            ("overlay", "="),
            ("during", "&&"),
            using="gist",
            name="ex_community_parameters_during",
        ),
        CheckConstraint("overlay IN ('base', 'crisis')", name="overlay"),
        CheckConstraint("NOT isempty(during)", name="some_time"),
        CheckConstraint(
            "overlay = 'base' OR (NOT lower_inf(during) AND NOT upper_inf(during) AND crisis_id IS NOT NULL"
            " AND requested_by IS NOT NULL AND order_reference IS NOT NULL AND planned_until IS NOT NULL)",
            name="crisis_is_ordered",
        ),
        CheckConstraint("ended_how IN ('prolonged', 'closed', 'expired')", name="ended_how"),
    )

    overlay: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    parameters: Mapped[dict[str, int]] = mapped_column(JSONB)
    crisis_id: Mapped[UUID | None]
    requested_by: Mapped[str | None] = mapped_column(Text)
    order_reference: Mapped[str | None] = mapped_column(Text)
    planned_until: Mapped[datetime | None]
    ended_how: Mapped[str | None] = mapped_column(Text)
    author_account_id: Mapped[UUID | None]
    closed_by_account_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]


class Operator(InCommunity, HasId, Base):
    """A legal entity running facilities. Staff of a public one are not lent under article L8241-2."""

    __tablename__ = "operators"
    __table_args__ = (UniqueConstraint("community_id", "finess_ej"),)

    name: Mapped[str] = mapped_column(Text)
    finess_ej: Mapped[str] = mapped_column(Text)
    agreement_code: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(server_default=text("false"))
    on_call_phone: Mapped[str | None] = mapped_column(Text)


class LivingArea(InCommunity, HasId, Base):
    """A set of communes that the community defines; matching looks inside it first.

    `since`: a board as of an earlier minute does not know of it.
    """

    __tablename__ = "living_areas"
    __table_args__ = (
        UniqueConstraint("community_id", "slug"),
        UniqueConstraint("community_id", "id"),
    )

    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]


class LivingAreaCommune(InCommunity, Base):
    """Which living area a commune belongs to: one at most per community."""

    __tablename__ = "living_area_communes"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "living_area_id"], ["living_areas.community_id", "living_areas.id"]),
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("current_community()"))
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"), primary_key=True)
    living_area_id: Mapped[UUID]


class Facility(InCommunity, HasId, Base):
    """An authorised site or service. `hides_address`: its commune and address are never shown outside it.

    `never_full`: it may not answer « complet » to child protection; it decides over capacity instead, and says so.
    """

    __tablename__ = "facilities"
    __table_args__ = (
        UniqueConstraint("community_id", "finess_et"),
        Index(None, "community_id", "operator_id"),
    )

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operators.id"))
    name: Mapped[str] = mapped_column(Text)
    finess_et: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"))
    living_area_id: Mapped[UUID | None] = mapped_column(ForeignKey("living_areas.id"))
    ages_from: Mapped[int]
    ages_to: Mapped[int]
    populations: Mapped[list[str]] = mapped_column(ARRAY(Text))
    provides: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_resource_site: Mapped[bool] = mapped_column(server_default=text("false"))
    hides_address: Mapped[bool] = mapped_column(server_default=text("false"))
    lends_at_most_per_day: Mapped[int | None]
    night_phone: Mapped[str | None] = mapped_column(Text)
    never_full: Mapped[bool] = mapped_column(server_default=text("false"))
