"""A second tap gets the first reply, however close the two are."""

from __future__ import annotations

import asyncio

import pytest

from exchange.kernel.actor import Role
from tests.api.bodies import a_situation_body, an_offer_body
from tests.api.conftest import World

KEY = {"Idempotency-Key": "un-essai-1"}


async def test_ten_taps_at_once_make_one_offer_and_ten_equal_replies(world: World) -> None:
    body = an_offer_body(world.home_id)
    manager = world[Role.FACILITY_MANAGER]
    before = await world.counts()
    replies = await asyncio.gather(*(manager.post("/api/v1/offers", json=body, headers=KEY) for _ in range(10)))
    after = await world.counts()
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert sorted(reply.headers.get("idempotency-replayed", "first") for reply in replies) == ["first"] + ["true"] * 9
    assert after["place_offers"] == before["place_offers"] + 1
    assert after["events"] == before["events"] + 1
    assert after["idempotency_records"] == before["idempotency_records"] + 1


async def test_same_request_without_a_key_is_done_again(world: World) -> None:
    body = an_offer_body(world.home_id)
    ids = {(await world[Role.FACILITY_MANAGER].post("/api/v1/offers", json=body)).json()["id"] for _ in range(2)}
    assert len(ids) == 2


async def test_key_that_came_with_another_request_is_refused(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    first = await adviser.post("/api/v1/situations", json=a_situation_body(), headers=KEY)
    assert first.status_code == 201
    before = await world.counts()
    other_body = await adviser.post("/api/v1/situations", json=a_situation_body(urgency=3), headers=KEY)
    other_act = await adviser.post(
        f"/api/v1/situations/{first.json()['reference']}/hold", json={"rank": 1}, headers=KEY
    )
    for reply in (other_body, other_act):
        told = reply.json()
        assert (reply.status_code, told["code"], told["field"]) == (422, "idempotency-key-reused", "Idempotency-Key")
    assert await world.counts() == before


async def test_key_that_came_with_another_address_is_refused(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    body = an_offer_body(world.home_id)
    first, second = [(await manager.post("/api/v1/offers", json=body)).json()["id"] for _ in range(2)]
    assert (await manager.post(f"/api/v1/offers/{first}/withdrawal", headers=KEY)).status_code == 200
    other = await manager.post(f"/api/v1/offers/{second}/withdrawal", headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (await manager.get(f"/api/v1/offers/{second}")).json()["state"] == "published"


async def test_key_belongs_to_its_account(world: World) -> None:
    replies = [
        await world[role].post("/api/v1/situations", json=a_situation_body(), headers=KEY)
        for role in (Role.PATHWAY_ADVISER, Role.COORDINATOR)
    ]
    assert len({reply.json()["reference"] for reply in replies}) == 2


async def test_refused_act_leaves_its_key_free(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    wrong = await manager.post("/api/v1/offers", json=an_offer_body(world.neighbour_id), headers=KEY)
    assert wrong.status_code == 403
    right = await manager.post("/api/v1/offers", json=an_offer_body(world.home_id), headers=KEY)
    assert right.status_code == 201


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "clé", "a b"])
async def test_unfit_key_is_refused_by_name(world: World, key: str) -> None:
    reply = await world[Role.PATHWAY_ADVISER].post(
        "/api/v1/situations", json=a_situation_body(), headers={"Idempotency-Key": key.encode()}
    )
    assert (reply.status_code, reply.json()["field"]) == (422, "Idempotency-Key"), reply.text
