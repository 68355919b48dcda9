"""Clocks and follow-ups of placements."""

from __future__ import annotations

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.notifications import commands as notifications
from exchange.placements import commands
from exchange.placements.stay_limits import LimitKind
from exchange.placements.taken import show_as_it_stands, shown_otherwise
from workers.equipment import Call, Equipment


async def expire_hold(equipment: Equipment, call: Call) -> None:
    """The hour of a hold has come."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.expire_hold(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def on_call_silent(equipment: Equipment, call: Call) -> None:
    """Nobody has answered this request for some minutes."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.note_silence(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def advance_ladder(equipment: Equipment, call: Call) -> None:
    """A placement of this situation was lost: hold the next backup, or search again."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.advance_ladder(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def settle_waiting(equipment: Equipment, call: Call) -> None:
    """This shift is covered: what waited for it may be confirmed."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.settle_waiting(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def drop_uncovered(equipment: Equipment, call: Call) -> None:
    """This shift lost its cover: what rested on it is called off, or shown at risk."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.drop_uncovered(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def drop_withdrawn(equipment: Equipment, call: Call) -> None:
    """This offer is no longer made: what was only proposed or held on it ends."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.drop_withdrawn(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def drop_closed(equipment: Equipment, call: Call) -> None:
    """This situation is closed: the places kept for it are given back."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.drop_closed(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def show_taken(equipment: Equipment, call: Call) -> None:
    """A last unit was taken or given back: the other proposals of this offer say so, one transaction each."""
    async with equipment.db.read(call.community_id) as reader:
        turned = await shown_otherwise(reader, call.subject_id)
    for placement_id in turned:
        async with equipment.db.write(call.community_id) as tx:
            await show_as_it_stands(tx, placement_id, now_of(tx))


async def exit_soon(equipment: Equipment, call: Call) -> None:
    """Three days before the exit date: the exit referent is told, if the person is still there."""
    async with equipment.db.write(call.community_id) as tx:
        await notifications.warn_of_exit(tx, call.fact_id, call.subject_id, now_of(tx))


async def free_departed(equipment: Equipment, call: Call) -> None:
    """This person has arrived for good: the places that waited for the departure open."""
    async with equipment.db.write(call.community_id) as tx:
        await commands.free_departed(tx, Actor.system(call.community_id), call.subject_id, now_of(tx))


async def emergency_limit(equipment: Equipment, call: Call) -> None:
    """The fifteenth day of an emergency admission."""
    kind = LimitKind.EMERGENCY_ADMISSION
    async with equipment.db.write(call.community_id) as tx:
        await notifications.warn_of_limit(tx, call.fact_id, call.subject_id, kind, now_of(tx))


async def yearly_limit(equipment: Equipment, call: Call) -> None:
    """The ninetieth day of temporary care within a year, as far as it was declared."""
    kind = LimitKind.TEMPORARY_CARE
    async with equipment.db.write(call.community_id) as tx:
        await notifications.warn_of_limit(tx, call.fact_id, call.subject_id, kind, now_of(tx))
