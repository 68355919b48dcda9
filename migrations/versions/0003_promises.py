"""Placements, loans, runs, messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "match_runs",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("snapshot_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("lane IN ('fast', 'full')", name=op.f("ck_match_runs_lane")),
        sa.CheckConstraint("state IN ('solving', 'recorded', 'failed', 'abandoned')", name=op.f("ck_match_runs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_runs")),
    )
    op.create_index(
        op.f("ix_match_runs_community_id_started_at"),
        "match_runs",
        ["community_id", "started_at"],
        unique=False,
    )
    op.create_index(
        "uq_match_runs_solving",
        "match_runs",
        ["community_id", "lane"],
        unique=True,
        postgresql_where=sa.text("state = 'solving'"),
    )
    op.create_table(
        "messages",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("recipient_kind IN ('account', 'volunteer')", name=op.f("ck_messages_recipient_kind")),
        sa.CheckConstraint(
            "state IN ('created', 'sending', 'sent', 'obsolete', 'failed')", name=op.f("ck_messages_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "community_id",
            "fact_id",
            "recipient_id",
            "channel",
            "step",
            name=op.f("uq_messages_community_id_fact_id_recipient_id_channel_step"),
        ),
    )
    op.create_index(op.f("ix_messages_community_id_state"), "messages", ["community_id", "state"], unique=False)
    op.create_table(
        "placements",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("blocks_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("situation_terms_version", sa.Integer(), nullable=False),
        sa.Column("offer_terms_version", sa.Integer(), nullable=False),
        sa.Column("receiver_yes_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receiver_yes_by", sa.Uuid(), nullable=True),
        sa.Column("receiver_channel", sa.Text(), nullable=True),
        sa.Column("spoken_with", sa.Text(), nullable=True),
        sa.Column("spoken_function", sa.Text(), nullable=True),
        sa.Column("person_yes_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("person_yes_from", sa.Text(), nullable=True),
        sa.Column("legal_basis_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.Column("private_note", sa.Text(), nullable=True),
        sa.Column("admitted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("exit_on", sa.Date(), nullable=True),
        sa.Column("exit_referent_account_id", sa.Uuid(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "is_claiming",
            sa.Boolean(),
            sa.Computed("state IN ('held', 'accepted', 'confirmed', 'admitted')", persisted=True),
            nullable=False,
        ),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal_reason IS NOT NULL)",
            name=op.f("ck_placements_refused_has_reason"),
        ),
        sa.CheckConstraint("origin IN ('matcher', 'person')", name=op.f("ck_placements_origin")),
        sa.CheckConstraint(
            "receiver_channel IS DISTINCT FROM 'phone' OR num_nonnulls(spoken_with, spoken_function) = 2",
            name=op.f("ck_placements_phone_names_who_spoke"),
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR receiver_yes_at IS NOT NULL",
            name=op.f("ck_placements_accepted_by_receiver"),
        ),
        sa.CheckConstraint("state <> 'held' OR held_until IS NOT NULL", name=op.f("ck_placements_held_has_end")),
        sa.CheckConstraint(
            "state IN ('proposed', 'held', 'accepted', 'confirmed', 'admitted', 'ended', 'refused', 'expired', 'cancelled', 'superseded')",
            name=op.f("ck_placements_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'admitted', 'ended') OR num_nonnulls(receiver_yes_at, person_yes_at, legal_basis_at) = 3",
            name=op.f("ck_placements_three_yeses"),
        ),
        sa.ForeignKeyConstraint(
            ["exit_referent_account_id"], ["accounts.id"], name=op.f("fk_placements_exit_referent_account_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["place_offers.id"], name=op.f("fk_placements_offer_id")),
        sa.ForeignKeyConstraint(["receiver_yes_by"], ["accounts.id"], name=op.f("fk_placements_receiver_yes_by")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_placements_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint(
            "id",
            "situation_id",
            "offer_id",
            "is_claiming",
            name=op.f("uq_placements_id_situation_id_offer_id_is_claiming"),
        ),
    )
    op.create_index(
        op.f("ix_placements_community_id_situation_id"),
        "placements",
        ["community_id", "situation_id"],
        unique=False,
    )
    op.create_index(op.f("ix_placements_offer_id"), "placements", ["offer_id"], unique=False)
    op.create_index(
        "uq_placements_live_line",
        "placements",
        ["situation_id", "offer_id", "blocks_key"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'held', 'accepted', 'confirmed', 'admitted')"),
    )
    op.create_table(
        "staff_loans",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("mission_key", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("volunteer_terms_version", sa.Integer(), nullable=False),
        sa.Column("need_terms_version", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answer_by", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("released_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("consented_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "is_binding",
            sa.Boolean(),
            sa.Computed("state IN ('agreed', 'signed', 'running', 'completed')", persisted=True),
            nullable=False,
        ),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "NOT (state IN ('agreed', 'signed', 'running', 'completed')) OR num_nonnulls(released_at, consented_at, accepted_at) = 3",
            name=op.f("ck_staff_loans_three_agreements"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'signed', 'running', 'completed', 'declined', 'expired', 'cancelled', 'superseded')",
            name=op.f("ck_staff_loans_state"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(released_at, consented_at, accepted_at) = 0 OR asked_at IS NOT NULL",
            name=op.f("ck_staff_loans_asked"),
        ),
        sa.ForeignKeyConstraint(["need_id"], ["staff_needs.id"], name=op.f("fk_staff_loans_need_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["loan_volunteers.id"], name=op.f("fk_staff_loans_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_loans")),
        sa.UniqueConstraint("id", "volunteer_id", "is_binding", name=op.f("uq_staff_loans_id_volunteer_id_is_binding")),
    )
    op.create_index(
        op.f("ix_staff_loans_community_id_need_id"), "staff_loans", ["community_id", "need_id"], unique=False
    )
    op.create_index(
        "uq_staff_loans_live_line",
        "staff_loans",
        ["volunteer_id", "mission_key"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'agreed', 'signed', 'running')"),
    )
    op.create_table(
        "admission_conditions",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(["done_by"], ["accounts.id"], name=op.f("fk_admission_conditions_done_by")),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_admission_conditions_placement_id")),
        sa.PrimaryKeyConstraint("placement_id", "condition", name=op.f("pk_admission_conditions")),
    )
    op.create_table(
        "loan_acts",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_loan_acts_account_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["staff_loans.id"], name=op.f("fk_loan_acts_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_acts")),
    )
    op.create_index(op.f("ix_loan_acts_loan_id"), "loan_acts", ["loan_id"], unique=False)
    op.create_table(
        "loan_shifts",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("slot_with_travel", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("binding", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("volunteer_id"), "="),
            (sa.column("slot_with_travel"), "&&"),
            where=sa.text("binding"),
            using="gist",
            name="ex_loan_shifts_person",
        ),
        sa.ForeignKeyConstraint(
            ["loan_id", "volunteer_id", "binding"],
            ["staff_loans.id", "staff_loans.volunteer_id", "staff_loans.is_binding"],
            name="fk_loan_shifts_loan",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_loan_shifts_shift_id")),
        sa.PrimaryKeyConstraint("loan_id", "shift_id", name=op.f("pk_loan_shifts")),
    )
    op.create_index(op.f("ix_loan_shifts_shift_id"), "loan_shifts", ["shift_id"], unique=False)
    op.create_table(
        "placement_covers",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("covered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_placement_covers_placement_id")),
        sa.ForeignKeyConstraint(
            ["shift_id", "covered"],
            ["shifts.id", "shifts.is_covered"],
            name="fk_placement_covers_shift",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("placement_id", "shift_id", name=op.f("pk_placement_covers")),
    )
    op.create_index(op.f("ix_placement_covers_shift_id"), "placement_covers", ["shift_id"], unique=False)
    op.create_table(
        "placement_segments",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("claiming", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["situation_blocks.id"], name=op.f("fk_placement_segments_block_id")),
        sa.ForeignKeyConstraint(
            ["offer_id", "segment"],
            ["offer_segments.offer_id", "offer_segments.segment"],
            name="fk_placement_segments_offer_segment",
        ),
        sa.ForeignKeyConstraint(
            ["placement_id", "situation_id", "offer_id", "claiming"],
            ["placements.id", "placements.situation_id", "placements.offer_id", "placements.is_claiming"],
            name="fk_placement_segments_placement",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("placement_id", "segment", name=op.f("pk_placement_segments")),
    )
    op.create_index(
        "uq_placement_segments_claiming",
        "placement_segments",
        ["situation_id", "segment"],
        unique=True,
        postgresql_where=sa.text("claiming"),
    )
