"""The end of a stay is announced to whoever was told of its beginning."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from exchange.kernel.db import now_of
from exchange.kernel.journals import Event
from exchange.notifications.commands import fan_out, warn_of_exit
from exchange.notifications.models import Message
from exchange.placements.commands import ConfirmArrival, confirm_arrival
from exchange.situations.models import Situation
from tests.factories.availability import from_tonight, tonight
from tests.factories.ground import ground
from tests.factories.placements import ALL_YESES, a_house, a_stage, hold, say, the_placement, waiting
from tests.servers import FreshDatabase


async def test_the_referent_told_of_an_arrival_is_also_told_of_the_exit(database: FreshDatabase) -> None:
    """Both letters come from one fact: the second was once taken for the first, and never written."""
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        house = await a_house(tx, spans=await from_tonight(tx))
        night = await tonight(tx)
    situation_id = await waiting(stage, offer_ids=(house.offer_id,), blocks=((night,),))
    async with stage.db.write(stage.community_id) as tx:
        (await tx.get_one(Situation, situation_id)).referent_account_id = stage.adviser.account_id
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES, manager=house.manager)
    async with stage.db.write(stage.community_id) as tx:
        leaves = now_of(tx).date() + timedelta(days=9)
        await confirm_arrival(tx, stage.adviser, ConfirmArrival(placement_id, leaves), now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        fact_id = (await tx.scalars(select(Event.fact_id).where(Event.kind == "person_admitted"))).one()
        await fan_out(tx, fact_id, now_of(tx))
        for _ in range(2):
            await warn_of_exit(tx, fact_id, placement_id, now_of(tx) + timedelta(days=8))
        told = await tx.execute(select(Message.template, Message.recipient_id).where(Message.fact_id == fact_id))
        assert sorted((row.template, row.recipient_id) for row in told) == [
            ("arrival_seen", stage.adviser.account_id),
            ("exit_not_ready", stage.adviser.account_id),
        ]
