"""Staffing, availability, situations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "situations",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("together_id", sa.Uuid(), nullable=True),
        sa.Column("commune_code", sa.Text(), nullable=False),
        sa.Column("living_area_id", sa.Uuid(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("max_travel_minutes", sa.Integer(), nullable=False),
        sa.Column("max_places", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column(
            "excluded_facility_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column("care_mode", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("referent_account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("next_check_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("effective_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("terms_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_situations_closed_has_outcome")),
        sa.CheckConstraint(
            "outcome IS DISTINCT FROM 'placed_in_network' OR effective_at IS NOT NULL",
            name=op.f("ck_situations_placed_has_arrived"),
        ),
        sa.CheckConstraint(
            "state = 'closed' OR next_check_at IS NOT NULL", name=op.f("ck_situations_open_has_next_check")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'searching', 'held', 'confirmed', 'effective', 'closed')",
            name=op.f("ck_situations_state"),
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_situations_level")),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_situations_urgency")),
        sa.ForeignKeyConstraint(["commune_code"], ["communes.code"], name=op.f("fk_situations_commune_code")),
        sa.ForeignKeyConstraint(["living_area_id"], ["living_areas.id"], name=op.f("fk_situations_living_area_id")),
        sa.ForeignKeyConstraint(
            ["referent_account_id"], ["accounts.id"], name=op.f("fk_situations_referent_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situations")),
        sa.UniqueConstraint("community_id", "reference", name=op.f("uq_situations_community_id_reference")),
    )
    op.create_index(op.f("ix_situations_community_id_state"), "situations", ["community_id", "state"], unique=False)
    op.create_index(
        "ix_situations_next_check",
        "situations",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "incompatibilities",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("review_on", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_incompatibilities_ordered")),
        sa.ForeignKeyConstraint(["first_id"], ["situations.id"], name=op.f("fk_incompatibilities_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["situations.id"], name=op.f("fk_incompatibilities_second_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_incompatibilities")),
    )
    op.create_table(
        "loan_volunteers",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=False),
        sa.Column("qualifications", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("living_area_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("max_travel_minutes", sa.Integer(), nullable=False),
        sa.Column("max_loan_minutes", sa.Integer(), nullable=False),
        sa.Column("night12h_derogation", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("may_be_asked_at_night", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("agrees_to_be_asked", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("ready_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paused_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("terms_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["communes.code"], name=op.f("fk_loan_volunteers_commune_code")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_loan_volunteers_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_volunteers")),
    )
    op.create_index(
        op.f("ix_loan_volunteers_community_id_facility_id"),
        "loan_volunteers",
        ["community_id", "facility_id"],
        unique=False,
    )
    op.create_table(
        "place_offers",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("care_mode", sa.Text(), nullable=False),
        sa.Column("populations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provides", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("ages_from", sa.Integer(), nullable=False),
        sa.Column("ages_to", sa.Integer(), nullable=False),
        sa.Column("max_stay_nights", sa.Integer(), nullable=True),
        sa.Column("zone_communes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("arrival_from", sa.Text(), nullable=True),
        sa.Column("arrival_until", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attested_by", sa.Uuid(), nullable=True),
        sa.Column("attested_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("fresh_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("terms_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ordinary', 'emergency_bed', 'caseload', 'conditional')",
            name=op.f("ck_place_offers_kind"),
        ),
        sa.CheckConstraint("state IN ('published', 'withdrawn', 'ended')", name=op.f("ck_place_offers_state")),
        sa.CheckConstraint("ages_from BETWEEN 0 AND ages_to", name=op.f("ck_place_offers_ages")),
        sa.CheckConstraint("max_stay_nights IS NULL OR max_stay_nights > 0", name=op.f("ck_place_offers_max_stay")),
        sa.ForeignKeyConstraint(["attested_by"], ["accounts.id"], name=op.f("fk_place_offers_attested_by")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_place_offers_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_offers")),
    )
    op.create_index(op.f("ix_place_offers_community_id_state"), "place_offers", ["community_id", "state"], unique=False)
    op.create_index(op.f("ix_place_offers_facility_id"), "place_offers", ["facility_id"], unique=False)
    op.create_table(
        "situation_blocks",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("segments", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("retired_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_situation_blocks_situation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_blocks")),
    )
    op.create_index(op.f("ix_situation_blocks_situation_id"), "situation_blocks", ["situation_id"], unique=False)
    op.create_table(
        "situation_details",
        sa.Column("situation_id", sa.Uuid(), nullable=False),
        sa.Column("need_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("free_text", sa.Text(), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=True),
        sa.Column("erase_after", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_situation_details_sex")),
        sa.CheckConstraint("cardinality(need_codes) BETWEEN 1 AND 12", name=op.f("ck_situation_details_need_codes")),
        sa.CheckConstraint("length(free_text) <= 300", name=op.f("ck_situation_details_free_text")),
        sa.CheckConstraint("length(closing_note) <= 300", name=op.f("ck_situation_details_closing_note")),
        sa.ForeignKeyConstraint(["situation_id"], ["situations.id"], name=op.f("fk_situation_details_situation_id")),
        sa.PrimaryKeyConstraint("situation_id", name=op.f("pk_situation_details")),
    )
    op.create_table(
        "staff_needs",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("qualifications_any", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("is_coupled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("terms_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'covered', 'closed', 'cancelled')", name=op.f("ck_staff_needs_state")),
        sa.CheckConstraint("cardinality(qualifications_any) > 0", name=op.f("ck_staff_needs_some_qualification")),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_staff_needs_urgency")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_staff_needs_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_needs")),
    )
    op.create_index(op.f("ix_staff_needs_community_id_state"), "staff_needs", ["community_id", "state"], unique=False)
    op.create_table(
        "offer_segments",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("over_capacity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("provides", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.CheckConstraint("capacity >= 0 AND over_capacity >= 0", name=op.f("ck_offer_segments_capacity")),
        sa.CheckConstraint(
            "used BETWEEN 0 AND capacity + over_capacity", name=op.f("ck_offer_segments_used_within_capacity")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["place_offers.id"], name=op.f("fk_offer_segments_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "segment", name=op.f("pk_offer_segments")),
    )
    op.create_table(
        "shifts",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("slot", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("seats_agreed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "is_covered",
            sa.Boolean(),
            sa.Computed("seats_agreed >= headcount", persisted=True),
            nullable=False,
        ),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(slot) AND NOT lower_inf(slot) AND NOT upper_inf(slot)",
            name=op.f("ck_shifts_slot_bounded"),
        ),
        sa.CheckConstraint("headcount > 0", name=op.f("ck_shifts_headcount")),
        sa.CheckConstraint("seats_agreed BETWEEN 0 AND headcount", name=op.f("ck_shifts_seats")),
        sa.ForeignKeyConstraint(["need_id"], ["staff_needs.id"], name=op.f("fk_shifts_need_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("id", "is_covered", name=op.f("uq_shifts_id_is_covered")),
    )
    op.create_index(op.f("ix_shifts_need_id"), "shifts", ["need_id"], unique=False)
    op.create_table(
        "volunteer_identities",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_volunteer_identities_operator_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["loan_volunteers.id"], name=op.f("fk_volunteer_identities_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_volunteer_identities")),
    )
    op.create_table(
        "volunteer_times",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("stated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("volunteer_id"), "="),
            (sa.column("kind"), "="),
            (sa.column("slot"), "&&"),
            using="gist",
            name="ex_volunteer_times_slot",
        ),
        sa.CheckConstraint("kind IN ('available', 'released', 'own_shift')", name=op.f("ck_volunteer_times_kind")),
        sa.CheckConstraint(
            "NOT isempty(slot) AND NOT lower_inf(slot) AND NOT upper_inf(slot)",
            name=op.f("ck_volunteer_times_slot_bounded"),
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["loan_volunteers.id"], name=op.f("fk_volunteer_times_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_times")),
    )
    op.create_table(
        "segment_requirements",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id", "segment"],
            ["offer_segments.offer_id", "offer_segments.segment"],
            name=op.f("fk_segment_requirements_offer_id_segment"),
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_segment_requirements_shift_id")),
        sa.PrimaryKeyConstraint("offer_id", "segment", "shift_id", name=op.f("pk_segment_requirements")),
    )
    op.create_index(op.f("ix_segment_requirements_shift_id"), "segment_requirements", ["shift_id"], unique=False)
