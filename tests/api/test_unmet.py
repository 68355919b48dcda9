"""What a search left without an answer is told with its counts, to those whom it concerns."""

from __future__ import annotations

from uuid import UUID

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.planning.models import MatchRun
from tests.api.bodies import Json, a_need_body, a_situation_body
from tests.api.conftest import World


async def recorded_run(world: World, *unmet: Json) -> None:
    """A run that left these without an answer."""
    async with world.db.write(world.community_id) as tx:
        now, run_id = now_of(tx), new_id()
        plan = {"unmet": list(unmet)}
        common = {"lane": "fast", "state": "recorded", "lease_until": now, "started_at": now, "recorded_at": now}
        tx.add(MatchRun(id=run_id, plan=plan, **common))


async def test_answers_tell_what_is_unmet(world: World) -> None:
    adviser = world[Role.PATHWAY_ADVISER]
    received = (await adviser.post("/api/v1/situations", json=a_situation_body())).json()
    address = f"/api/v1/situations/{received['reference']}"
    before = (await adviser.get(f"{address}/answers")).json()
    assert (before["unmet"], before["searched_at"]) == ([], None)
    (block,) = (await adviser.get(address)).json()["blocks"]
    reasons = [{"code": "capacity", "count": 2}]
    await recorded_run(world, {"situation": received["id"], "block": block["id"], "missing": 1, "reasons": reasons})
    after = (await adviser.get(f"{address}/answers")).json()
    assert after["searched_at"] is not None
    assert after["unmet"] == [
        {
            "block_id": block["id"],
            "missing": 1,
            "obstacles": [{"code": "capacity", "count": 2, "sentence": "2 lieux complets sur ces dates"}],
            "ways": [],
        }
    ]


async def test_a_need_tells_what_is_unmet_to_its_facility_and_to_coordination_and_keeps_silent_for_others(
    world: World,
) -> None:
    made = (await world[Role.FACILITY_MANAGER].post("/api/v1/staff-needs", json=a_need_body(world.home_id))).json()
    address = f"/api/v1/staff-needs/{made['id']}"
    (shift,) = (await world[Role.COORDINATOR].get(address)).json()["shifts"]
    reasons = [{"code": "availability", "count": 1}]
    await recorded_run(world, {"need": made["id"], "shift": shift["id"], "missing": 1, "reasons": reasons})
    for role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.COORDINATOR, Role.PATHWAY_ADVISER):
        (told,) = (await world[role].get(address)).json()["unmet"]
        assert (UUID(told["shift_id"]), told["missing"]) == (UUID(shift["id"]), 1)
        assert told["obstacles"][0]["sentence"] == "1 professionnel non disponible"
    assert world.neighbour is not None
    other = (await world.neighbour.http.get(address)).json()
    assert not {"unmet", "searched_at"} & other.keys()
