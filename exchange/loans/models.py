"""Tables of staff loans, their shifts and the evidence of each act."""

from __future__ import annotations

from datetime import datetime
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
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity
from exchange.kernel.versions import Versioned

STATES = (
    "proposed",
    "agreed",
    "signed",
    "running",
    "completed",
    "declined",
    "expired",
    "cancelled",
    "superseded",
)
_BINDING = "state IN ('agreed', 'signed', 'running', 'completed')"
_LIVE = "state IN ('proposed', 'agreed', 'signed', 'running')"


class StaffLoan(InCommunity, Versioned, Base):
    """One person lent for some shifts of one need. `asked_at` freezes it for the matcher.

    `kind`: between two associations, or an internal move, which has no loan file to sign.
    """

    __tablename__ = "staff_loans"
    __table_args__ = (
        UniqueConstraint("id", "volunteer_id", "is_binding"),
        Index(
            "uq_staff_loans_live_line",
            "volunteer_id",
            "mission_key",
            unique=True,
            postgresql_where=text(_LIVE),
        ),
        Index(None, "community_id", "need_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("kind IN ('loan', 'internal_move')", name="kind"),
        CheckConstraint("kind = 'loan' OR state <> 'signed'", name="nothing_to_sign"),
        CheckConstraint(
            f"NOT ({_BINDING}) OR num_nonnulls(released_at, consented_at, accepted_at) = 3", name="three_agreements"
        ),
        CheckConstraint(
            "num_nonnulls(released_at, consented_at, accepted_at) = 0 OR asked_at IS NOT NULL", name="asked"
        ),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("loan_volunteers.id"))
    need_id: Mapped[UUID] = mapped_column(ForeignKey("staff_needs.id"))
    mission_key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default=text("'loan'"))
    run_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    volunteer_terms_version: Mapped[int]
    need_terms_version: Mapped[int]
    asked_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None] = mapped_column(Text)
    travel_minutes: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    created_at: Mapped[datetime]
    is_binding: Mapped[bool] = mapped_column(Computed(_BINDING, persisted=True))


class LoanShift(InCommunity, Base):
    """One shift of a loan; `slot_with_travel` includes the way there and back, so that nobody must be in two places.

    The exclusion constraint ignores row-level security: a person lent in one community is refused in another.
    """

    __tablename__ = "loan_shifts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["loan_id", "volunteer_id", "binding"],
            ["staff_loans.id", "staff_loans.volunteer_id", "staff_loans.is_binding"],
            onupdate="CASCADE",
            name="fk_loan_shifts_loan",
        ),
        ExcludeConstraint(
            ("volunteer_id", "="),
            ("slot_with_travel", "&&"),
            using="gist",
            where=text("binding"),
            name="ex_loan_shifts_person",
        ),
        Index(None, "shift_id"),
    )

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
    volunteer_id: Mapped[UUID]
    slot_with_travel: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    binding: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class LoanAct(InCommunity, HasId, Base):
    """Append-only evidence: which party said what, when, by which channel, on which text."""

    __tablename__ = "loan_acts"
    __table_args__ = (Index(None, "loan_id"),)

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("staff_loans.id"))
    party: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
