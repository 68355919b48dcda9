"""A volunteer's week, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from tests.api.conftest import World
from tests.factories.availability import local_date
from tests.factories.ground import ZONE
from tests.factories.staffing import a_volunteer

DAY = timedelta(days=1)


async def an_own_volunteer(world: World) -> tuple[str, dict[str, Any]]:
    async with world.db.write(world.community_id) as tx:
        volunteer_id = await a_volunteer(tx, world.home_id)
        first = local_date(now_of(tx), ZONE)
    night = {"kind": "available", "weekday": 4, "starts": "21:00", "ends": "07:00"}
    return f"/api/v1/volunteers/{volunteer_id}/week", {"hours": [night], "first": first.isoformat()}


async def test_a_week_is_set_confirmed_left_for_some_days_and_ended(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    week, body = await an_own_volunteer(world)
    assert (await manager.get(week)).status_code == 404
    assert (await manager.post(week, json=body)).json()["promised_outside"] == []
    told = (await manager.get(week)).json()
    assert told["hours"] == body["hours"]
    assert (told["first"], told["last"], told["is_stale"], told["away"]) == (body["first"], None, False, [])
    confirmed = (await manager.post(f"{week}/confirmation")).json()
    assert confirmed["fresh_until"] > told["attested_at"]
    span = {"first": body["first"], "last": body["first"]}
    assert (await manager.post(f"{week}/absences", json=span)).status_code == 200
    away = (await world[Role.COORDINATOR].get(week)).json()["away"]
    assert away == [{**span, "kinds": ["available", "released", "own_shift"]}]
    assert (await manager.post(f"{week}/return", json=span)).status_code == 200
    assert (await manager.post(f"{week}/end")).status_code == 200
    refused = await manager.post(f"{week}/confirmation")
    assert (refused.status_code, refused.json()["code"]) == (409, "no-volunteer-week")


async def test_a_week_that_means_nothing_is_refused_by_its_field(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    week, body = await an_own_volunteer(world)
    night = body["hours"][0]
    for over, field in (
        ({"hours": []}, "hours"),
        ({"hours": [{**night, "starts": "25:00"}]}, "hours[0].starts"),
        ({"hours": [{**night, "weekday": 7}]}, "hours[0].weekday"),
        ({"hours": [night, night]}, "hours"),
        ({"hours": [{**night, "kind": "own_shift", "ends": "20:00"}]}, "hours"),
        ({"last": "2020-01-01"}, "last"),
    ):
        reply = await manager.post(week, json={**body, **over})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid-value"), over
        assert reply.json()["field"] == field


async def test_another_employer_does_not_know_of_the_week(world: World) -> None:
    week, body = await an_own_volunteer(world)
    assert world.neighbour is not None
    assert (await world.neighbour.http.post(week, json=body)).status_code == 404
    assert (await world[Role.COORDINATOR].post(week, json=body)).status_code == 403
