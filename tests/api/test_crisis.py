"""A crisis organisation through the API: opened by the community, seen by all, ended by its date or by an act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from tests.api.conftest import SIGNED_IN_ROLES, World
from tests.api.test_story import posted, read


async def an_order_body(world: World, **over: object) -> dict[str, object]:
    async with world.db.read(world.community_id) as reader:
        until = now_of(reader) + timedelta(days=7)
    return {
        "requested_by": "health_agency",
        "order_reference": "message du 20 mars",
        "until": until.isoformat(),
        **over,
    }


async def test_everybody_signed_in_reads_the_crisis_that_a_coordinator_opened(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    before = await read(coordinator, "/crisis")
    assert (before["open"], before["clocks"]["urgent_hold_minutes"]) == (None, 30)
    opened = await posted(coordinator, "/crises", await an_order_body(world, clocks={"urgent_hold_minutes": 20}), 201)
    for role in SIGNED_IN_ROLES:
        told = await read(world[role], "/crisis")
        assert told["open"]["id"] == opened["id"]
        assert told["open"]["requested_by"] == "health_agency"
        assert (told["clocks"]["urgent_hold_minutes"], told["clocks"]["untouched_red_minutes"]) == (20, 60)
    await posted(coordinator, f"/crises/{opened['id']}/closing")
    after = await read(coordinator, "/crisis")
    assert (after["open"], [each["id"] for each in after["past"]]) == (None, [opened["id"]])
    assert after["clocks"]["urgent_hold_minutes"] == 30


async def test_it_is_prolonged_by_a_new_act_and_opened_once(world: World) -> None:
    coordinator = world[Role.COORDINATOR]
    opened = await posted(coordinator, "/crises", await an_order_body(world), 201)
    reply = await coordinator.post("/api/v1/crises", json=await an_order_body(world))
    assert (reply.status_code, reply.json()["code"]) == (409, "crisis-already-open")
    async with world.db.read(world.community_id) as reader:
        later = (now_of(reader) + timedelta(days=20)).isoformat()
    prolonged = await an_order_body(world, requested_by="prefect", until=later)
    await posted(coordinator, f"/crises/{opened['id']}/prolongations", prolonged)
    told = (await read(coordinator, "/crisis"))["open"]
    assert [act["requested_by"] for act in told["acts"]] == ["health_agency", "prefect"]
    assert told["acts"][0]["ended_how"] == "prolonged"


@pytest.mark.parametrize(
    ("over", "field"),
    [({"requested_by": "me"}, "requested_by"), ({"clocks": {"week_minutes": 3600}}, "week_minutes")],
)
async def test_what_a_crisis_may_not_say_is_refused_by_name(world: World, over: dict[str, object], field: str) -> None:
    reply = await world[Role.COORDINATOR].post("/api/v1/crises", json=await an_order_body(world, **over))
    assert reply.status_code in (400, 422)
    assert field in reply.text


async def test_a_derogation_is_listed_with_its_text_and_its_dates(world: World) -> None:
    async with world.db.read(world.community_id) as reader:
        today = now_of(reader).date()
    body = {
        "rule_set": "law",
        "figure": "week_minutes",
        "amount": 3600,
        "text_reference": "décret du 20 mars",
        "issued_by": "Premier ministre",
        "first_day": (today + timedelta(days=1)).isoformat(),
        "last_day": (today + timedelta(days=9)).isoformat(),
    }
    await posted(world[Role.COORDINATOR], "/rule-derogations", body, 201)
    (listed,) = (await read(world[Role.OBSERVER], "/crisis"))["derogations"]
    assert {name: listed[name] for name in body} == body
    reply = await world[Role.COORDINATOR].post("/api/v1/rule-derogations", json={**body, "figure": "days_in_row"})
    assert (reply.status_code, reply.json()["field"]) == (422, "figure")
