"""What the database refuses is told in the house's words; what no input can cause is not hidden."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from exchange.adapters.postgres_refusals import BY_CONSTRAINT, Busy, ChangedMeanwhile, refusal_of
from exchange.kernel.errors import InvalidValue
from tests.factories.ground import database_of
from tests.servers import FreshDatabase

LINES = (
    "CREATE TEMPORARY TABLE lines (id int PRIMARY KEY, parent int REFERENCES lines, n int NOT NULL CHECK (n > 0))"
    " ON COMMIT DROP"
)


async def attempt(database: FreshDatabase, *statements: str) -> None:
    """Run statements in one transaction of the application."""
    async with database_of(database).write(None) as tx:
        for statement in statements:
            await tx.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO lines VALUES (1, NULL, 1)", ChangedMeanwhile),
        ("INSERT INTO lines VALUES (2, NULL, 0)", ChangedMeanwhile),
        ("INSERT INTO lines VALUES (2, 7, 1)", InvalidValue),
        ("SELECT 3000000000::bigint::int", InvalidValue),
        ("INSERT INTO lines VALUES (2, NULL, NULL)", None),
        ("SELECT nowhere", None),
    ],
)
async def test_database_error_becomes_the_refusal_that_it_means(
    database: FreshDatabase, statement: str, expected: type[Exception] | None
) -> None:
    with pytest.raises(DBAPIError) as error:
        await attempt(database, LINES, "INSERT INTO lines VALUES (1, NULL, 1)", statement)
    refusal = refusal_of(error.value)
    assert (type(refusal) if refusal else None) is expected


async def test_statement_that_takes_too_long_is_busy(database: FreshDatabase) -> None:
    with pytest.raises(DBAPIError) as error:
        await attempt(database, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)")
    assert isinstance(refusal_of(error.value), Busy)


async def test_each_named_constraint_exists(database: FreshDatabase) -> None:
    async with database_of(database).read(None) as reader:
        constraints = set(await reader.scalars(text("SELECT conname FROM pg_constraint")))
        indexes = set(await reader.scalars(text("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")))
    assert set(BY_CONSTRAINT) <= constraints | indexes
