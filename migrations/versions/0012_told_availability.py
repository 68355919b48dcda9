"""What a house says of itself, closed places, signed decisions over capacity, and places that wait for a departure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_A_COMMUNITY = ["facility_statuses", "over_capacity_decisions", "awaited_departures"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("facilities", sa.Column("never_full", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("place_offers", sa.Column("attested_role", sa.Text(), nullable=True))
    op.add_column("place_offers", sa.Column("closed_until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("place_offers", sa.Column("closed_reason", sa.Text(), nullable=True))
    op.add_column(
        "place_offers", sa.Column("awaits_departure", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    # Both columns are new and empty: nothing to look at, and the lock is short.
    op.execute(
        "ALTER TABLE place_offers ADD CONSTRAINT ck_place_offers_closing_says_why"
        " CHECK ((closed_until IS NULL) = (closed_reason IS NULL)) NOT VALID"
    )
    op.execute("ALTER TABLE place_offers VALIDATE CONSTRAINT ck_place_offers_closing_says_why")
    _statuses()
    _decisions()
    _departures()
    for table in OF_A_COMMUNITY:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY visible ON {table} TO entraide_app"
            " USING (community_id = current_community()) WITH CHECK (community_id = current_community())"
        )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON facility_statuses TO entraide_app")
    # A signed decision is evidence: it is never changed nor taken away.
    op.execute("GRANT SELECT, INSERT ON over_capacity_decisions TO entraide_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON awaited_departures TO entraide_app")


def _community() -> sa.Column[object]:
    return sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False)


def _statuses() -> None:
    op.create_table(
        "facility_statuses",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("attested_by", sa.Uuid(), nullable=True),
        sa.Column("attested_role", sa.Text(), nullable=False),
        sa.Column("attested_at", sa.TIMESTAMP(timezone=True), nullable=False),
        _community(),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("facility_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_facility_statuses_during",
        ),
        sa.CheckConstraint("colour IN ('green', 'orange', 'red')", name=op.f("ck_facility_statuses_colour")),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("ck_facility_statuses_bounded"),
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_facility_statuses_facility_id")),
        sa.ForeignKeyConstraint(["attested_by"], ["accounts.id"], name=op.f("fk_facility_statuses_attested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_statuses")),
    )


def _decisions() -> None:
    op.create_table(
        "over_capacity_decisions",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("segments", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_role", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=False),
        _community(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_over_capacity_decisions_units")),
        sa.CheckConstraint("cardinality(segments) > 0", name=op.f("ck_over_capacity_decisions_some_segment")),
        sa.ForeignKeyConstraint(["offer_id"], ["place_offers.id"], name=op.f("fk_over_capacity_decisions_offer_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_over_capacity_decisions_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_over_capacity_decisions")),
    )
    op.create_index(op.f("ix_over_capacity_decisions_offer_id"), "over_capacity_decisions", ["offer_id"], unique=False)


def _departures() -> None:
    op.create_table(
        "awaited_departures",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("declared_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("freed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        _community(),
        sa.ForeignKeyConstraint(["offer_id"], ["place_offers.id"], name=op.f("fk_awaited_departures_offer_id")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_awaited_departures_situation_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["accounts.id"], name=op.f("fk_awaited_departures_declared_by")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_awaited_departures")),
    )
    op.create_index(op.f("ix_awaited_departures_situation_id"), "awaited_departures", ["situation_id"], unique=False)
