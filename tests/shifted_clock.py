"""A clock that a test moves: the house reads the time from PostgreSQL alone, so that one function moves it everywhere.

`now()` is looked up like any other name: a schema searched before `pg_catalog` answers in its place. The product is
untouched, whatever its processes; connections opened before the clock was laid are closed, for they search elsewhere.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg
from sqlalchemy import make_url

from tests.servers import FreshDatabase

_LAY = """
CREATE SCHEMA test_clock;
CREATE TABLE test_clock.shift (by interval NOT NULL, stands_at timestamptz);
INSERT INTO test_clock.shift VALUES ('0', NULL);
CREATE FUNCTION test_clock.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT coalesce(stands_at, pg_catalog.now() + by) FROM test_clock.shift';
GRANT USAGE ON SCHEMA test_clock TO PUBLIC;
GRANT SELECT ON test_clock.shift TO PUBLIC;
"""


class ShiftedClock:
    """The clock of one database. It starts on time; it only goes forward, as clocks do."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.by = timedelta(0)

    async def advance(self, by: timedelta) -> None:
        """Let some time pass at once, for every process that uses the database."""
        assert by > timedelta(0), "a clock does not run backwards"
        self.by += by
        await self._connection.execute("UPDATE test_clock.shift SET by = $1, stands_at = NULL", self.by)

    async def stand_at(self, instant: datetime) -> None:
        """Stop the clock at an instant, whichever; it goes on when it is advanced."""
        await self._connection.execute("UPDATE test_clock.shift SET stands_at = $1", instant)

    async def close(self) -> None:
        await self._connection.close()


async def lay_clock(database: FreshDatabase) -> ShiftedClock:
    """Put a clock into a database, and close every other connection to it."""
    plain = make_url(database.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    await connection.execute(_LAY)
    await connection.execute(f"ALTER DATABASE {database.name} SET search_path = test_clock, pg_catalog, public")
    # Our own pool lets go by itself; the other ones are closed by the server, and must have heard of it before they
    # are used again: a connection told so in the middle of a question can neither answer nor be renewed.
    await database.engine.dispose()
    ended = await connection.fetch(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        database.name,
    )
    pids = [row["pid"] for row in ended]
    while await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)", pids):
        await asyncio.sleep(0.01)
    return ShiftedClock(connection)
