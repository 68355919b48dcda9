"""A run that a coordinator stopped is neither failed nor abandoned."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_constraint(op.f("ck_match_runs_state"), "match_runs")
    # Wider than the one it replaces: no row needs to be looked at again.
    op.execute(
        "ALTER TABLE match_runs ADD CONSTRAINT ck_match_runs_state"
        " CHECK (state IN ('solving', 'recorded', 'failed', 'abandoned', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE match_runs VALIDATE CONSTRAINT ck_match_runs_state")
