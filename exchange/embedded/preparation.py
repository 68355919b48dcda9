"""Run by the supervisor as a short-lived child: migrate, load the demo community, write its accounts as JSON."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import msgspec
from sqlalchemy import make_url


async def refuse_silent_database(owner_url: str) -> None:
    """Exit with one sentence when the database given by DATABASE_URL does not answer."""
    address = make_url(owner_url).set(drivername="postgresql")
    try:
        connection = await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        sys.exit(f"La base {address.render_as_string(hide_password=True)} ne répond pas : {error}")
    await connection.close()


async def prepare() -> bytes:
    from exchange.adapters.system_clock import SystemClock
    from exchange.demo.load import load_demo
    from exchange.settings import Settings
    from migrations import upgrade

    settings = Settings.from_environment()
    await refuse_silent_database(settings.owner_database_url)
    await upgrade(settings.owner_database_url)
    summary = await load_demo(settings, SystemClock().now())
    return msgspec.json.encode(summary)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(asyncio.run(prepare()))
