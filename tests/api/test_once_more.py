"""A request that the database made give way is done again, at most three times, and only what left nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from exchange.api.once_more import MOST_ATTEMPTS
from exchange.kernel.actor import Role
from tests.api.bodies import an_offer_body
from tests.api.conftest import World

KEY = {"Idempotency-Key": "un-essai-4"}


async def give_way(world: World, times: int, state: str) -> None:
    """Let the database abort so many transactions that write an event; its count survives their rollback."""
    await as_owner(
        world,
        "CREATE SEQUENCE attempts",
        "GRANT USAGE, SELECT ON attempts TO entraide_app",
        f"""CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF nextval('attempts') <= {times} THEN RAISE EXCEPTION 'give way' USING ERRCODE = '{state}'; END IF;
              RETURN NEW; END $$""",
        "CREATE TRIGGER give_way BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION give_way()",
    )


async def attempts(world: World) -> int:
    engine = create_async_engine(world.owner_url, poolclass=NullPool)
    async with engine.connect() as connection:
        counted = await connection.scalar(text("SELECT last_value FROM attempts"))
    return int(counted or 0)


async def as_owner(world: World, *statements: str) -> None:
    engine = create_async_engine(world.owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_act_that_lost_three_races_is_done_once_and_told_as_done(world: World, state: str) -> None:
    before = await world.counts()
    await give_way(world, MOST_ATTEMPTS - 1, state)
    reply = await world[Role.FACILITY_MANAGER].post("/api/v1/offers", json=an_offer_body(world.home_id), headers=KEY)
    assert reply.status_code == 201, reply.text
    after = await world.counts()
    assert after["place_offers"] == before["place_offers"] + 1
    assert after["events"] == before["events"] + 1
    assert after["idempotency_records"] == before["idempotency_records"] + 1


async def test_act_that_always_loses_is_given_up_after_three_more_attempts(world: World) -> None:
    before = await world.counts()
    await give_way(world, 100, "40P01")
    reply = await world[Role.FACILITY_MANAGER].post("/api/v1/offers", json=an_offer_body(world.home_id), headers=KEY)
    assert (reply.status_code, reply.json()["code"]) == (503, "busy")
    assert reply.headers["retry-after"]
    assert await attempts(world) == MOST_ATTEMPTS
    assert await world.counts() == before


async def test_act_refused_for_another_reason_is_not_tried_again(world: World) -> None:
    await give_way(world, 100, "57014")
    reply = await world[Role.FACILITY_MANAGER].post("/api/v1/offers", json=an_offer_body(world.home_id), headers=KEY)
    assert (reply.status_code, reply.json()["code"]) == (503, "busy")
    assert await attempts(world) == 1


async def test_body_that_is_too_large_is_still_refused_before_it_is_read(world: World) -> None:
    reply = await world[Role.FACILITY_MANAGER].post("/api/v1/offers", content=b" " * 1_100_000)
    assert reply.status_code == 413
