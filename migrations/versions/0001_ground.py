"""Journals, reference facts, organisations, identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    # NULLIF: after a local setting ends, PostgreSQL leaves an empty text, which is no uuid.
    op.execute(
        "CREATE FUNCTION current_community() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS"
        " $$ SELECT nullif(current_setting('entraide.community_id', true), '')::uuid $$"
    )
    op.execute(
        "CREATE FUNCTION current_scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS"
        " $$ SELECT current_setting('entraide.scope', true) $$"
    )
    op.create_table(
        "access_log",
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_table(
        "accounts",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_accounts_email_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    op.create_table(
        "cards",
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("shown_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("shown_from", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("living_area_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("card", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("shown_from < shown_until", name=op.f("ck_cards_period")),
        sa.PrimaryKeyConstraint("community_id", "subject_id", "shown_until", name=op.f("pk_cards")),
    )
    op.create_index(
        op.f("ix_cards_community_id_shown_until_shown_from"),
        "cards",
        ["community_id", "shown_until", "shown_from"],
        unique=False,
    )
    op.create_table(
        "communes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("departement", sa.Text(), nullable=False),
        sa.Column("epci", sa.Text(), nullable=True),
        sa.Column("epci_name", sa.Text(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_communes")),
    )
    op.create_index(op.f("ix_communes_departement"), "communes", ["departement"], unique=False)
    op.create_index(op.f("ix_communes_epci"), "communes", ["epci"], unique=False)
    op.create_table(
        "communities",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communities")),
    )
    op.create_table(
        "events",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("actor_account_id", sa.Uuid(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_community_id_subject_id_recorded_at"),
        "events",
        ["community_id", "subject_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "finess_establishments",
        sa.Column("finess_et", sa.String(length=9), nullable=False),
        sa.Column("finess_ej", sa.String(length=9), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=3), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("source_date", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("category ~ '^[0-9]{3}$'", name=op.f("ck_finess_establishments_category_form")),
        sa.CheckConstraint(
            "commune_code ~ '^[0-9][0-9AB][0-9]{3}$'", name=op.f("ck_finess_establishments_commune_code_form")
        ),
        sa.CheckConstraint(
            "finess_ej ~ '^[0-9][0-9A-Z][0-9]{7}$'", name=op.f("ck_finess_establishments_finess_ej_form")
        ),
        sa.CheckConstraint(
            "finess_et ~ '^[0-9][0-9A-Z][0-9]{7}$'", name=op.f("ck_finess_establishments_finess_et_form")
        ),
        sa.CheckConstraint("siret ~ '^[0-9]{14}$'", name=op.f("ck_finess_establishments_siret_form")),
        sa.PrimaryKeyConstraint("finess_et", name=op.f("pk_finess_establishments")),
    )
    op.create_index("ix_finess_establishments_commune_code", "finess_establishments", ["commune_code"], unique=False)
    op.create_index("ix_finess_establishments_finess_ej", "finess_establishments", ["finess_ej"], unique=False)
    op.create_table(
        "idempotency_records",
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "account_id", "key", name=op.f("pk_idempotency_records")),
    )
    op.create_table(
        "living_areas",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_living_areas")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_living_areas_community_id_id")),
        sa.UniqueConstraint("community_id", "slug", name=op.f("uq_living_areas_community_id_slug")),
    )
    op.create_table(
        "official_codes",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("list", "code", name=op.f("pk_official_codes")),
    )
    op.create_table(
        "operators",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("finess_ej", sa.Text(), nullable=False),
        sa.Column("agreement_code", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("on_call_phone", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("community_id", "finess_ej", name=op.f("uq_operators_community_id_finess_ej")),
    )
    op.create_table(
        "outbox",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("gather_key", sa.Text(), nullable=True),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "community_id",
            "fact_id",
            "job",
            "subject_id",
            name=op.f("uq_outbox_community_id_fact_id_job_subject_id"),
        ),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "action_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("spent_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_action_links_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_action_links_token_hash")),
    )
    op.create_table(
        "facilities",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("finess_et", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=False),
        sa.Column("living_area_id", sa.Uuid(), nullable=True),
        sa.Column("ages_from", sa.Integer(), nullable=False),
        sa.Column("ages_to", sa.Integer(), nullable=False),
        sa.Column("populations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provides", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_resource_site", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hides_address", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lends_at_most_per_day", sa.Integer(), nullable=True),
        sa.Column("night_phone", sa.Text(), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["communes.code"], name=op.f("fk_facilities_commune_code")),
        sa.ForeignKeyConstraint(["living_area_id"], ["living_areas.id"], name=op.f("fk_facilities_living_area_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_facilities_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("community_id", "finess_et", name=op.f("uq_facilities_community_id_finess_et")),
    )
    op.create_index(
        op.f("ix_facilities_community_id_operator_id"),
        "facilities",
        ["community_id", "operator_id"],
        unique=False,
    )
    op.create_table(
        "living_area_communes",
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=False),
        sa.Column("living_area_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["communes.code"], name=op.f("fk_living_area_communes_commune_code")),
        sa.ForeignKeyConstraint(
            ["community_id", "living_area_id"],
            ["living_areas.community_id", "living_areas.id"],
            name=op.f("fk_living_area_communes_community_id_living_area_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "commune_code", name=op.f("pk_living_area_communes")),
    )
    op.create_table(
        "memberships",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("num_nonnulls(operator_id, facility_id) <= 1", name=op.f("ck_memberships_one_side")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_memberships_facility_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_memberships_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_account_id"), "memberships", ["account_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_api_tokens_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("idle_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_sessions_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
