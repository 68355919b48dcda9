"""Weekly patterns of places and of volunteers, with the dates that differ from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_A_COMMUNITY = [
    "place_patterns",
    "place_pattern_exceptions",
    "volunteer_patterns",
    "volunteer_pattern_hours",
    "volunteer_pattern_exceptions",
]
KINDS = "kind IN ('available', 'released', 'own_shift')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "place_patterns",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("capacities", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("extend_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        _community(),
        sa.CheckConstraint(
            "cardinality(capacities) = 14 AND 0 <= ALL (capacities)", name=op.f("ck_place_patterns_capacities")
        ),
        sa.CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name=op.f("ck_place_patterns_during")),
        sa.ForeignKeyConstraint(["offer_id"], ["place_offers.id"], name=op.f("fk_place_patterns_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_place_patterns")),
    )
    op.create_table(
        "place_pattern_exceptions",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _community(),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_place_pattern_exceptions_capacity")),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["place_patterns.offer_id"],
            name=op.f("fk_place_pattern_exceptions_offer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offer_id", "segment", name=op.f("pk_place_pattern_exceptions")),
    )
    _volunteer_tables()
    for table in OF_A_COMMUNITY:
        _protect(table)
    # A constant default: no row is rewritten, and the lock is short.
    op.add_column(
        "volunteer_times", sa.Column("is_weekly", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def _volunteer_tables() -> None:
    op.create_table(
        "volunteer_patterns",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("attested_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("fresh_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("extend_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        _community(),
        sa.CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name=op.f("ck_volunteer_patterns_during")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["loan_volunteers.id"], name=op.f("fk_volunteer_patterns_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_volunteer_patterns")),
    )
    op.create_table(
        "volunteer_pattern_hours",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        _community(),
        sa.CheckConstraint(KINDS, name=op.f("ck_volunteer_pattern_hours_kind")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_volunteer_pattern_hours_weekday")),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 0 AND 1439",
            name=op.f("ck_volunteer_pattern_hours_minutes"),
        ),
        _of_pattern("volunteer_pattern_hours"),
        sa.PrimaryKeyConstraint(
            "volunteer_id", "kind", "weekday", "from_minute", name=op.f("pk_volunteer_pattern_hours")
        ),
    )
    op.create_table(
        "volunteer_pattern_exceptions",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        _community(),
        sa.CheckConstraint(KINDS, name=op.f("ck_volunteer_pattern_exceptions_kind")),
        _of_pattern("volunteer_pattern_exceptions"),
        sa.PrimaryKeyConstraint("volunteer_id", "kind", "on_date", name=op.f("pk_volunteer_pattern_exceptions")),
    )


def _of_pattern(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["volunteer_id"],
        ["volunteer_patterns.volunteer_id"],
        name=op.f(f"fk_{table}_volunteer_id"),
        ondelete="CASCADE",
    )


def _community() -> sa.Column[object]:
    return sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False)


def _protect(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY visible ON {table} TO entraide_app"
        " USING (community_id = current_community()) WITH CHECK (community_id = current_community())"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO entraide_app")
