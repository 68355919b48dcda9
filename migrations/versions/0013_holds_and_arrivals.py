"""The journal keeps the version that each act left its subject with: a form drawn earlier is told what moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Without default nor index: no row is rewritten, and the index on the subject already finds its few events.
    op.add_column("events", sa.Column("subject_version", sa.Integer(), nullable=True))
