"""What happens around an open situation: levels, statements, calls, referents, duplicates, and the overflow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ADDED_TO = ("escalations", "level_changes", "no_solution_statements", "outside_hand_overs")
"""Said once; nothing corrects it."""

KEPT = ("call_backs", "escalation_plan_lines", "outside_services", "referent_hand_overs")
OF_A_COMMUNITY = (*ADDED_TO, *KEPT, "calls")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _add_columns()
    _create_overflow()
    _create_following()
    for table in OF_A_COMMUNITY:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        visible = "community_id = current_community()"
        op.execute(f"CREATE POLICY visible ON {table} TO entraide_app USING ({visible}) WITH CHECK ({visible})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO entraide_app")
    for table in KEPT:
        op.execute(f"GRANT UPDATE, DELETE ON {table} TO entraide_app")
    # A call noted under a duplicate follows it to the situation that stays.
    op.execute("GRANT UPDATE (situation_id, moved_from_id) ON calls TO entraide_app")


def _add_columns() -> None:
    op.add_column("memberships", sa.Column("on_call_rank", sa.Integer(), nullable=True))
    op.add_column(
        "situations", sa.Column("is_anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "situations", sa.Column("call_back_impossible", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("situations", sa.Column("duplicate_of_id", sa.Uuid(), nullable=True))
    op.add_column("situations", sa.Column("urgency_set_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("situations", sa.Column("alert_since", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("situations", sa.Column("alert_reason", sa.Text(), nullable=True))
    op.add_column("situations", sa.Column("alert_round", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_foreign_key(
        op.f("fk_situations_duplicate_of_id"), "situations", "situations", ["duplicate_of_id"], ["id"]
    )
    # No row holds any of them yet: nothing to look at, and the locks are short.
    for table, name, condition in (
        ("memberships", "on_call_rank", "on_call_rank IN (1, 2)"),
        (
            "situations",
            "duplicate_is_closed",
            "duplicate_of_id IS NULL OR outcome IS NOT DISTINCT FROM 'duplicate' AND duplicate_of_id <> id",
        ),
        ("situations", "alert_has_reason", "(alert_since IS NULL) = (alert_reason IS NULL)"),
        ("situations", "closed_without_alert", "state <> 'closed' OR alert_since IS NULL"),
    ):
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def _create_overflow() -> None:
    op.create_table(
        "escalation_plan_lines",
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("wait_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('second_on_call', 'referent', 'coordinator', 'outside_service')",
            name=op.f("ck_escalation_plan_lines_step"),
        ),
        sa.CheckConstraint("wait_minutes BETWEEN 0 AND 1440", name=op.f("ck_escalation_plan_lines_wait_minutes")),
        sa.PrimaryKeyConstraint("community_id", "position", name=op.f("pk_escalation_plan_lines")),
        sa.UniqueConstraint("community_id", "step", name=op.f("uq_escalation_plan_lines_community_id_step")),
    )
    op.create_table(
        "outside_services",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name=op.f("ck_outside_services_both_hours")),
        sa.CheckConstraint("cardinality(audiences) > 0", name=op.f("ck_outside_services_some_audience")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_services")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_outside_services_community_id_code")),
    )
    op.create_table(
        "escalations",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("taken_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("found_somebody", sa.Boolean(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "step IN ('second_on_call', 'referent', 'coordinator', 'outside_service')", name=op.f("ck_escalations_step")
        ),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_escalations_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("situation_id", "round", "step", name=op.f("uq_escalations_situation_id_round_step")),
    )
    op.create_table(
        "outside_hand_overs",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("spoken_with", sa.Text(), nullable=False),
        sa.Column("spoken_function", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "length(trim(spoken_with)) > 0 AND length(trim(spoken_function)) > 0",
            name=op.f("ck_outside_hand_overs_names_who_spoke"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_outside_hand_overs_account_id")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_outside_hand_overs_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_hand_overs")),
    )
    op.create_index(op.f("ix_outside_hand_overs_situation_id"), "outside_hand_overs", ["situation_id"], unique=False)


def _create_following() -> None:
    op.create_table(
        "calls",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("direction IN ('received', 'made')", name=op.f("ck_calls_direction")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_calls_account_id")),
        sa.ForeignKeyConstraint(["moved_from_id"], ["situations.id"], name=op.f("fk_calls_moved_from_id")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_calls_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_situation_id"), "calls", ["situation_id"], unique=False)
    op.create_table(
        "level_changes",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("was", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(note) <= 300", name=op.f("ck_level_changes_note")),
        sa.CheckConstraint(
            "level BETWEEN 1 AND 3 AND was BETWEEN 1 AND 3 AND abs(level - was) = 1",
            name=op.f("ck_level_changes_one_step"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_level_changes_account_id")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_level_changes_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_changes")),
    )
    op.create_index(op.f("ix_level_changes_situation_id"), "level_changes", ["situation_id"], unique=False)
    op.create_table(
        "no_solution_statements",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tried", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cardinality(tried) > 0", name=op.f("ck_no_solution_statements_something_tried")),
        sa.CheckConstraint("length(note) <= 300", name=op.f("ck_no_solution_statements_note")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_no_solution_statements_account_id")),
        sa.ForeignKeyConstraint(
            ["situation_id"], ["situations.id"], name=op.f("fk_no_solution_statements_situation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_solution_statements")),
    )
    op.create_index(
        op.f("ix_no_solution_statements_situation_id"), "no_solution_statements", ["situation_id"], unique=False
    )
    op.create_table(
        "referent_hand_overs",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("from_account_id", sa.Uuid(), nullable=True),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'offered') = (settled_at IS NULL)", name=op.f("ck_referent_hand_overs_settled_has_hour")
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'replaced', 'imposed')",
            name=op.f("ck_referent_hand_overs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"], ["accounts.id"], name=op.f("fk_referent_hand_overs_from_account_id")
        ),
        sa.ForeignKeyConstraint(["offered_by"], ["accounts.id"], name=op.f("fk_referent_hand_overs_offered_by")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_referent_hand_overs_situation_id")),
        sa.ForeignKeyConstraint(["to_account_id"], ["accounts.id"], name=op.f("fk_referent_hand_overs_to_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referent_hand_overs")),
    )
    op.create_index(op.f("ix_referent_hand_overs_situation_id"), "referent_hand_overs", ["situation_id"], unique=False)
    op.create_index(
        "uq_referent_hand_overs_open",
        "referent_hand_overs",
        ["situation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_table(
        "call_backs",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("planned_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('done', 'not_reached')) = (call_id IS NOT NULL)", name=op.f("ck_call_backs_settled_by_call")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'done', 'not_reached', 'cancelled')", name=op.f("ck_call_backs_state")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_backs_call_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["accounts.id"], name=op.f("fk_call_backs_planned_by")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_call_backs_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
    )
    op.create_index(
        "ix_call_backs_planned",
        "call_backs",
        ["community_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(op.f("ix_call_backs_situation_id"), "call_backs", ["situation_id"], unique=False)
