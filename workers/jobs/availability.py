"""The clocks of offers."""

from __future__ import annotations

from exchange.availability.weeks import commands as weeks
from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.notifications import commands as notifications
from workers.equipment import Call, Equipment


async def ask_again(equipment: Equipment, call: Call) -> None:
    """An attestation has come to its end: ask its facility whether anything has changed, unless it already said."""
    async with equipment.db.write(call.community_id) as tx:
        await notifications.ask_to_confirm(tx, call.fact_id, call.subject_id, now_of(tx))


async def extend_week(equipment: Equipment, call: Call) -> None:
    """A day has gone by: open what the week of an offer says further ahead."""
    async with equipment.db.write(call.community_id) as tx:
        await weeks.extend_week(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
