"""Run by the supervisor as a short-lived child: migrate, load the demo community, write its accounts as JSON."""

import asyncio
import sys
from pathlib import Path
from typing import assert_never

import asyncpg
from sqlalchemy import make_url

from exchange.adapters.system_clock import SystemClock
from exchange.demo.accounts import ACCOUNTS
from exchange.demo.load import load_demo
from exchange.embedded.welcome import DemoAccess, DemoPerson, keep_access, read_access
from exchange.kernel.actor import Role
from exchange.settings import Settings
from migrations import upgrade


async def refuse_silent_database(owner_url: str) -> None:
    """Exit with one sentence when the database given by DATABASE_URL does not answer."""
    try:
        connection = await asyncpg.connect(plain_address(owner_url), timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        sys.exit(f"La base {make_url(owner_url).render_as_string(hide_password=True)} ne répond pas : {error}")
    await connection.close()


async def tell_planner(owner_url: str) -> None:
    """Let PostgreSQL count the rows just loaded: until its own turn comes, it plans as if the tables were empty."""
    connection = await asyncpg.connect(plain_address(owner_url), timeout=10)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def plain_address(url: str) -> str:
    """Return the address as asyncpg reads it, password included."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def role_label(role: Role) -> str:
    match role:
        case Role.FACILITY_MANAGER:
            return "direction"
        case Role.ON_CALL_MANAGER:
            return "astreinte"
        case Role.COORDINATOR:
            return "coordination"
        case Role.PATHWAY_ADVISER:
            return "conseil en parcours"
        case Role.OBSERVER:
            return "observation"
        case Role.LOAN_VOLUNTEER:
            return "professionnel volontaire"
        case Role.SYSTEM:
            return "tâches de fond"
        case _:
            assert_never(role)


async def prepare(earlier: DemoAccess | None) -> DemoAccess:
    """Bring the database to the newest schema, load the community where there is none, and tell its accounts.

    The password is drawn when the community is loaded: later starts only know what the first one kept.
    """
    settings = Settings.from_environment()
    await refuse_silent_database(settings.owner_database_url)
    await upgrade(settings.owner_database_url)
    summary = await load_demo(settings, SystemClock().now())
    if summary.password is not None:
        await tell_planner(settings.owner_database_url)
    people = tuple(DemoPerson(person.email, person.display_name, role_label(person.role)) for person in ACCOUNTS)
    kept = None if earlier is None else earlier.password
    return DemoAccess(people, summary.password or kept)


def main(access_path: Path) -> None:
    keep_access(access_path, asyncio.run(prepare(read_access(access_path))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
