"""Two advisers, one last place, over HTTP: one holds it, the other is told so and what to do next."""

from __future__ import annotations

import asyncio

from exchange.kernel.actor import Role
from tests.api.bodies import a_situation_body, an_offer_body, tomorrow_night
from tests.api.conftest import World
from tests.api.test_story import posted, propose, read


async def test_last_place_is_held_by_one_of_two_advisers(world: World) -> None:
    advisers = [world[Role.PATHWAY_ADVISER], world[Role.COORDINATOR]]
    offer = await posted(world[Role.FACILITY_MANAGER], "/offers", an_offer_body(world.home_id), 201)
    references = []
    for adviser in advisers:
        received = await posted(adviser, "/situations", a_situation_body(), 201)
        await propose(world, received["id"], offer["id"])
        references.append(received["reference"])
    replies = await asyncio.gather(
        *(
            adviser.post(f"/api/v1/situations/{reference}/hold", json={"rank": 1})
            for adviser, reference in zip(advisers, references, strict=True)
        )
    )
    winner, loser = sorted(replies, key=lambda reply: reply.status_code)
    assert winner.status_code == 200
    assert loser.status_code == 409, loser.text
    assert loser.headers["content-type"] == "application/problem+json"
    told = loser.json()
    assert told["code"] == "place-already-held"
    assert told["facts"]["segment"] == tomorrow_night()
    assert told["next_step"]
    states = [(await read(advisers[0], f"/situations/{reference}"))["state"] for reference in references]
    assert sorted(state == "held" for state in states) == [False, True]
    segments = (await read(world[Role.COORDINATOR], f"/offers/{offer['id']}"))["segments"]
    assert {line["segment"]: line["used"] for line in segments}[tomorrow_night()] == 1


async def test_twenty_holds_on_three_places_never_promise_a_fourth(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    body = an_offer_body(world.home_id)
    body["spans"][0]["capacity"] = 3
    offer = await posted(world[Role.FACILITY_MANAGER], "/offers", body, 201)
    references = []
    for _ in range(20):
        received = await posted(adviser, "/situations", a_situation_body(), 201)
        await propose(world, received["id"], offer["id"])
        references.append(received["reference"])
    replies = await asyncio.gather(
        *(adviser.post(f"/api/v1/situations/{reference}/hold", json={"rank": 1}) for reference in references)
    )
    assert sorted(reply.status_code for reply in replies) == [200] * 3 + [409] * 17, {r.text for r in replies}
    held = [line for line in (await read(adviser, "/placements"))["items"] if line["state"] == "held"]
    assert len(held) == 3
