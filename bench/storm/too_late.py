"""F6: a hold or a yes against the end of the offer's lifetime.

Half of the races run against the clock: the lifetime ends while the request is on its way. In the other half the offer
ages while the request already waits for its row: what was read before the lock was still fresh.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from bench.storm.client import Caller, at_once
from bench.storm.figure import Figure, Size
from bench.storm.history import History, Outcome
from bench.storm.sockets import sockets
from bench.storm.town import Call, Line, Town, a_town
from bench.storm.waiting import until_waiting
from bench.storm.world import World
from exchange.kernel.db import now_of
from exchange.placements.commands import HoldAnswer, hold_answer

LONGEST_FUSE_MS: Final = 400


@dataclass(frozen=True, slots=True)
class Race:
    """A proposal on an offer of its own; `is_held`: the facility's yes races, otherwise the hold does."""

    call: Call
    offer_id: UUID
    placement_id: UUID
    is_held: bool


async def play(world: World, size: Size, seed: int, history: History) -> None:
    draw = random.Random(seed)
    town = await a_town(world)
    races = await _races(town, size["races"])
    half = len(races) // 2
    async with sockets(world.url) as http:
        adviser = Caller(http, history, town.adviser.token)
        manager = Caller(http, history, town.houses[0].manager.token, 1)

        async def ask(race: Race, against: str) -> None:
            aims = (race.placement_id, race.offer_id)
            if race.is_held:
                await manager.post(
                    "accept", f"/placements/{race.placement_id}/acceptance", targets=aims, against=against
                )
            else:
                path = f"/situations/{race.call.reference}/hold"
                await adviser.post("hold", path, {"rank": 1}, targets=aims, against=against)

        async with world.as_owner() as owner:
            await _light_fuses(owner, races[:half], draw)

            async def after_a_moment(race: Race) -> None:
                await asyncio.sleep(draw.uniform(0, 1.5 * LONGEST_FUSE_MS / 1000))
                await ask(race, "clock")

            await at_once(after_a_moment(race) for race in races[:half])
            for race in races[half:]:
                async with owner.transaction():
                    op = history.invoke("age", targets=(race.offer_id,))
                    await owner.execute(
                        "UPDATE place_offers SET fresh_until = now() - interval '1 second' WHERE id = $1", race.offer_id
                    )
                    history.finish(op, Outcome.OK)
                    asked = asyncio.create_task(ask(race, "lock"))
                    await until_waiting(world, asked)
                await asked
    await world.dump(history, town.community_id, "placements", "placement_segments", "offer_segments")
    await world.dump_query(
        history,
        "promised",
        "SELECT e.kind, e.subject_id, e.recorded_at, o.fresh_until, e.recorded_at < o.fresh_until AS in_time"
        " FROM events e JOIN placements p ON p.id = e.subject_id JOIN place_offers o ON o.id = p.offer_id"
        " WHERE e.community_id = $1 AND e.via = 'api' AND e.kind IN ('placement_held', 'placement_accepted')",
        town.community_id,
    )


async def _races(town: Town, count: int) -> list[Race]:
    calls = await town.calls_for_tomorrow_night(count)
    offers = [await town.offer() for _ in calls]
    placements = await town.propose(Line(call.id, offer_id) for call, offer_id in zip(calls, offers, strict=True))
    races = [
        Race(*each, is_held=bool(number % 2)) for number, each in enumerate(zip(calls, offers, placements, strict=True))
    ]
    async with town.db.write(town.community_id) as tx:
        for race in races:
            if race.is_held:
                await hold_answer(tx, town.adviser.actor, HoldAnswer(race.call.id, 1), now_of(tx))
    return races


async def _light_fuses(owner: asyncpg.Connection, races: list[Race], draw: random.Random) -> None:
    for race in races:
        await owner.execute(
            "UPDATE place_offers SET fresh_until = clock_timestamp() + make_interval(secs => $2) WHERE id = $1",
            race.offer_id,
            draw.uniform(0, LONGEST_FUSE_MS / 1000),
        )


FIGURE: Final = Figure(
    name="F6",
    title="Tenir ou accepter une place dont la validité finit à cet instant",
    target="0 promesse après la fin de validité",
    full={"races": 100},
    tenth={"races": 10},
    play=play,
)
