"""Repeating the last seven days, through the API: the list, then the act as listed."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

from sqlalchemy.dialects.postgresql import Range

from exchange.availability.models import OfferSegment
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.periods import local_instant
from exchange.staffing.models import VolunteerTime
from tests.api.conftest import World
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import ZONE
from tests.factories.staffing import a_volunteer

DAY = timedelta(days=1)


async def test_places_are_repeated_as_listed_and_once(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    async with world.db.write(world.community_id) as tx:
        offer_id, night = await an_offer(tx, world.home_id), await tomorrow_night(tx)
        tx.add(OfferSegment(offer_id=offer_id, segment=night - 6, capacity=2))
    address = f"/api/v1/offers/{offer_id}/repetition"
    listed = (await manager.get(address, params={"weeks": 2})).json()
    assert [(line["segment"], line["outcome"]) for line in listed["lines"]] == [
        (night + 8, "exists"),
        (night + 22, "opens"),
    ]
    body, headers = {"weeks": 2, "seen": listed["seen"]}, {"Idempotency-Key": uuid4().hex}
    one = await manager.post(address, json=body, headers=headers)
    assert (one.status_code, one.json()) == (200, listed)
    assert (await manager.post(address, json=body, headers=headers)).json() == listed
    refused = await manager.post(address, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "repetition-changed")
    for params in ({"weeks": 0}, {"weeks": 5}):
        assert (await manager.get(address, params=params)).status_code == 422
    assert (await world[Role.COORDINATOR].post(address, json=body)).status_code == 403


async def test_times_are_repeated_as_listed(world: World) -> None:
    manager = world[Role.FACILITY_MANAGER]
    async with world.db.write(world.community_id) as tx:
        volunteer_id = await a_volunteer(tx, world.home_id)
        on = now_of(tx).astimezone(ZONE).date() - 2 * DAY
        slot = Range(local_instant(on, time(9), ZONE), local_instant(on, time(12), ZONE), bounds="[)")
        tx.add(VolunteerTime(volunteer_id=volunteer_id, kind="released", slot=slot, stated_at=now_of(tx) - 3 * DAY))
    address = f"/api/v1/volunteers/{volunteer_id}/repetition"
    listed = (await manager.get(address)).json()
    assert [line["outcome"] for line in listed["lines"]] == ["states"]
    done = await manager.post(address, json={"weeks": 1, "seen": listed["seen"]})
    assert (done.status_code, done.json()) == (200, listed)
    assert [line["outcome"] for line in (await manager.get(address)).json()["lines"]] == ["exists"]
    refused = await manager.post(address, json={"weeks": 1, "seen": listed["seen"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "times-repetition-changed")
