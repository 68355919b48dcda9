"""The national register of establishments, as read from the FINESS extracts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base


class FinessEstablishment(Base):
    """One establishment of the register: public facts, shared by every community, never a tenant's row.

    `source_date` is the date of the extract that last changed the row, so that an older extract
    applied by mistake can be recognised. There is no foreign key to `communes`: the register still
    names communes that have merged since, and overseas collectivities under their former codes.
    """

    __tablename__ = "finess_establishments"
    __table_args__ = (
        CheckConstraint("finess_et ~ '^[0-9][0-9A-Z][0-9]{7}$'", name="finess_et_form"),
        CheckConstraint("finess_ej ~ '^[0-9][0-9A-Z][0-9]{7}$'", name="finess_ej_form"),
        CheckConstraint("category ~ '^[0-9]{3}$'", name="category_form"),
        CheckConstraint("commune_code ~ '^[0-9][0-9AB][0-9]{3}$'", name="commune_code_form"),
        CheckConstraint("siret ~ '^[0-9]{14}$'", name="siret_form"),
        Index(None, "commune_code"),
        Index(None, "finess_ej"),
    )

    finess_et: Mapped[str] = mapped_column(String(9), primary_key=True)
    finess_ej: Mapped[str] = mapped_column(String(9))
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(3))
    commune_code: Mapped[str] = mapped_column(String(5))
    siret: Mapped[str | None] = mapped_column(String(14))
    opened_on: Mapped[date | None] = mapped_column(Date)
    source_date: Mapped[date] = mapped_column(Date)
    imported_at: Mapped[datetime]
