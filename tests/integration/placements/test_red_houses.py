"""A hold and a red house: whatever their order, nothing is held in a house once it has said red."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange.availability.commands import CloseOffer, SayStatus, close_offer, say_status
from exchange.availability.errors import PlaceClosed
from exchange.kernel.db import now_of
from exchange.kernel.journals import Event
from exchange.organisations import queries as organisations
from exchange.placements.commands import cancel_placement
from exchange.placements.errors import OfferToConfirm
from tests.factories.availability import from_tonight, local_date, tonight
from tests.factories.evening import ask_before_now, said_this_morning
from tests.factories.ground import ground
from tests.factories.placements import (
    Stage,
    a_house,
    a_stage,
    counted_and_claimed,
    hold,
    proposed,
    situation_state,
    the_placement,
    waiting,
)
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase

ROUNDS = 12


async def say(stage: Stage, colour: str) -> None:
    async with stage.db.write(stage.community_id) as tx:
        await say_status(tx, stage.house.manager, SayStatus(stage.house.facility_id, colour), now_of(tx))


async def test_what_was_proposed_in_a_house_that_turned_red_is_refused_and_may_be_held_again_later(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await say(stage, "red")
    with pytest.raises(PlaceClosed) as refused:
        await hold(stage, situation_id)
    assert (refused.value.status, refused.value.facts["why"]) == (409, "house_red")
    assert await counted_and_claimed(stage) == ({}, {})
    await say(stage, "orange")
    async with stage.db.write(stage.community_id) as tx:
        again = await a_situation(tx)
        await proposed(tx, again.id, stage.house.offer_id)
    await hold(stage, again.id)
    assert await situation_state(stage, again.id) == "held"


async def test_a_hold_that_waited_behind_red_sees_it_even_though_its_own_instant_is_earlier(
    database: FreshDatabase,
) -> None:
    """The hold's transaction begins first, red commits while it waits for the offer: the older one is refused."""
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        begun = asyncio.Event()

        async def hold_late() -> None:
            begun.set()
            await hold(stage, situation_id, now=now_of(tx) - timedelta(seconds=1))

        await say_status(tx, stage.house.manager, SayStatus(stage.house.facility_id, "red"), now_of(tx))
        held = asyncio.create_task(hold_late())
        await begun.wait()
        await asyncio.sleep(0.3)
        assert not held.done(), "it waits for the offer that red has locked"
    with pytest.raises(PlaceClosed):
        await held


async def test_a_hold_racing_red_never_holds_after_it(database: FreshDatabase) -> None:
    """Either the hold came first, and red saw somebody counted there, or it is refused: never held behind its back."""
    stage = await a_stage(database, capacity=1)
    outcomes = set()
    for _ in range(ROUNDS):
        situation_id = await waiting(stage)
        both = asyncio.Barrier(2)

        async def take(barrier: asyncio.Barrier = both, wanted: object = situation_id) -> bool:
            await barrier.wait()
            try:
                await hold(stage, wanted)  # type: ignore[arg-type]
            except PlaceClosed:
                return False
            return True

        async def close(barrier: asyncio.Barrier = both) -> None:
            await barrier.wait()
            await say(stage, "red")

        held, _ = await asyncio.gather(take(), close())
        async with stage.db.read(stage.community_id) as reader:
            seen = await reader.scalar(
                select(Event.facts["was_used"].as_boolean())
                .where(Event.kind == "house_status_said")
                .order_by(Event.recorded_at.desc(), Event.id.desc())
                .limit(1)
            )
        assert seen is held
        outcomes.add(held)
        if held:
            placement_id = await the_placement(stage, situation_id)
            async with stage.db.write(stage.community_id) as tx:
                await cancel_placement(tx, stage.adviser, placement_id, now_of(tx))
        await say(stage, "green")
        counted, claimed = await counted_and_claimed(stage)
        assert counted == claimed == {}


async def test_a_closed_place_is_not_held_on_its_closed_dates(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        tomorrow = local_date(now_of(tx), await organisations.zone(tx))
        form = CloseOffer(stage.house.offer_id, tomorrow, "works")
        received = await a_situation(tx)
        await proposed(tx, received.id, stage.house.offer_id)
        await close_offer(tx, stage.house.manager, form, now_of(tx))
    with pytest.raises(PlaceClosed) as refused:
        await hold(stage, received.id)
    assert refused.value.facts["why"] == "closed"


async def test_past_the_question_a_place_that_has_not_answered_is_confirmed_before_it_is_held_tonight(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        house = await a_house(tx, spans=await from_tonight(tx))
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx, blocks=((await tonight(tx),),))
        await proposed(tx, received.id, house.offer_id)
    async with stage.db.write(stage.community_id) as tx:
        await said_this_morning(tx, house.offer_id)
        await ask_before_now(tx, stage.community_id)
    with pytest.raises(OfferToConfirm):
        await hold(stage, received.id)
