"""French communes and official codes: facts, with their sources in `migrations/reference_data/SOURCES.md`."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from alembic import op

from migrations.reference_data import communes, official_codes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COMMUNES = sa.table(
    "communes",
    sa.column("code", sa.Text),
    sa.column("name", sa.Text),
    sa.column("departement", sa.Text),
    sa.column("epci", sa.Text),
    sa.column("epci_name", sa.Text),
    sa.column("population", sa.Integer),
    sa.column("latitude", sa.Float),
    sa.column("longitude", sa.Float),
)
OFFICIAL_CODES = sa.table(
    "official_codes",
    sa.column("list", sa.Text),
    sa.column("code", sa.Text),
    sa.column("label", sa.Text),
    sa.column("version", sa.Text),
    sa.column("source", sa.Text),
    sa.column("valid_until", sa.Date),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    kept = {column.name for column in COMMUNES.columns}
    op.bulk_insert(COMMUNES, [{k: v for k, v in asdict(row).items() if k in kept} for row in communes()])
    op.bulk_insert(OFFICIAL_CODES, [asdict(row) for row in official_codes()])
