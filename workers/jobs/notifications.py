"""Messages: derived from a fact, then delivered one by one."""

from __future__ import annotations

from typing import assert_never

from exchange.kernel.db import now_of
from exchange.notifications import commands
from exchange.notifications.deliver import Delivered, Postponed, Refused, deliver_message
from workers.equipment import Call, Equipment
from workers.outcomes import Permanent, Retryable


async def fan_out(equipment: Equipment, call: Call) -> None:
    """Write the messages of a fact; the subject of this row is the fact itself."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.fan_out(tx, call.subject_id, now_of(tx))


async def deliver(equipment: Equipment, call: Call) -> None:
    """Send one message, if it still means something."""
    outcome = await deliver_message(
        equipment.db, call.community_id, call.subject_id, equipment.channels, equipment.public_url
    )
    match outcome:
        case Delivered():
            return
        case Postponed():
            raise Retryable(outcome.code, delay=outcome.delay)
        case Refused():
            raise Permanent(outcome.code)
        case _:
            assert_never(outcome)
