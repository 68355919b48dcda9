"""Figures of working time that a test states, as their owner."""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import make_url


async def a_figure(owner_url: str, rule_set: str, figure: str, amount: int, validity: str) -> None:
    """What a later migration, or whoever keeps the figures, would state."""
    connection = await asyncpg.connect(
        make_url(owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await connection.execute(
            "INSERT INTO rule_figures (id, rule_set, figure, amount, article, source, validity)"
            " VALUES (gen_random_uuid(), $1, $2, $3, 'art. 1', 'accord d''essai', $4::text::daterange)",
            rule_set,
            figure,
            amount,
            validity,
        )
    finally:
        await connection.close()
