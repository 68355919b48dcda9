"""F25: the API and PostgreSQL are killed again and again while twenty people work over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bench.storm.client import Caller
from bench.storm.clock import Watch
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import Sockets, sockets
from bench.storm.town import Line, Town, a_town
from bench.storm.verdicts.tables import KEYS
from bench.storm.world import World
from tests.factories.ground import LE_PUY

CLIENTS: Final = 20
HOUSES: Final = 4
UNITS: Final = 12
"""Places of each house for the one night that everybody wants: few enough that most holds compete."""

WORK_BETWEEN: Final = 60
"""Acts acknowledged before the next kill, so that each falls into the middle of a load, however slow the machine."""

AT_SOME_POINT_SECONDS: Final = 0.2
RETRY_SECONDS: Final = 0.1
MOST_RETRIES: Final = 300


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """Kill the API and PostgreSQL by turns of a seed; afterwards the tables as they stand."""
    draw = random.Random(seed)
    town = await a_town(world, houses=HOUSES)
    offers = [await town.offer(house, capacity=UNITS) for house in range(HOUSES)]
    night = await town.first_segment() + 1
    over = asyncio.Event()
    async with sockets(world.url) as http:
        people = [
            asyncio.create_task(_work(_Desk(town, http, history, offers, night, number), over, seed))
            for number in range(CLIENTS)
        ]
        kills = ["api"] * size["api"] + ["postgres"] * size["postgres"]
        draw.shuffle(kills)
        try:
            for turn, victim in enumerate(kills, 1):
                await _until_done(history, WORK_BETWEEN, people)
                await asyncio.sleep(draw.uniform(0, AT_SOME_POINT_SECONDS))
                await (_kill_api(world) if victim == "api" else _kill_postgres(world))
                watch = Watch()
                await _restart(world, victim)
                history.measured(f"ready_ms_{victim}", watch.milliseconds(), turn=turn)
            await _until_done(history, WORK_BETWEEN, people)
        finally:
            over.set()
            await asyncio.gather(*people)
    await world.dump(history, town.community_id, *KEYS)
    await world.dump(history, town.community_id, "idempotency_records")


class _Desk:
    """One person who receives calls, holds places, and gives some of them back."""

    def __init__(
        self, town: Town, http: Sockets, history: History, offers: list[UUID], night: int, number: int
    ) -> None:
        self.town, self.offers, self.night, self.number = town, offers, night, number
        self.adviser = Caller(http, history, town.adviser.token, number)
        self.managers = [Caller(http, history, house.manager.token, number) for house in town.houses]

    async def receive(self) -> str | None:
        """Receive one call. Without an answer, ask again under the same key until there is one."""
        key = uuid4().hex
        body = {
            "commune_code": LE_PUY,
            "age_band": "30-44",
            "need_codes": ["intellectual_disability"],
            "care_mode": "temporary_stay",
            "blocks": [[self.night]],
            "urgency": 4,
            "origin": "carer",
            "legal_status": "none",
            "confirmed_distinct": True,
        }
        for _ in range(MOST_RETRIES):
            reply = await self.adviser.post("receive", "/situations", body, key=key, asked=key)
            if reply is not None and reply.is_ok:
                return str(reply.json()["reference"])
            await asyncio.sleep(RETRY_SECONDS)
        return None

    async def propose(self, reference: str, draw: random.Random) -> tuple[UUID, UUID, int] | None:
        """What the matcher would do; it is not judged here, and simply fails while the database is away."""
        house = draw.randrange(HOUSES)
        with contextlib.suppress(DBAPIError, OSError):
            async with self.town.db.read(self.town.community_id) as reader:
                situation = await reader.scalar(
                    text("SELECT id FROM situations WHERE reference = :reference"), {"reference": reference}
                )
            (placement,) = await self.town.propose([Line(situation, self.offers[house])])
            return situation, placement, house
        return None


async def _work(desk: _Desk, over: asyncio.Event, seed: int) -> None:
    draw = random.Random(f"{seed} {desk.number}")
    while not over.is_set():
        reference = await desk.receive()
        proposed = None if reference is None else await desk.propose(reference, draw)
        if proposed is None:
            continue
        situation, placement, house = proposed
        targets = (placement, situation)
        held = await desk.adviser.post("hold", f"/situations/{reference}/hold", {"rank": 1}, targets=targets)
        if held is None or not held.is_ok:
            continue
        if draw.random() < 0.5:
            await desk.managers[house].post("accept", f"/placements/{placement}/acceptance", targets=targets)
        if draw.random() < 0.8:
            await desk.adviser.post("cancel", f"/placements/{placement}/cancellation", targets=targets)


async def _until_done(history: History, acts: int, people: list[asyncio.Task[None]]) -> None:
    wanted = history.acknowledged + acts
    while history.acknowledged < wanted:
        for ended in (one for one in people if one.done()):
            ended.result()
        await asyncio.sleep(0.01)


async def _kill_api(world: World) -> None:
    world.stage.kill("serve")


async def _kill_postgres(world: World) -> None:
    """Kill the postmaster that the storm started; its children end when they see it gone."""
    process = world.servers.postgres.process
    if process is None:
        raise RuntimeError("PostgreSQL does not run")
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)
    world.servers.postgres.process = None


async def _restart(world: World, victim: str) -> None:
    if victim == "api":
        world.stage.start("serve")
    else:
        await world.servers.postgres.start()
    await world.stage.answers()


FIGURE: Final = Figure(
    name="F25",
    title="API et PostgreSQL tués (kill -9) sous la charge de 20 clients",
    target="confirmé ⊆ enregistré, contraintes recomptées, prêt en 15 s",
    full={"api": 20, "postgres": 10},
    tenth={"api": 2, "postgres": 1},
    play=play,
    alone=True,
)
