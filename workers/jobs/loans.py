"""Clocks and follow-ups of loans."""

from __future__ import annotations

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.loans import commands
from workers.equipment import Call, Equipment


async def expire_request(equipment: Equipment, call: Call) -> None:
    """The hour to answer a request has come."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.expire_request(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def drop_cancelled(equipment: Equipment, call: Call) -> None:
    """This need is no longer asked for: what was proposed or asked for it ends."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.drop_cancelled_need(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
