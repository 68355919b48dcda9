"""A shift may say how many of the host's own team are on it, and how many it asks for before anybody is lent to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("shifts", sa.Column("permanent_staff", sa.Integer(), nullable=True))
    op.add_column("shifts", sa.Column("min_permanent_staff", sa.Integer(), nullable=True))
    # No row holds either yet: nothing to look at, and the lock is short.
    for name, condition in (
        ("permanent_staff", "permanent_staff >= 0 AND min_permanent_staff >= 0"),
        ("floor_told", "min_permanent_staff IS NULL OR permanent_staff IS NOT NULL"),
    ):
        op.execute(f"ALTER TABLE shifts ADD CONSTRAINT ck_shifts_{name} CHECK ({condition}) NOT VALID")
        op.execute(f"ALTER TABLE shifts VALIDATE CONSTRAINT ck_shifts_{name}")
