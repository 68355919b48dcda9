"""Dated figures of working time: the law's, and those of collective agreements that are stricter or other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LAW = [
    ("shift_minutes", 600, "L3121-18"),
    ("night_shift_minutes", 720, "L3121-19"),
    ("rest_minutes", 660, "L3131-1"),
    ("week_minutes", 2880, "L3121-20"),
    ("weekly_rest_minutes", 2100, "L3132-2"),
    ("average_week_minutes", 2640, "L3121-22"),
    ("average_weeks", 12, "L3121-22"),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    table = op.create_table(
        "rule_figures",
        sa.Column("rule_set", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("validity", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount BETWEEN 0 AND 10080", name=op.f("ck_rule_figures_amount")),
        sa.CheckConstraint(
            "figure IN ('shift_minutes', 'night_shift_minutes', 'night_starts_at', 'rest_minutes', 'week_minutes',"
            " 'weekly_rest_minutes', 'days_in_row', 'average_week_minutes', 'average_weeks')",
            name=op.f("ck_rule_figures_figure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_figures")),
        postgresql.ExcludeConstraint(
            ("rule_set", "="), ("figure", "="), ("validity", "&&"), using="gist", name="ex_rule_figures_validity"
        ),
    )
    # The law in force since the recodification of 8 August 2016 (loi 2016-1088).
    op.execute(
        sa.insert(table).values(
            [
                {
                    "id": sa.text("gen_random_uuid()"),
                    "rule_set": "law",
                    "figure": figure,
                    "amount": amount,
                    "article": article,
                    "source": "Code du travail",
                    "validity": sa.text("daterange('2016-08-10', NULL)"),
                }
                for figure, amount, article in LAW
            ]
        )
    )
    op.execute("GRANT SELECT ON rule_figures TO entraide_app")
