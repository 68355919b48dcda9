"""The clocks of open situations."""

from __future__ import annotations

from uuid import UUID

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.situations import commands
from workers.equipment import Call, Equipment


async def check(equipment: Equipment, call: Call) -> None:
    """The next check of an open situation is due."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.check_situation(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def climb_alert(equipment: Equipment, call: Call) -> None:
    """The next step of an overflow is due."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.climb_alert(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def bring_checks_forward(equipment: Equipment, call: Call) -> None:
    """The clocks are tighter: the next checks of the situations that wait come sooner."""
    after: UUID | None = None
    while True:
        async with equipment.db.write(call.community_id) as tx:
            after = await commands.bring_checks_forward(tx, Actor.system(call.community_id), after, now_of(tx))
        if after is None:
            return
