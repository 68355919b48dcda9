"""Every route, for nobody, for each wrong role, and for each right one."""

from __future__ import annotations

from uuid import uuid4

from litestar.handlers import HTTPRouteHandler

from exchange.api.guards import ROLES_KEY
from exchange.api.routes import PATH, READS, WRITES
from exchange.kernel.actor import Role
from tests.api.bodies import a_situation_body
from tests.api.conftest import SIGNED_IN_ROLES, World

ROUTES = [("GET", handler) for handler in READS] + [("POST", handler) for handler in WRITES]
NOBODY = ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer inconnu"}, {"Authorization": "Basic abc"})


def address(handler: HTTPRouteHandler) -> str:
    """The route's address, its parameters naming nothing that exists."""

    def named(part: str) -> str:
        if part.endswith(":uuid}"):
            return str(uuid4())
        return "S-AAAA-AA" if part.startswith("{") else part

    return PATH + "/".join(named(part) for part in min(handler.paths).split("/"))


async def test_nobody_is_answered_without_a_token_in_force(world: World) -> None:
    assert world.anonymous is not None
    for method, handler in ROUTES:
        for headers in NOBODY:
            reply = await world.anonymous.request(method, address(handler), headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "sign-in-required"), handler
            assert reply.headers["www-authenticate"] == "Bearer"


async def test_methods_of_an_address_are_told_to_who_is_signed_in(world: World) -> None:
    assert world.anonymous is not None
    for _, handler in ROUTES:
        assert (await world.anonymous.options(address(handler))).status_code == 401, handler
        assert (await world[Role.OBSERVER].options(address(handler))).status_code == 204, handler


async def test_every_answer_is_kept_by_no_cache(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    replies = [await coordinator.get(f"/api/v1{path}") for path in ("/me", "/situations", "/situations/S-AAAA-AA")]
    replies.append(await coordinator.post("/api/v1/situations", json=a_situation_body()))
    for reply in replies:
        assert reply.headers.get_list("cache-control") == ["no-store"], reply.text
        assert reply.headers["x-content-type-options"] == "nosniff"


async def test_every_route_lists_its_roles_and_refuses_all_others(world: World) -> None:
    for method, handler in ROUTES:
        allowed = handler.opt[ROLES_KEY]
        assert allowed, handler
        assert allowed <= set(SIGNED_IN_ROLES), handler
        for role in SIGNED_IN_ROLES:
            reply = await world[role].request(method, address(handler))
            if role in allowed:
                assert reply.status_code in (200, 400, 404), (handler, role, reply.text)
            else:
                assert (reply.status_code, reply.json()["code"]) == (403, "act-forbidden"), (handler, role)
