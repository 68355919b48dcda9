"""Weekly patterns of places, with the dates that differ from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_A_COMMUNITY = ["place_patterns", "place_pattern_exceptions"]


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
        sa.Column("reason", sa.Text(), nullable=False),
        _community(),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_place_pattern_exceptions_capacity")),
        sa.CheckConstraint(
            "reason IN ('holidays', 'staff_shortage', 'infection', 'works', 'other', 'by_hand')",
            name=op.f("ck_place_pattern_exceptions_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["place_patterns.offer_id"],
            name=op.f("fk_place_pattern_exceptions_offer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offer_id", "segment", name=op.f("pk_place_pattern_exceptions")),
    )
    for table in OF_A_COMMUNITY:
        _protect(table)


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
