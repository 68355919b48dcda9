"""F20: Redis is emptied and killed while a thousand acceptances are written; every one is told all the same."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from typing import Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.storm.client import Caller, at_once
from bench.storm.clock import Watch
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.town import Line, Town, a_town
from bench.storm.turns import left_due, tell_turns, until_nothing_is_due, watch_rows
from bench.storm.world import World
from exchange.embedded.valkey import EmbeddedValkey
from exchange.kernel.db import now_of
from exchange.placements.commands import HoldAnswer, hold_answer

AT_ONCE: Final = 10
UNITS: Final = 99
AT_A_TIME: Final = 25
BURST_SECONDS: Final = 0.3


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """Accept in bursts; between two of them Redis loses all it holds, by FLUSHALL or by a kill, in turn."""
    await watch_rows(world)
    town = await a_town(world)
    accepts = size["acceptances"]
    held = await _held(town, accepts)
    each = -(-accepts // size["outages"])
    async with sockets(world.url) as http:
        manager = Caller(http, history, town.houses[0].manager.token)
        for turn in range(1, size["outages"] + 1):
            burst = asyncio.create_task(_accept(manager, held[(turn - 1) * each : turn * each], turn))
            await asyncio.sleep(BURST_SECONDS)
            await (_empty if turn % 2 else _kill)(world.servers.valkey)
            await burst
    watch = Watch()
    await until_nothing_is_due(world)
    history.measured("drained_ms", watch.milliseconds())
    history.measured("left", await left_due(world))
    await world.dump(history, town.community_id, "events", "outbox", "messages", "placements")
    await tell_turns(world, history)
    for mail in list(world.servers.sink.received):
        history.noted("mails", message_id=mail.message_id)


async def _held(town: Town, count: int) -> list[UUID]:
    """So many placements held, by somebody whose facts ask for nothing."""
    held: list[UUID] = []
    while len(held) < count:
        number = min(UNITS, count - len(held))
        offer = await town.offer(capacity=number)
        calls = await town.calls_for_tomorrow_night(number)
        held += await town.propose(Line(call.id, offer) for call in calls)
        for first in range(0, number, AT_A_TIME):
            async with town.db.write(town.community_id) as tx:
                for call in calls[first : first + AT_A_TIME]:
                    await hold_answer(tx, town.adviser.actor, HoldAnswer(call.id, 1), now_of(tx))
    return held


async def _accept(manager: Caller, placements: list[UUID], turn: int) -> None:
    await at_once(
        (
            manager.post("accept", f"/placements/{placement}/acceptance", targets=(placement,), turn=turn)
            for placement in placements
        ),
        most=AT_ONCE,
    )


async def _empty(valkey: EmbeddedValkey) -> None:
    async with Redis.from_url(valkey.url) as client:
        try:
            await client.flushall()
        except RedisError as error:
            raise RuntimeError("Redis was to be emptied, and does not answer") from error


async def _kill(valkey: EmbeddedValkey) -> None:
    """What a crash without a disk leaves: nothing; it is away while people go on, then back."""
    if valkey.process is None:
        raise RuntimeError("Redis does not run")
    os.kill(valkey.process.pid, signal.SIGKILL)
    await asyncio.to_thread(valkey.process.wait)
    valkey.process = None
    shutil.rmtree(valkey.data_dir)
    await asyncio.sleep(BURST_SECONDS)
    await valkey.start()


FIGURE: Final = Figure(
    name="F20",
    title="Redis vidé et tué pendant les acceptations",
    target="0 perdue, tout est parti 120 s après le retour",
    full={"acceptances": 1_000, "outages": 20},
    tenth={"acceptances": 100, "outages": 2},
    play=play,
    alone=True,
    worker=True,
)
