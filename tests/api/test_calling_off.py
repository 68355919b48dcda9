"""Doors out: a contested phone call, a place given back, a departure, a mission called off; each by its own side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from exchange.kernel.actor import Role
from tests.api.bodies import Json, a_situation_body, an_offer_body, tomorrow, tonight
from tests.api.conftest import SIGNED_IN_ROLES, World
from tests.api.test_story import a_proposed_loan, posted, propose, read

SPOKEN = {"spoken_with": "Mme Essai", "function": "cadre d'astreinte"}


async def held(world: World) -> str:
    """The path of a placement that the home facility is asked for."""
    adviser = world[Role.PATHWAY_ADVISER]
    offer = await posted(world[Role.FACILITY_MANAGER], "/offers", an_offer_body(world.home_id), 201)
    received = await posted(adviser, "/situations", a_situation_body(blocks=[[tonight()]]), 201)
    await propose(world, received["id"], offer["id"])
    await posted(adviser, f"/situations/{received['reference']}/hold", {"rank": 1})
    (placement,) = (await read(adviser, "/placements"))["items"]
    return f"/placements/{placement['id']}"


async def said_by_phone(world: World) -> str:
    one = await held(world)
    await posted(world[Role.PATHWAY_ADVISER], f"{one}/phone-acceptance", SPOKEN)
    return one


async def arrived(world: World) -> str:
    one = await said_by_phone(world)
    adviser = world[Role.PATHWAY_ADVISER]
    await posted(adviser, f"{one}/person-agreement", {"given_by": "person"})
    await posted(adviser, f"{one}/legal-basis", {"legal_basis": "emergency_admission"})
    await posted(adviser, f"{one}/arrival", {"exit_on": (tomorrow() + timedelta(days=1)).isoformat()})
    return one


MANAGERS = {Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER}
COORDINATION = {Role.COORDINATOR, Role.PATHWAY_ADVISER}


@pytest.mark.parametrize(
    ("begin", "door", "becomes", "theirs"),
    [
        (said_by_phone, "contestation", "cancelled", MANAGERS),
        (held, "cancellation", "cancelled", COORDINATION),
        (said_by_phone, "cancellation", "cancelled", COORDINATION),
        (arrived, "departure", "ended", MANAGERS | COORDINATION),
    ],
)
async def test_each_door_out_opens_for_its_own_side_alone(
    world: World, begin: Callable[[World], object], door: str, becomes: str, theirs: set[Role]
) -> None:
    one = await begin(world)  # type: ignore[misc]
    was = (await read(world[Role.COORDINATOR], one))["state"]
    for role in set(SIGNED_IN_ROLES) - theirs:
        await posted(world[role], f"{one}/{door}", status=403)
    assert world.neighbour is not None
    stranger = 404 if theirs & MANAGERS else 403
    await posted(world.neighbour.http, f"{one}/{door}", status=stranger)
    assert (await read(world[Role.COORDINATOR], one))["state"] == was
    await posted(world[min(theirs)], f"{one}/{door}")
    assert (await read(world[Role.COORDINATOR], one))["state"] == becomes
    await posted(world[min(theirs)], f"{one}/{door}", status=409)


async def test_only_a_phone_yes_is_contested_and_only_before_arrival(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    one = await held(world)
    await posted(manager, f"{one}/acceptance")
    assert (await posted(manager, f"{one}/contestation", status=409))["code"] == "not-a-phone-yes"


async def test_nobody_contests_once_the_person_is_there(world: World) -> None:
    one = await arrived(world)
    await posted(world[Role.FACILITY_MANAGER], f"{one}/contestation", status=409)
    await posted(world[Role.COORDINATOR], f"{one}/cancellation", status=409)
    assert (await read(world[Role.COORDINATOR], one))["state"] == "admitted"


async def test_a_loan_is_called_off_by_its_sides_or_by_coordination(world: World) -> None:
    assert world.neighbour is not None
    sides: dict[str, httpx.AsyncClient] = {
        "host": world[Role.FACILITY_MANAGER],
        "lender": world.neighbour.http,
        "coordination": world[Role.COORDINATOR],
    }
    loan_id, _ = await a_proposed_loan(world)
    one = f"/loans/{loan_id}"
    await posted(world[Role.COORDINATOR], f"{one}/request")
    await posted(world[Role.PATHWAY_ADVISER], f"{one}/cancellation", status=403)
    await posted(world[Role.OBSERVER], f"{one}/cancellation", status=403)
    told: Json = await posted(sides["lender"], f"{one}/cancellation")
    assert told["id"] == loan_id
    for http in sides.values():
        await posted(http, f"{one}/cancellation", status=409)
    assert (await read(sides["host"], one))["state"] == "cancelled"
