"""The week of an offer, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from tests.api.conftest import World
from tests.factories.availability import an_offer, local_date
from tests.factories.ground import ZONE

DAY = timedelta(days=1)
NIGHTS = [place % 2 for place in range(14)]


async def an_own_offer(world: World) -> tuple[str, Any]:
    async with world.db.write(world.community_id) as tx:
        offer_id = await an_offer(tx, world.home_id)
        return f"/api/v1/offers/{offer_id}", local_date(now_of(tx), ZONE)


async def test_a_week_is_set_excepted_resumed_and_ended(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer, first = await an_own_offer(world)
    assert (await manager.get(f"{offer}/week")).status_code == 404
    body = {"capacities": NIGHTS, "first": first.isoformat()}
    assert (await manager.post(f"{offer}/week", json=body)).status_code == 200
    span = {"first": (first + 14 * DAY).isoformat(), "last": (first + 15 * DAY).isoformat(), "halves": ["night"]}
    closing = {**span, "capacity": 0, "reason": "works"}
    assert (await manager.post(f"{offer}/week/exceptions", json=closing)).status_code == 200
    for reader in (manager, world[Role.COORDINATOR]):
        told = (await reader.get(f"{offer}/week")).json()
        assert told["capacities"] == NIGHTS
        assert (told["first"], told["last"]) == (first.isoformat(), None)
        half = {"halves": ["night"], "capacity": 0, "reason": "works"}
        assert {**half, "first": span["first"], "last": span["last"]} in told["exceptions"]
    assert (await manager.post(f"{offer}/week/resumption", json=span)).status_code == 200
    told = (await manager.get(f"{offer}/week")).json()
    assert [each for each in told["exceptions"] if each["reason"] == "works"] == []
    assert (await manager.post(f"{offer}/week/end")).status_code == 200
    assert (await manager.get(f"{offer}/week")).status_code == 404
    refused = await manager.post(f"{offer}/week/exceptions", json=closing)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-week-followed")


async def test_the_same_key_sets_a_week_once(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer, first = await an_own_offer(world)
    body, headers = {"capacities": NIGHTS, "first": first.isoformat()}, {"Idempotency-Key": uuid4().hex}
    one = await manager.post(f"{offer}/week", json=body, headers=headers)
    rows = await world.counts()
    two = await manager.post(f"{offer}/week", json=body, headers=headers)
    assert (one.status_code, one.json()) == (two.status_code, two.json())
    assert await world.counts() == rows


async def test_a_week_that_means_nothing_is_refused_by_its_field(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer, first = await an_own_offer(world)
    for over, field in (
        ({"capacities": NIGHTS[:13]}, "capacities"),
        ({"capacities": [0] * 14}, "capacities"),
        ({"capacities": [*NIGHTS[:13], 100]}, "capacities[13]"),
        ({"last": (first - DAY).isoformat()}, "last"),
        ({"first": "hier"}, "first"),
    ):
        reply = await manager.post(f"{offer}/week", json={"capacities": NIGHTS, "first": first.isoformat(), **over})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid-value"), over
        assert reply.json()["field"] == field


async def test_a_neighbour_does_not_set_the_week_of_another_site(world: World) -> None:
    offer, first = await an_own_offer(world)
    assert world.neighbour is not None
    body = {"capacities": NIGHTS, "first": first.isoformat()}
    assert (await world.neighbour.http.post(f"{offer}/week", json=body)).status_code == 403
