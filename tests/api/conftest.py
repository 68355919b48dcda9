"""The whole application over a test's own PostgreSQL and Valkey, called over HTTP, and a small community to call it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from exchange.app import create_app
from exchange.identity.commands import CreateToken, create_token
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, now_of
from exchange.settings import Settings
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    a_community,
    a_facility,
    a_living_area,
    actor_for,
    an_operator,
    database_of,
    founder,
    ground,
)
from tests.servers import FreshDatabase

SIGNED_IN_ROLES = (
    Role.FACILITY_MANAGER,
    Role.ON_CALL_MANAGER,
    Role.COORDINATOR,
    Role.PATHWAY_ADVISER,
    Role.OBSERVER,
)


@dataclass(slots=True)
class Caller:
    """Somebody's program: an actor, a token, and a client that shows it."""

    actor: Actor
    token: str
    http: httpx.AsyncClient


@dataclass(slots=True)
class World:
    """A community of two facilities, `home` and `neighbour`, each with its manager, and one caller per role."""

    db: Database
    owner_url: str
    community_id: UUID
    area_id: UUID
    home_id: UUID
    neighbour_id: UUID
    callers: dict[Role, Caller] = field(default_factory=dict)
    neighbour: Caller | None = None
    anonymous: httpx.AsyncClient | None = None

    def __getitem__(self, role: Role) -> httpx.AsyncClient:
        return self.callers[role].http

    async def counts(self) -> Mapping[str, int]:
        """How many rows each table holds, whatever the community: nothing may be half-saved."""
        return await row_counts(self.owner_url)


async def row_counts(owner_url: str) -> Mapping[str, int]:
    """Count the rows of each table that a request could write, with the owner's eyes."""
    written = (
        "events", "cards", "outbox", "idempotency_records", "access_log", "place_offers", "offer_segments",
        "segment_requirements", "loan_volunteers", "volunteer_identities", "volunteer_times", "staff_needs", "shifts",
        "situations", "situation_blocks", "situation_details", "placements", "placement_segments", "staff_loans",
        "loan_acts", "messages", "calls", "call_backs", "level_changes", "no_solution_statements",
        "referent_hand_overs", "outside_hand_overs",
    )  # fmt: skip
    engine = create_async_engine(owner_url, poolclass=NullPool)
    async with engine.connect() as connection:
        counted = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in written)
        rows = (await connection.execute(text(counted))).all()
    return {row[0]: row[1] for row in rows}


@pytest_asyncio.fixture(loop_scope="session")
async def app(database: FreshDatabase, redis_url: str, tmp_path: Path) -> AsyncIterator[Litestar]:
    """The application as `entraide serve` makes it."""
    settings = Settings.from_environment(
        {"DATABASE_URL": database.app_url, "REDIS_URL": redis_url, "ENTRAIDE_DATA_DIR": str(tmp_path)}
    )
    made = create_app(settings)
    async with running(made):
        yield made


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """Keep the application's lifespan in one task: fixtures begin and end in different ones."""
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await over.wait()

    life = asyncio.create_task(live())
    await ready.wait()
    try:
        yield
    finally:
        over.set()
        await life


@pytest_asyncio.fixture(loop_scope="session")
async def world(app: Litestar, database: FreshDatabase) -> AsyncIterator[World]:
    """A community and its callers."""
    async with AsyncExitStack() as clients:
        yield await a_world(app, database, clients)


async def a_world(app: Litestar, database: FreshDatabase, clients: AsyncExitStack) -> World:
    """Make one more community with its callers."""
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        area_id = await a_living_area(tx, commune_codes=(LE_PUY, BRIVES))
        operator_id = await an_operator(tx)
        home_id = await a_facility(tx, operator_id=operator_id)
        neighbour_id = await a_facility(tx, commune_code=BRIVES)
        made = World(db, database.owner_url, community_id, area_id, home_id, neighbour_id)
        sides = {Role.FACILITY_MANAGER: {"facility_id": home_id}, Role.ON_CALL_MANAGER: {"operator_id": operator_id}}
        for role in SIGNED_IN_ROLES:
            actor = await actor_for(tx, role, via=Via.API, **sides.get(role, {}))
            made.callers[role] = await a_caller(tx, app, actor, clients)
        other = await actor_for(tx, Role.FACILITY_MANAGER, via=Via.API, facility_id=neighbour_id)
        made.neighbour = await a_caller(tx, app, other, clients)
    made.anonymous = await clients.enter_async_context(client(app))
    return made


async def a_caller(tx: AsyncSession, app: Litestar, actor: Actor, clients: AsyncExitStack) -> Caller:
    """Cut a token for an actor's membership."""
    assert actor.membership_id is not None
    asked = CreateToken(actor.membership_id, "essai", now_of(tx) + timedelta(days=1))
    token = await create_token(tx, founder(actor.community_id), asked, now_of(tx))
    return Caller(actor, token, await clients.enter_async_context(client(app, token)))


def client(app: Litestar, token: str | None = None) -> httpx.AsyncClient:
    """A client of the application; what it raises reaches the client as a response, as over a socket."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://entraide.test", headers=headers)
