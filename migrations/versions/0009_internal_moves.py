"""A line between two sites of one association is an internal move: same agreements, nothing to sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Until now nobody was proposed inside an association: every row is a loan.
    op.add_column("staff_loans", sa.Column("kind", sa.Text(), server_default=sa.text("'loan'"), nullable=False))
    for name, condition in (
        ("kind", "kind IN ('loan', 'internal_move')"),
        ("nothing_to_sign", "kind = 'loan' OR state <> 'signed'"),
    ):
        op.execute(f"ALTER TABLE staff_loans ADD CONSTRAINT ck_staff_loans_{name} CHECK ({condition}) NOT VALID")
        op.execute(f"ALTER TABLE staff_loans VALIDATE CONSTRAINT ck_staff_loans_{name}")
