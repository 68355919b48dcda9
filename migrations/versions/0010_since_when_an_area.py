"""A living area says since when it is one: a board redrawn as of an earlier minute must not know of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Those that stand were there before every board that anybody may ask for.
    op.add_column(
        "living_areas", sa.Column("since", sa.TIMESTAMP(timezone=True), server_default=sa.text("'-infinity'"))
    )
    op.alter_column("living_areas", "since", nullable=False, server_default=None)
