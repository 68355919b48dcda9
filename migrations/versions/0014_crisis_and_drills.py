"""Dated parameters with an overlay while a crisis is open, derogations that end by themselves, and closing drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "community_parameters",
        sa.Column("overlay", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("crisis_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("order_reference", sa.Text(), nullable=True),
        sa.Column("planned_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.Column("author_account_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by_account_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("overlay IN ('base', 'crisis')", name=op.f("ck_community_parameters_overlay")),
        sa.CheckConstraint("NOT isempty(during)", name=op.f("ck_community_parameters_some_time")),
        sa.CheckConstraint(
            "overlay = 'base' OR (NOT lower_inf(during) AND NOT upper_inf(during) AND crisis_id IS NOT NULL"
            " AND requested_by IS NOT NULL AND order_reference IS NOT NULL AND planned_until IS NOT NULL)",
            name=op.f("ck_community_parameters_crisis_is_ordered"),
        ),
        sa.CheckConstraint(
            "ended_how IN ('prolonged', 'closed', 'expired')", name=op.f("ck_community_parameters_ended_how")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_parameters")),
        postgresql.ExcludeConstraint(
            ("community_id", "="),
            ("overlay", "="),
            ("during", "&&"),
            using="gist",
            name="ex_community_parameters_during",
        ),
    )
    op.execute(
        "INSERT INTO community_parameters (id, community_id, overlay, during, parameters, recorded_at)"
        " SELECT gen_random_uuid(), id, 'base', tstzrange(NULL, NULL), parameters, now() FROM communities"
    )
    op.drop_column("communities", "parameters")
    op.create_table(
        "rule_derogations",
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("text_reference", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("validity", postgresql.DATERANGE(), nullable=False),
        sa.Column("author_account_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "figure IN ('shift_minutes', 'night_shift_minutes', 'rest_minutes', 'week_minutes',"
            " 'average_week_minutes')",
            name=op.f("ck_rule_derogations_figure"),
        ),
        # A derogation without an end would be another law: both dates are said, and no more than a quarter apart.
        sa.CheckConstraint(
            "NOT isempty(validity) AND NOT lower_inf(validity) AND NOT upper_inf(validity)"
            " AND upper(validity) - lower(validity) <= 92",
            name=op.f("ck_rule_derogations_ends"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_derogations")),
        postgresql.ExcludeConstraint(
            ("community_id", "="),
            ("rule_set", "="),
            ("figure", "="),
            ("validity", "&&"),
            using="gist",
            name="ex_rule_derogations_validity",
        ),
    )
    op.create_table(
        "closing_drills",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("offer_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("first_segment", sa.Integer(), nullable=False),
        sa.Column("last_segment", sa.Integer(), nullable=False),
        sa.Column("max_travel_minutes", sa.Integer(), nullable=False),
        sa.Column("headcount", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by_account_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("solved_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("problem_digest", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("applied", postgresql.JSONB(), nullable=False),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'solved', 'failed')", name=op.f("ck_closing_drills_state")),
        sa.CheckConstraint("first_segment <= last_segment", name=op.f("ck_closing_drills_some_time")),
        sa.CheckConstraint(
            "(state = 'solved') = (result IS NOT NULL)", name=op.f("ck_closing_drills_solved_has_result")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_closing_drills_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_drills")),
    )
    op.create_index(
        op.f("ix_closing_drills_community_id_asked_at"), "closing_drills", ["community_id", "asked_at"], unique=False
    )
    for table, rights in (
        ("community_parameters", "SELECT, INSERT, UPDATE"),
        ("rule_derogations", "SELECT, INSERT"),
        ("closing_drills", "SELECT, INSERT, UPDATE"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        own = "community_id = current_community()"
        op.execute(f"CREATE POLICY visible ON {table} TO entraide_app USING ({own}) WITH CHECK ({own})")
        op.execute(f"GRANT {rights} ON {table} TO entraide_app")
