"""Tables of communities and of the bodies inside them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class Community(HasId, Base):
    """A cooperation of operators on a territory: the tenant. `time_zone` is an IANA name."""

    __tablename__ = "communities"

    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))


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
