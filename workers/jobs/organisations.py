"""The clock of a crisis organisation."""

from __future__ import annotations

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.organisations import crisis
from workers.equipment import Call, Equipment


async def expire_crisis(equipment: Equipment, call: Call) -> None:
    """The end that an act told has come: note it, unless the crisis was prolonged or closed meanwhile."""
    async with equipment.db.write(call.community_id) as tx:
        await crisis.expire_crisis(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))
