"""Clocks of tasks and of the weekly sheet."""

from __future__ import annotations

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.meetings.commands import tasks, weekly
from workers.equipment import Call, Equipment


async def ring_task(equipment: Equipment, call: Call) -> None:
    """The morning of a task's date has come, or the next one."""
    async with equipment.db.write(call.community_id) as tx:
        await tasks.ring_task(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def make_weekly_sheet(equipment: Equipment, call: Call) -> None:
    """Monday morning: freeze the week's sheet, and ask for the next one."""
    async with equipment.db.write(call.community_id) as tx:
        await weekly.make_due_sheet(tx, Actor.system(call.community_id), now_of(tx))
