"""Forced row-level security on every community's row, and the least rights for the application."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OF_A_COMMUNITY = [
    "access_log",
    "action_links",
    "admission_conditions",
    "cards",
    "events",
    "facilities",
    "idempotency_records",
    "incompatibilities",
    "living_area_communes",
    "living_areas",
    "loan_acts",
    "loan_shifts",
    "loan_volunteers",
    "match_runs",
    "memberships",
    "messages",
    "offer_segments",
    "operators",
    "outbox",
    "place_offers",
    "placement_covers",
    "placement_segments",
    "placements",
    "segment_requirements",
    "shifts",
    "situation_blocks",
    "situation_details",
    "situations",
    "staff_loans",
    "staff_needs",
    "volunteer_identities",
    "volunteer_times",
]
AT_SIGN_IN = ["action_links", "memberships", "operators", "facilities"]
"""Read before the community is known: whose session, token or link is this, and for which facilities?"""

APPEND_ONLY = ["access_log", "events", "loan_acts"]
FACTS = ["communes", "official_codes"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'entraide_app') THEN"
        " CREATE ROLE entraide_app NOLOGIN; END IF; END $$"
    )
    # The owner's login may act as the application: that is how one address serves both, rights given up.
    op.execute(
        "DO $$ BEGIN IF NOT pg_has_role(current_user, 'entraide_app', 'MEMBER') THEN"
        " EXECUTE format('GRANT entraide_app TO %I', current_user); END IF; END $$"
    )
    op.execute("GRANT USAGE ON SCHEMA public TO entraide_app")
    for table in OF_A_COMMUNITY:
        _protect(table, "community_id = current_community()")
        if table in APPEND_ONLY:
            op.execute(f"GRANT SELECT, INSERT ON {table} TO entraide_app")
        else:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO entraide_app")
    for table in AT_SIGN_IN:
        op.execute(f"CREATE POLICY sign_in ON {table} FOR SELECT TO entraide_app USING (current_scope() = 'identity')")
    op.execute(
        "CREATE POLICY relay ON outbox TO entraide_app"
        " USING (current_scope() = 'relay') WITH CHECK (current_scope() = 'relay')"
    )
    # `covered` belongs to the database: its default proves the cover, its foreign key tells the truth afterwards.
    op.execute("REVOKE INSERT, UPDATE ON placement_covers FROM entraide_app")
    op.execute("GRANT INSERT (community_id, placement_id, shift_id) ON placement_covers TO entraide_app")

    _protect("communities", "id = current_community() OR current_scope() IN ('identity', 'relay')")
    op.execute("GRANT SELECT, INSERT, UPDATE ON communities TO entraide_app")
    for table in ("sessions", "api_tokens"):
        _protect(table, "current_scope() = 'identity'")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO entraide_app")
    _protect(
        "accounts",
        "current_scope() = 'identity' OR EXISTS (SELECT FROM memberships m"
        " WHERE m.account_id = accounts.id AND m.community_id = current_community())",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON accounts TO entraide_app")
    op.execute("CREATE POLICY spend ON action_links FOR UPDATE TO entraide_app USING (current_scope() = 'identity')")

    for table in FACTS:
        op.execute(f"GRANT SELECT ON {table} TO entraide_app")
    # The register is completed and corrected by imports; absence from a file never deletes (decision 3).
    op.execute("GRANT SELECT, INSERT, UPDATE ON finess_establishments TO entraide_app")


def _protect(table: str, visible: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY visible ON {table} TO entraide_app USING ({visible}) WITH CHECK ({visible})")
