"""Versions of the journal, lights and exits of arrivals, and prolonged stays.

The journal keeps the version that each act left its subject with: a form drawn earlier is told what moved.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Without default nor index: no row is rewritten, and the index on the subject already finds its few events.
    op.add_column("events", sa.Column("subject_version", sa.Integer(), nullable=True))
    op.add_column("admission_conditions", sa.Column("done_role", sa.Text(), nullable=True))
    for name, kind in (
        ("exit_solution", sa.Text()),
        ("temporary_days_before", sa.Integer()),
        ("arrival_despite", sa.Text()),
    ):
        op.add_column("placements", sa.Column(name, kind, nullable=True))
    op.add_column("placements", sa.Column("proposed_by", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_placements_proposed_by", "placements", "accounts", ["proposed_by"], ["id"])
    op.add_column(
        "placements",
        sa.Column("breaches", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("placements", sa.Column("breach_reason", sa.Text(), nullable=True))
    for name, condition in (
        ("temporary_days_before", "temporary_days_before BETWEEN 0 AND 366"),
        ("breach_has_reason", "cardinality(breaches) = 0 OR origin = 'person' AND breach_reason IS NOT NULL"),
    ):
        op.execute(f"ALTER TABLE placements ADD CONSTRAINT ck_placements_{name} CHECK ({condition}) NOT VALID")
        op.execute(f"ALTER TABLE placements VALIDATE CONSTRAINT ck_placements_{name}")
    op.create_table(
        "stay_extensions",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("was_exit_on", sa.Date(), nullable=True),
        sa.Column("exit_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("receiver_channel", sa.Text(), nullable=False),
        sa.Column("spoken_with", sa.Text(), nullable=True),
        sa.Column("spoken_function", sa.Text(), nullable=True),
        sa.Column("person_yes_from", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), server_default=sa.text("current_community()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("was_exit_on IS NULL OR was_exit_on < exit_on", name=op.f("ck_stay_extensions_later")),
        sa.CheckConstraint(
            "receiver_channel <> 'phone' OR num_nonnulls(spoken_with, spoken_function) = 2",
            name=op.f("ck_stay_extensions_phone_names_who_spoke"),
        ),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_stay_extensions_placement_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["accounts.id"], name=op.f("fk_stay_extensions_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_extensions")),
    )
    op.create_index(op.f("ix_stay_extensions_placement_id"), "stay_extensions", ["placement_id"])
    op.execute("ALTER TABLE stay_extensions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE stay_extensions FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY visible ON stay_extensions TO entraide_app"
        " USING (community_id = current_community()) WITH CHECK (community_id = current_community())"
    )
    op.execute("GRANT SELECT, INSERT ON stay_extensions TO entraide_app")
