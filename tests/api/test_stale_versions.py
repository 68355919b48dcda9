"""`ETag` and `If-Match`: an act decided upon an older state is refused, and told what has happened since."""

from __future__ import annotations

from exchange.kernel.actor import Role
from tests.api.bodies import a_situation_body, an_offer_body, tonight
from tests.api.conftest import World
from tests.api.test_calling_off import held
from tests.api.test_story import posted, read

API = "/api/v1"


async def test_an_act_upon_an_older_version_is_refused_and_told_what_changed(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = f"{API}/offers/{(await posted(manager, '/offers', an_offer_body(world.home_id), 201))['id']}"
    shown = await manager.get(offer)
    etag = shown.headers["ETag"]
    assert etag == f'"{shown.json()["version"]}"'
    first = await manager.post(f"{offer}/capacity", json={"delta": 1}, headers={"If-Match": etag})
    assert first.status_code == 200
    late = await manager.post(f"{offer}/capacity", json={"delta": 1}, headers={"If-Match": etag})
    told = late.json()
    assert (late.status_code, told["code"]) == (409, "stale-version")
    assert told["facts"] == {"seen": 1, "current": 2}
    (change,) = told["changes"]
    assert change.endswith(" : une place de plus (direction)")
    capacities = {segment["capacity"] for segment in (await manager.get(offer)).json()["segments"]}
    assert capacities == {segment["capacity"] + 1 for segment in shown.json()["segments"]}


async def test_without_a_version_or_with_any_the_act_goes_on(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = f"{API}/offers/{(await posted(manager, '/offers', an_offer_body(world.home_id), 201))['id']}"
    assert (await manager.post(f"{offer}/capacity", json={"delta": 1})).status_code == 200
    assert (await manager.post(f"{offer}/capacity", json={"delta": 1}, headers={"If-Match": "*"})).status_code == 200
    for unfit in ("2", '"deux"', '"0"', '"-1"', '"99999999999999"', '"1", "2"', '""'):
        told = await manager.post(f"{offer}/capacity", json={"delta": 1}, headers={"If-Match": unfit})
        assert (told.status_code, told.json()["field"]) == (422, "If-Match"), unfit


async def test_the_first_reply_is_given_again_whatever_moved_since(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    offer = f"{API}/offers/{(await posted(manager, '/offers', an_offer_body(world.home_id), 201))['id']}"
    sent = {"Idempotency-Key": "un-seul-acte", "If-Match": '"1"'}
    for _ in range(2):
        assert (await manager.post(f"{offer}/capacity", json={"delta": 1}, headers=sent)).status_code == 200


async def test_each_resource_that_acts_edit_tells_its_version(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    placement = await held(world)
    received = await posted(adviser, "/situations", a_situation_body(blocks=[[tonight()]]), 201)
    for path in (placement, f"/situations/{received['reference']}"):
        shown = await adviser.get(API + path)
        assert shown.headers["ETag"] == f'"{shown.json()["version"]}"', path
    seen = (await read(adviser, placement))["version"]
    await posted(adviser, f"{placement}/person-agreement", {"given_by": "person"})
    assert (await read(adviser, placement))["version"] == seen + 1
    manager = world[Role.FACILITY_MANAGER]
    late = await manager.post(f"{API}{placement}/acceptance", headers={"If-Match": f'"{seen}"'})
    assert late.status_code == 409
    assert late.json()["changes"][0].endswith("accord de la personne enregistré (conseil en parcours)")
