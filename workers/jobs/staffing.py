"""The clock of volunteers' weeks."""

from __future__ import annotations

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.staffing.weeks import commands as weeks
from workers.equipment import Call, Equipment


async def extend_week(equipment: Equipment, call: Call) -> None:
    """A day has gone by: state what a volunteer's week says further ahead."""
    async with equipment.db.write(call.community_id) as tx:
        await weeks.extend_week(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
