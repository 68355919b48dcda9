"""A community and its people. Transactions that make accounts are opened by `ground(db, community_id)`."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import false, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.commands import AddMembership, CreateAccount, add_membership, create_account
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, Reactions, Scope, now_of
from exchange.kernel.ids import new_id
from exchange.kernel.record import Demand, Fact
from exchange.organisations.commands import (
    AddFacility,
    AddLivingArea,
    AddOperator,
    FoundCommunity,
    add_facility,
    add_living_area,
    add_operator,
    found_community,
)
from exchange.organisations.models import Facility, Operator
from exchange.reference.code_lists import NeedCode, Provision
from tests.servers import FreshDatabase

LE_PUY, YSSINGEAUX, BRIOUDE, BRIVES = "43157", "43268", "43040", "43041"

PASSWORD = "douze cerises au panier"
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$gMgUwTag5nJX+hMTykDsCQ$gAJ0dw3lM/jW7RXE6J2JzsqjYzFIXXpWQByUQNu2vFs"
"""Of `PASSWORD`, made once: hashing it for each account would cost 0.2 s a test."""

_numbers = itertools.count(1)


def a_zone_in_mid_afternoon(now: datetime) -> ZoneInfo:
    """The zone of fixed offset in which it is between 14:00 and 15:00 at `now`, a UTC instant."""
    return ZoneInfo(f"Etc/GMT{now.hour - 14:+d}")  # these names count hours behind UTC


ZONE = a_zone_in_mid_afternoon(datetime.now(UTC))
"""The zone of every community of the tests: no date, night or evening turns while a story is told."""


def no_follow_up(fact: Fact, now: datetime) -> Iterable[Demand]:
    """Reactions of a test that looks at commands alone: nothing follows."""
    return ()


def database_of(fresh: FreshDatabase, reactions: Reactions = no_follow_up) -> Database:
    """The product's `Database` over a test's own PostgreSQL database."""
    return Database(engine=fresh.engine, reactions=reactions)


def founder(community_id: UUID) -> Actor:
    """Who enters members from the command line."""
    return replace(Actor.system(community_id), via=Via.CLI)


def ground(db: Database, community_id: UUID) -> AbstractAsyncContextManager[AsyncSession]:
    """A write transaction of one community in which accounts may be made too."""
    return db.write(community_id, scope=Scope.IDENTITY)


async def a_community(db: Database, *, name: str = "Communauté d'essai", time_zone: str = ZONE.key) -> UUID:
    """A committed community without members."""
    community_id = new_id()
    async with ground(db, community_id) as tx:
        await found_community(tx, founder(community_id), FoundCommunity(community_id, name, time_zone), now_of(tx))
    return community_id


async def an_operator(tx: AsyncSession, *, name: str = "Association d'essai", **over: object) -> UUID:
    asked: dict[str, object] = {"finess_ej": a_finess(), "agreement_code": "66", **over}
    return await add_operator(tx, await _founder_of(tx), AddOperator(name=name, **asked), now_of(tx))  # type: ignore[arg-type]


async def a_living_area(
    tx: AsyncSession,
    *,
    slug: str = "velay",
    name: str = "Velay",
    commune_codes: tuple[str, ...] = (LE_PUY, BRIVES),
    epci_codes: tuple[str, ...] = (),
) -> UUID:
    area = AddLivingArea(slug=slug, name=name, commune_codes=commune_codes, epci_codes=epci_codes)
    return await add_living_area(tx, await _founder_of(tx), area, now_of(tx))


async def a_facility(tx: AsyncSession, *, operator_id: UUID | None = None, **over: object) -> UUID:
    """A facility of adults in Le Puy-en-Velay, of its own operator unless one is given."""
    asked: dict[str, object] = {
        "name": f"Foyer d'essai {next(_numbers)}",
        "finess_et": a_finess(),
        "category": "449",
        "commune_code": LE_PUY,
        "ages_from": 18,
        "ages_to": 99,
        "populations": (NeedCode.INTELLECTUAL_DISABILITY,),
        "provides": (Provision.AWAKE_NIGHT,),
        **over,
    }
    operator_id = operator_id or await an_operator(tx)
    return await add_facility(tx, await _founder_of(tx), AddFacility(operator_id=operator_id, **asked), now_of(tx))  # type: ignore[arg-type]


async def an_account(tx: AsyncSession, *, email: str | None = None, display_name: str = "Compte d'essai") -> UUID:
    """An account that signs in with `PASSWORD`. The transaction comes from `ground`."""
    address = email or f"compte-{new_id().hex}@essai.invalid"
    account = CreateAccount(email=address, display_name=display_name, password_hash=PASSWORD_HASH)
    return await create_account(tx, await _founder_of(tx), account, now_of(tx))


async def a_membership(
    tx: AsyncSession,
    role: Role,
    *,
    account_id: UUID | None = None,
    operator_id: UUID | None = None,
    facility_id: UUID | None = None,
    on_call_rank: int | None = None,
) -> UUID:
    """A role of an account, a new one unless given. The transaction comes from `ground`."""
    account_id = account_id or await an_account(tx)
    asked = AddMembership(account_id, role, operator_id, facility_id, on_call_rank)
    return await add_membership(tx, await _founder_of(tx), asked, now_of(tx))


async def actor_for(
    tx: AsyncSession,
    role: Role,
    *,
    facility_id: UUID | None = None,
    operator_id: UUID | None = None,
    on_call_rank: int | None = None,
    via: Via = Via.WEB,
) -> Actor:
    """A signed-in person with a real account: a manager of `facility_id`, the on-call of `operator_id`, or a
    coordination role. The transaction comes from `ground`."""
    account_id = await an_account(tx)
    membership_id = await a_membership(
        tx,
        role,
        account_id=account_id,
        facility_id=facility_id,
        operator_id=operator_id,
        on_call_rank=on_call_rank,
    )
    sites = select(Facility.id, Facility.operator_id)
    if facility_id is not None:
        sites = sites.where(Facility.id == facility_id)
    elif operator_id is not None:
        sites = sites.where(Facility.operator_id == operator_id)
    else:
        sites = sites.where(false())
    rows = (await tx.execute(sites)).all()
    return Actor(
        community_id=(await _founder_of(tx)).community_id,
        role=role,
        via=via,
        account_id=account_id,
        membership_id=membership_id,
        operator_id=operator_id or next((row.operator_id for row in rows), None),
        facility_ids=frozenset(row.id for row in rows),
    )


async def operator_of(tx: AsyncSession, facility_id: UUID) -> UUID:
    """The operator of a facility."""
    found = await tx.scalar(select(Operator.id).join(Facility).where(Facility.id == facility_id))
    assert found is not None
    return found


def a_finess() -> str:
    """A FINESS number of the right form, never given twice in a test run."""
    return f"43{next(_numbers):07d}"


@asynccontextmanager
async def a_ground(fresh: FreshDatabase) -> AsyncIterator[tuple[Database, UUID, AsyncSession]]:
    """A new community and an open transaction in it: for tests that need only one."""
    db = database_of(fresh)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        yield db, community_id, tx


async def _founder_of(tx: AsyncSession) -> Actor:
    found = await tx.scalar(text("SELECT current_community()"))
    assert isinstance(found, UUID)
    return founder(found)
