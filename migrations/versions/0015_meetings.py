"""Case meetings, tasks, project records, referral files and weekly sheets, each row in its community."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GRANTS = {
    "case_meetings": "SELECT, INSERT, UPDATE",
    "case_meeting_items": "SELECT, INSERT, UPDATE, DELETE",
    "project_records": "SELECT, INSERT, UPDATE",
    "project_record_situations": "SELECT, INSERT, DELETE",
    "tasks": "SELECT, INSERT, UPDATE",
    # Frozen: what a sheet or a file says is written once.
    "weekly_sheets": "SELECT, INSERT",
    "referral_files": "SELECT, INSERT, UPDATE (sent_at, acknowledged_at)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _case_meetings()
    _project_records()
    _weekly_sheets()
    _case_meeting_items()
    _project_record_situations()
    _referral_files()
    _tasks()
    own = "community_id = current_community()"
    for table, rights in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY visible ON {table} TO entraide_app USING ({own}) WITH CHECK ({own})")
        op.execute(f"GRANT {rights} ON {table} TO entraide_app")


def _case_meetings() -> None:
    op.create_table(
        "case_meetings",
        sa.Column("held_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("bodies", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("facility_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name=op.f("ck_case_meetings_state")),
        sa.CheckConstraint("length(place) <= 120", name=op.f("ck_case_meetings_place")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_case_meetings_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_meetings")),
    )
    op.create_index(
        op.f("ix_case_meetings_community_id_held_at"), "case_meetings", ["community_id", "held_at"], unique=False
    )


def _project_records() -> None:
    op.create_table(
        "project_records",
        sa.Column("living_area_id", sa.Uuid(), nullable=True),
        sa.Column("populations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("care_mode", sa.Text(), nullable=False),
        sa.Column("age_range", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("shared_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_project_records_closed_has_date")
        ),
        sa.CheckConstraint(
            "state <> 'answered' OR num_nonnulls(answered_at, answer) = 2",
            name=op.f("ck_project_records_answered_has_answer"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR shared_at IS NOT NULL OR state = 'closed'",
            name=op.f("ck_project_records_shared_has_date"),
        ),
        sa.CheckConstraint("state IN ('draft', 'shared', 'answered', 'closed')", name=op.f("ck_project_records_state")),
        sa.CheckConstraint("length(answer) <= 300", name=op.f("ck_project_records_answer")),
        sa.CheckConstraint("length(missing) <= 300", name=op.f("ck_project_records_missing")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_project_records_created_by")),
        sa.ForeignKeyConstraint(
            ["living_area_id"], ["living_areas.id"], name=op.f("fk_project_records_living_area_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_records")),
    )
    op.create_index(
        op.f("ix_project_records_community_id_state"), "project_records", ["community_id", "state"], unique=False
    )


def _weekly_sheets() -> None:
    op.create_table(
        "weekly_sheets",
        sa.Column("as_of", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("week_of", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_weekly_sheets_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_sheets")),
    )
    op.create_index(
        op.f("ix_weekly_sheets_community_id_as_of"), "weekly_sheets", ["community_id", "as_of"], unique=False
    )
    op.create_index(
        "uq_weekly_sheets_clock",
        "weekly_sheets",
        ["community_id", "week_of"],
        unique=True,
        postgresql_where=sa.text("made_by IS NULL"),
    )


def _case_meeting_items() -> None:
    op.create_table(
        "case_meeting_items",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decisions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("as_held", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cardinality(reasons) >= 1", name=op.f("ck_case_meeting_items_reasons")),
        sa.CheckConstraint(
            "decision_note IS NULL OR cardinality(decisions) >= 1",
            name=op.f("ck_case_meeting_items_note_of_a_decision"),
        ),
        sa.CheckConstraint("length(decision_note) <= 300", name=op.f("ck_case_meeting_items_decision_note")),
        sa.ForeignKeyConstraint(["meeting_id"], ["case_meetings.id"], name=op.f("fk_case_meeting_items_meeting_id")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_case_meeting_items_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_meeting_items")),
        sa.UniqueConstraint("meeting_id", "situation_id", name=op.f("uq_case_meeting_items_meeting_id_situation_id")),
    )
    op.create_index(op.f("ix_case_meeting_items_situation_id"), "case_meeting_items", ["situation_id"], unique=False)


def _project_record_situations() -> None:
    op.create_table(
        "project_record_situations",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["project_records.id"], name=op.f("fk_project_record_situations_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["situation_id"], ["situations.id"], name=op.f("fk_project_record_situations_situation_id")
        ),
        sa.PrimaryKeyConstraint("record_id", "situation_id", name=op.f("pk_project_record_situations")),
    )
    op.create_index(
        op.f("ix_project_record_situations_situation_id"), "project_record_situations", ["situation_id"], unique=False
    )


def _referral_files() -> None:
    op.create_table(
        "referral_files",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("acknowledged_at >= sent_at", name=op.f("ck_referral_files_acknowledged_after")),
        sa.CheckConstraint("acknowledged_at IS NULL OR sent_at IS NOT NULL", name=op.f("ck_referral_files_sent_first")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_referral_files_made_by")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_referral_files_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_files")),
    )
    op.create_index(op.f("ix_referral_files_situation_id"), "referral_files", ["situation_id"], unique=False)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("assignee_account_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_facility_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_body", sa.Text(), nullable=True),
        sa.Column("situation_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("weekly_sheet_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("reminded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("overdue_told_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'dropped') = (drop_reason IS NOT NULL)", name=op.f("ck_tasks_dropped_has_reason")),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_tasks_settled")),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_tasks_state")),
        sa.CheckConstraint("length(note) <= 300", name=op.f("ck_tasks_note")),
        sa.CheckConstraint(
            "num_nonnulls(assignee_account_id, assignee_facility_id, assignee_body) = 1",
            name=op.f("ck_tasks_one_assignee"),
        ),
        sa.CheckConstraint("num_nonnulls(meeting_id, weekly_sheet_id) <= 1", name=op.f("ck_tasks_one_origin")),
        sa.CheckConstraint("num_nonnulls(situation_id, facility_id) <= 1", name=op.f("ck_tasks_one_subject")),
        sa.CheckConstraint("overdue_told_at IS NULL OR reminded_at IS NOT NULL", name=op.f("ck_tasks_reminded_first")),
        sa.ForeignKeyConstraint(["assignee_account_id"], ["accounts.id"], name=op.f("fk_tasks_assignee_account_id")),
        sa.ForeignKeyConstraint(
            ["assignee_facility_id"], ["facilities.id"], name=op.f("fk_tasks_assignee_facility_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_tasks_created_by")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_tasks_facility_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["case_meetings.id"], name=op.f("fk_tasks_meeting_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["accounts.id"], name=op.f("fk_tasks_settled_by")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_tasks_situation_id")),
        sa.ForeignKeyConstraint(["weekly_sheet_id"], ["weekly_sheets.id"], name=op.f("fk_tasks_weekly_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "ix_tasks_open", "tasks", ["community_id", "due_on"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(op.f("ix_tasks_situation_id"), "tasks", ["situation_id"], unique=False)
