"""A situation closed and opened again before anybody gave its places back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from exchange.kernel.db import now_of
from exchange.placements.commands import ConfirmArrival, advance_ladder, confirm_arrival, drop_closed
from exchange.placements.rules import PlacementState, YesParty
from exchange.situations.commands import CloseSituation, close_situation, reopen_situation
from tests.factories.availability import from_tonight, tonight
from tests.factories.ground import ground
from tests.factories.placements import (
    ALL_YESES,
    Stage,
    a_house,
    a_stage,
    counted_and_claimed,
    hold,
    say,
    situation_state,
    state_of,
    the_placement,
    waiting,
)
from tests.servers import FreshDatabase


async def closed_and_reopened(stage: Stage, situation_id: UUID, outcome: str) -> None:
    async with stage.db.write(stage.community_id) as tx:
        await close_situation(tx, stage.adviser, CloseSituation(situation_id, outcome), now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        await reopen_situation(tx, stage.adviser, situation_id, now_of(tx))


async def the_jobs_come_late(stage: Stage, situation_id: UUID) -> None:
    """What the closing asked for, then what the reopening did."""
    jobs: tuple[Callable[..., Awaitable[object]], ...] = (drop_closed, advance_ladder)
    for job in jobs:
        async with stage.db.write(stage.community_id) as tx:
            await job(tx, stage.system, situation_id, now_of(tx))


async def test_a_place_held_for_a_situation_reopened_at_once_is_not_given_back(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await closed_and_reopened(stage, situation_id, "with_relatives")
    await the_jobs_come_late(stage, situation_id)
    assert await state_of(stage, placement_id) is PlacementState.HELD
    assert await situation_state(stage, situation_id) == "held"
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed != {}


async def test_the_yeses_of_a_situation_reopened_at_once_confirm_it(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, YesParty.RECEIVER, YesParty.PERSON)
    await closed_and_reopened(stage, situation_id, "with_relatives")
    assert await say(stage, placement_id, YesParty.LEGAL_BASIS) is PlacementState.CONFIRMED
    assert await situation_state(stage, situation_id) == "confirmed"


async def test_whoever_is_still_there_when_a_situation_is_reopened_is_there_for_it_too(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        open_now = await a_house(tx, spans=await from_tonight(tx))
        night = await tonight(tx)
    situation_id = await waiting(stage, offer_ids=(open_now.offer_id,), blocks=((night,),))
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES, manager=open_now.manager)
    async with stage.db.write(stage.community_id) as tx:
        exit_on = now_of(tx).date() + timedelta(days=9)
        await confirm_arrival(tx, stage.adviser, ConfirmArrival(placement_id, exit_on), now_of(tx))
    await closed_and_reopened(stage, situation_id, "placed_in_network")
    await the_jobs_come_late(stage, situation_id)
    assert await state_of(stage, placement_id) is PlacementState.ADMITTED
    assert await situation_state(stage, situation_id) == "effective"
