"""The people and houses of the scenarios: a small community where one answer only is right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from exchange.identity.commands import CreateToken, create_token
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.periods import Half, segment_of
from exchange.reference.code_lists import NeedCode, Provision
from tests.factories.availability import night_near
from tests.factories.ground import (
    BRIVES,
    LE_PUY,
    ZONE,
    a_community,
    a_facility,
    a_living_area,
    a_membership,
    an_account,
    an_operator,
    database_of,
    founder,
    ground,
)
from tests.servers import FreshDatabase
from tests.stage import Caller, Stage, caller


@dataclass(frozen=True, slots=True)
class Houses:
    """Two associations: one hosts adults at any hour, the other lends and has a conditional place."""

    community_id: UUID
    velay_id: UUID
    host_id: UUID
    home_id: UUID
    lender_id: UUID
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Each person with a token."""

    houses: Houses
    adviser: Caller
    coordinator: Caller
    host: Caller
    home: Caller
    lender: Caller
    observer: Caller


async def settle(database: FreshDatabase) -> Houses:
    """Write the community, its houses, accounts and tokens."""
    db = database_of(database)
    community_id = await a_community(db, name="Communauté du scénario")
    people = {
        "adviser": Role.PATHWAY_ADVISER,
        "coordinator": Role.COORDINATOR,
        "observer": Role.OBSERVER,
        "host": Role.FACILITY_MANAGER,
        "home": Role.FACILITY_MANAGER,
        "lender": Role.FACILITY_MANAGER,
    }
    async with ground(db, community_id) as tx:
        now = now_of(tx)
        velay_id = await a_living_area(tx, commune_codes=(LE_PUY, BRIVES))
        adults = {
            "populations": (NeedCode.INTELLECTUAL_DISABILITY,),
            "provides": (Provision.AWAKE_NIGHT, Provision.NIGHT_ARRIVAL_POSSIBLE),
        }
        first = await an_operator(tx, name="Association Les Hôtes")
        second = await an_operator(tx, name="Association Les Voisins")
        sites = {
            "host": await a_facility(tx, operator_id=first, name="Maison des Hôtes", commune_code=LE_PUY, **adults),
            "home": await a_facility(tx, operator_id=first, name="Foyer du Renfort", commune_code=BRIVES, **adults),
            "lender": await a_facility(tx, operator_id=second, name="Foyer des Voisins", commune_code=LE_PUY, **adults),
        }
        tokens = {}
        for name, role in people.items():
            account_id = await an_account(tx, email=f"{name}@scenario.invalid", display_name=f"Compte {name}")
            membership_id = await a_membership(tx, role, account_id=account_id, facility_id=sites.get(name))
            form = CreateToken(membership_id, f"jeton {name}", now + timedelta(days=1))
            tokens[name] = await create_token(tx, founder(community_id), form, now)
    return Houses(community_id, velay_id, sites["host"], sites["home"], sites["lender"], tokens)


@asynccontextmanager
async def on_stage(stage: Stage, houses: Houses) -> AsyncIterator[Cast]:
    """Open one client a person."""
    async with AsyncExitStack() as stack:
        people = {name: await stack.enter_async_context(caller(stage, token)) for name, token in houses.tokens.items()}
        yield Cast(houses=houses, **people)


def today() -> date:
    """The territory's date."""
    return datetime.now(ZONE).date()


def tomorrow_night() -> int:
    """A night that is not running yet."""
    return segment_of(today() + timedelta(days=1), Half.NIGHT)


def tonight() -> int:
    """The night that runs or the next one: an arrival may be said for it at any hour of the test."""
    return night_near(datetime.now(UTC), ZONE)


def night_shift(on: date) -> tuple[str, str]:
    """A night's work of nine hours and a half, in UTC, as the API takes it."""
    starts = datetime.combine(on, time(21, 30), ZONE).astimezone(UTC)
    ends = datetime.combine(on + timedelta(days=1), time(7, 0), ZONE).astimezone(UTC)
    return starts.isoformat(), ends.isoformat()
