"""Tables of accounts and of what proves who is there. Tokens are stored as SHA-256 of 128 random bits or more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from exchange.kernel.db import Base, HasId, InCommunity


class Account(HasId, Base):
    """One person who signs in. `email` is stored in lower case."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower_case"),
    )

    email: Mapped[str] = mapped_column(Text)
    display_name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    disabled_at: Mapped[datetime | None]


class Membership(InCommunity, HasId, Base):
    """A role of an account: over the community, or over one operator, or over one facility.

    `on_call_rank`: 1 answers first, 2 when the first is silent; absent where the rota says nothing.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("num_nonnulls(operator_id, facility_id) <= 1", name="one_side"),
        CheckConstraint("on_call_rank IN (1, 2)", name="on_call_rank"),
        Index(None, "account_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(Text)
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("operators.id"))
    facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facilities.id"))
    on_call_rank: Mapped[int | None]
    ended_at: Mapped[datetime | None]


class SessionRow(HasId, Base):
    """A signed-in browser. Idle 30 minutes or 12 hours old, it is over; the id changes at each sign-in."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    csrf_token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiToken(HasId, Base):
    """A bearer token for the REST API, standing for one membership."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    label: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ActionLink(InCommunity, HasId, Base):
    """A mailed link bound to one recipient and one act on one subject. Reading it changes nothing."""

    __tablename__ = "action_links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    act: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    volunteer_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
