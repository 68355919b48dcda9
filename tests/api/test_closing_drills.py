"""A closing drill through the API: asked, solved by a worker, reopened, applied."""

from __future__ import annotations

from uuid import UUID, uuid4

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.actor import Role
from exchange.planning.drills.run import run_drill
from exchange.planning.solver_process import running_solver
from tests.api.conftest import World
from tests.api.test_story import posted, read
from tests.factories.availability import an_offer, from_tonight, tonight


async def test_a_house_closes_on_a_copy_and_the_chosen_lines_become_situations(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    async with world.db.write(world.community_id) as tx:
        await an_offer(tx, world.neighbour_id, spans=await from_tonight(tx, 1))
        segment = await tonight(tx)
    resident = {"age_band": "30-44", "need_codes": ["intellectual_disability"]}
    body = {
        "facility_id": str(world.home_id),
        "first_segment": segment,
        "last_segment": segment,
        "headcount": [resident, resident],
    }
    asked = await posted(coordinator, "/closing-drills", body, 201)
    before = await read(coordinator, f"/closing-drills/{asked['id']}")
    assert (before["drill"]["state"], before["result"]) == ("asked", None)
    reply = await coordinator.post(f"/api/v1/closing-drills/{asked['id']}/application", json={"residents": [1]})
    assert (reply.status_code, reply.json()["code"]) == (409, "drill-not-solved")
    async with running_solver() as solver:
        assert await run_drill(world.db, world.community_id, UUID(asked["id"]), solver, StraightLine())
    told = await read(coordinator, f"/closing-drills/{asked['id']}")
    result = told["result"]
    assert [line["facility_id"] for line in result["lines"]] == [str(world.neighbour_id)]
    assert (len(result["unmet"]), result["others_moved"]) == (1, 0)
    assert len(told["problem_digest"]) == 64
    placed, left = result["lines"][0]["key"], result["unmet"][0]["key"]
    applied = await posted(coordinator, f"/closing-drills/{asked['id']}/application", {"residents": [placed, left]})
    assert list(applied["received"]) == [str(placed)]
    assert applied["left_out"] == {str(left): "nothing_found"}
    (situation,) = (await read(coordinator, "/situations"))["items"]
    assert situation["reference"] == applied["received"][str(placed)]
    listed = (await read(coordinator, "/closing-drills"))["items"]
    assert [each["id"] for each in listed] == [asked["id"]]


async def test_a_drill_is_asked_of_a_house_of_the_community(world: World) -> None:
    body = {"facility_id": str(uuid4()), "first_segment": 1, "last_segment": 2}
    reply = await world[Role.COORDINATOR].post("/api/v1/closing-drills", json=body)
    assert (reply.status_code, reply.json()["field"]) == (422, "first_segment")
    assert (await world[Role.COORDINATOR].get(f"/api/v1/closing-drills/{uuid4()}")).status_code == 404
