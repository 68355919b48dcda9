"""A place that frees when an adult kept on (Creton amendment) is hosted elsewhere for good."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.availability.commands import claim_segments
from exchange.availability.errors import PlaceClosed
from exchange.availability.models import PlaceOffer
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, NotFound
from exchange.kernel.journals import Event
from exchange.placements.commands import (
    AwaitDeparture,
    ConfirmArrival,
    await_departure,
    confirm_arrival,
    free_departed,
)
from exchange.placements.errors import NotAnAdult
from exchange.situations.models import Situation
from tests.factories.availability import tomorrow_night
from tests.factories.ground import ground
from tests.factories.placements import ALL_YESES, House, Stage, a_house, a_stage, hold, proposed, say, waiting
from tests.factories.situations import a_situation
from tests.integration.placements.test_arrival import first_night
from tests.servers import FreshDatabase

ADULT = "20-29"


async def reference_of(stage: Stage, situation_id: UUID) -> str:
    async with stage.db.read(stage.community_id) as reader:
        return str(await reader.scalar(select(Situation.reference).where(Situation.id == situation_id)))


async def declare(stage: Stage, house: House, situation_id: UUID, *, actor: Actor | None = None) -> None:
    form = AwaitDeparture(house.offer_id, await reference_of(stage, situation_id))
    async with stage.db.write(stage.community_id) as tx:
        await await_departure(tx, actor or house.manager, form, now_of(tx))


async def another_house(stage: Stage, care_mode: str = "temporary_stay") -> House:
    async with ground(stage.db, stage.community_id) as tx:
        return await a_house(tx, care_mode=care_mode)


async def admit(stage: Stage, situation_id: UUID, house: House, *, for_good: bool) -> None:
    """The adult is held, agreed to and has arrived in a house."""
    async with stage.db.write(stage.community_id) as tx:
        placement_id = await proposed(tx, situation_id, house.offer_id)
    await hold(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES, manager=house.manager)
    on, evening = await first_night(stage, placement_id)
    exit_on = None if for_good else on + timedelta(days=1)
    async with stage.db.write(stage.community_id) as tx:
        await confirm_arrival(tx, stage.adviser, ConfirmArrival(placement_id, exit_on), evening)


async def freed(stage: Stage, situation_id: UUID) -> tuple[UUID, ...]:
    async with stage.db.write(stage.community_id) as tx:
        return await free_departed(tx, Actor.system(stage.community_id), situation_id, now_of(tx))


async def waits(stage: Stage, house: House) -> bool:
    async with stage.db.read(stage.community_id) as reader:
        return bool(await reader.scalar(select(PlaceOffer.awaits_departure).where(PlaceOffer.id == house.offer_id)))


async def test_a_place_that_waits_for_a_departure_is_held_for_nobody_until_the_adult_has_arrived_elsewhere(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    elsewhere = await another_house(stage, "boarding_full")
    async with stage.db.write(stage.community_id) as tx:
        adult = (await a_situation(tx, age_band=ADULT, care_mode="boarding_full")).id
    child = await waiting(stage)
    await declare(stage, stage.house, adult)
    with pytest.raises(PlaceClosed) as refused:
        await hold(stage, child)
    assert refused.value.facts["why"] == "awaits_departure"
    assert await freed(stage, adult) == (), "nobody has left yet"
    await admit(stage, adult, elsewhere, for_good=True)
    assert await freed(stage, adult) == (stage.house.offer_id,)
    assert await freed(stage, adult) == (), "once"
    assert not await waits(stage, stage.house)
    async with stage.db.write(stage.community_id) as tx:
        again = await a_situation(tx)
        await proposed(tx, again.id, stage.house.offer_id)
    await hold(stage, again.id)
    async with stage.db.read(stage.community_id) as reader:
        kinds = await reader.scalars(select(Event.kind).where(Event.subject_id == stage.house.offer_id))
        assert {"departure_awaited", "place_freed"} <= set(kinds)


async def test_a_stay_that_ends_frees_nothing(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    elsewhere = await another_house(stage)
    async with stage.db.write(stage.community_id) as tx:
        adult = (await a_situation(tx, age_band=ADULT)).id
    await declare(stage, stage.house, adult)
    await admit(stage, adult, elsewhere, for_good=False)
    assert await freed(stage, adult) == ()
    assert await waits(stage, stage.house)


async def test_who_may_say_so_and_of_whom(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    elsewhere = await another_house(stage)
    async with stage.db.write(stage.community_id) as tx:
        adult = (await a_situation(tx, age_band=ADULT)).id
        young = (await a_situation(tx, age_band="16-19")).id
    for actor in (elsewhere.manager, stage.adviser):
        with pytest.raises(ActForbidden):
            await declare(stage, stage.house, adult, actor=actor)
    with pytest.raises(NotAnAdult):
        await declare(stage, stage.house, young)
    async with stage.db.write(stage.community_id) as tx:
        form = AwaitDeparture(stage.house.offer_id, "S-AUCU-NE")
        with pytest.raises(NotFound):
            await await_departure(tx, stage.house.manager, form, now_of(tx))
        with pytest.raises(ActForbidden):
            await free_departed(tx, stage.adviser, adult, now_of(tx))
        await claim_segments(tx, stage.house.offer_id, (await tomorrow_night(tx),))
    with pytest.raises(IllegalTransition):
        await declare(stage, stage.house, adult)
