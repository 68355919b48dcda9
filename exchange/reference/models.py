"""Tables of national facts, loaded by migrations with their source and version."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Float, Text
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base


class Commune(Base):
    """A municipality by its five-character INSEE code; coordinates in degrees (WGS 84), absent for a few."""

    __tablename__ = "communes"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    departement: Mapped[str] = mapped_column(Text, index=True)
    epci: Mapped[str | None] = mapped_column(Text, index=True)
    epci_name: Mapped[str | None] = mapped_column(Text)
    population: Mapped[int | None]
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


class OfficialCode(Base):
    """One code of an official nomenclature, with the version and the source that state it."""

    __tablename__ = "official_codes"

    list: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date | None]
