"""F13: who sent the request, another association, and somebody whose role has ended say yes for the receiver."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from bench.storm.client import Caller, at_once
from bench.storm.figure import Figure, Size
from bench.storm.history import History, Outcome
from bench.storm.sockets import Sockets, sockets
from bench.storm.town import Line, Somebody, Town, a_town, somebody
from bench.storm.waiting import until_waiting
from bench.storm.world import World
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.placements.commands import HoldAnswer, hold_answer
from tests.factories.ground import actor_for, ground

CLIENTS: Final = 50


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """A third each: senders, third parties, and managers demoted before the call or while it waits for the place."""
    town = await a_town(world, houses=2)
    third = size["attempts"] // 3
    held = await _held(town, 3 * third)
    async with sockets(world.url) as http:
        strangers = (
            ("sender", (town.adviser, town.coordinator)),
            ("third-party", (town.houses[1].manager,)),
        )
        for number, (kind, people) in enumerate(strangers):
            await at_once(
                (
                    _accept(http, history, people[each % len(people)], placement_id, kind)
                    for each, placement_id in enumerate(held[number * third : (number + 1) * third])
                ),
                most=CLIENTS,
            )
        for each, placement_id in enumerate(held[2 * third :]):
            await _demoted(world, town, http, history, placement_id, waits=bool(each % 2))
    await world.dump(history, town.community_id, "placements", "placement_segments", "offer_segments")


async def _held(town: Town, count: int) -> list[UUID]:
    offer_id = await town.offer(capacity=count)
    calls = await town.calls_for_tomorrow_night(count)
    placements = await town.propose(Line(call.id, offer_id) for call in calls)
    async with town.db.write(town.community_id) as tx:
        for call in calls:
            await hold_answer(tx, town.adviser.actor, HoldAnswer(call.id, 1), now_of(tx))
    return placements


async def _accept(http: Sockets, history: History, who: Somebody, placement_id: UUID, kind: str) -> None:
    caller = Caller(http, history, who.token)
    await caller.post("accept", f"/placements/{placement_id}/acceptance", targets=(placement_id,), who=kind)


async def _demoted(
    world: World, town: Town, http: Sockets, history: History, placement_id: UUID, *, waits: bool
) -> None:
    """A manager of the right house whose role ends first, or ends while the yes waits behind the place's lock."""
    async with ground(town.db, town.community_id) as tx:
        actor = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=town.houses[0].facility_id)
        manager = await somebody(tx, actor)
    async with world.as_owner() as owner, world.as_owner() as blocker:
        asked: asyncio.Task[None] | None = None
        async with blocker.transaction():
            if waits:
                await blocker.execute(
                    "SELECT 1 FROM place_offers WHERE id = (SELECT offer_id FROM placements WHERE id = $1) FOR UPDATE",
                    placement_id,
                )
                asked = asyncio.create_task(_accept(http, history, manager, placement_id, "demoted-while-waiting"))
                await until_waiting(world, asked)
            op = history.invoke("demote", targets=(placement_id,))
            await owner.execute("UPDATE memberships SET ended_at = now() WHERE id = $1", actor.membership_id)
            history.finish(op, Outcome.OK)
        await (asked or _accept(http, history, manager, placement_id, "demoted"))


FIGURE: Final = Figure(
    name="F13",
    title="Expéditeur, tiers et gestionnaire destitué acceptent pour l’accueil",
    target="0 acceptation sur 300",
    full={"attempts": 300},
    tenth={"attempts": 30},
    play=play,
)
