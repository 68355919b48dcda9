"""A token stands for a membership in force, and every address of the door asks for one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import update

from exchange.api.guards import ROLES_KEY, SIGNED_IN
from exchange.identity.commands import CreateToken, create_token
from exchange.identity.models import Account, ApiToken, Membership
from exchange.kernel.actor import Role
from exchange.kernel.db import Scope, now_of
from tests.api.conftest import World
from tests.factories.ground import founder, ground

WITHOUT_TOKEN = {
    "/sante",
    "/api/v1/openapi.json",
    "/api/v1/openapi.json/openapi.json",
    "/api/v1/openapi.json/{path:str}",
}


async def test_every_address_of_the_door_lists_roles_or_is_known_to_be_open(app: Litestar) -> None:
    open_addresses = set()
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(("/api", "/sante")):
            continue
        for method, handler in route.route_handler_map.items():
            if method != "OPTIONS" and ROLES_KEY not in handler[0].opt:
                open_addresses.add(route.path)
    assert open_addresses == WITHOUT_TOKEN


async def test_roles_signed_in_are_those_that_an_account_may_hold() -> None:
    assert set(Role) - {Role.SYSTEM, Role.LOAN_VOLUNTEER} == SIGNED_IN


@pytest.mark.parametrize("end", ["token-revoked", "token-over", "role-ended", "account-closed"])
async def test_token_dies_with_what_it_stands_for(world: World, end: str) -> None:
    caller = world.callers[Role.COORDINATOR]
    assert (await caller.http.get("/api/v1/me")).status_code == 200
    async with world.db.write(world.community_id, scope=Scope.IDENTITY) as tx:
        now = now_of(tx)
        mine = ApiToken.membership_id == caller.actor.membership_id
        await tx.execute(
            {
                "token-revoked": update(ApiToken).where(mine).values(revoked_at=now),
                "token-over": update(ApiToken).where(mine).values(ends_at=now),
                "role-ended": update(Membership)
                .where(Membership.id == caller.actor.membership_id)
                .values(ended_at=now),
                "account-closed": update(Account).where(Account.id == caller.actor.account_id).values(disabled_at=now),
            }[end]
        )
    assert (await caller.http.get("/api/v1/me")).status_code == 401


async def test_token_says_who_it_stands_for(world: World) -> None:
    for role, caller in world.callers.items():
        me = (await caller.http.get("/api/v1/me")).json()
        assert me["role"] == role
        assert me["community"]["id"] == str(world.community_id)
        assert me["account_id"] == str(caller.actor.account_id)
        assert set(me["facility_ids"]) == {str(facility_id) for facility_id in caller.actor.facility_ids}


async def test_manager_has_one_token_per_cut_and_the_scheme_in_any_case(world: World) -> None:
    caller = world.callers[Role.FACILITY_MANAGER]
    assert caller.actor.membership_id is not None
    async with ground(world.db, world.community_id) as tx:
        asked = CreateToken(caller.actor.membership_id, "second", now_of(tx) + timedelta(hours=1))
        second = await create_token(tx, founder(world.community_id), asked, now_of(tx))
    assert second != caller.token
    assert world.anonymous is not None
    reply = await world.anonymous.get("/api/v1/me", headers={"authorization": f"bEARER {second}"})
    assert reply.status_code == 200


async def test_cookie_of_the_pages_opens_no_route(world: World) -> None:
    caller = world.callers[Role.COORDINATOR]
    assert world.anonymous is not None
    world.anonymous.cookies.set("entraide", caller.token)
    reply = await world.anonymous.get("/api/v1/me")
    assert reply.status_code == 401
