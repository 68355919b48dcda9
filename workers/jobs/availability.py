"""The clocks of offers: each at the end of its word, and the question of the evening for all of them."""

from __future__ import annotations

from exchange.availability import commands as availability
from exchange.availability.weeks import commands as weeks
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.notifications import commands as notifications
from exchange.notifications.evening import ask_evening as ask_all
from workers.equipment import Call, Equipment
from workers.outcomes import Retryable


async def ask_again(equipment: Equipment, call: Call) -> None:
    """An attestation has come to its end: take it off the proposals and ask its facility, unless it already said."""
    async with equipment.db.write(call.community_id) as tx:
        await availability.lapse_offer(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
        await notifications.ask_to_confirm(tx, call.fact_id, call.subject_id, now_of(tx))


async def ask_evening(equipment: Equipment, call: Call) -> None:
    """Ask each on-call manager once for tonight, and wind the clock of tomorrow."""
    async with equipment.db.write(call.community_id) as tx:
        asking = await ask_all(tx, call.fact_id, now_of(tx))
    if asking.too_early is not None:
        raise Retryable("too-early", delay=asking.too_early)


async def extend_week(equipment: Equipment, call: Call) -> None:
    """A day has gone by: open what the week of an offer says further ahead."""
    async with equipment.db.write(call.community_id) as tx:
        await weeks.extend_week(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
