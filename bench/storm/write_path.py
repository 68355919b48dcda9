"""Writes at a steady pace on a full database: requests arrive when they arrive, answered or not the one before.

Several communities, two years of closed situations, and what is open today. What is measured runs from the instant at
which a request was due to its answer; the processor time of each process is told beside it, since it hardly depends on
who else uses the machine.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import psutil

from bench.storm.client import Caller
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.past_lives import live_through
from bench.storm.sockets import Sockets, sockets
from bench.storm.town import Call, Line, Town, a_town
from bench.storm.world import World
from exchange.kernel.db import now_of
from exchange.placements.commands import HoldAnswer, hold_answer
from tests.api.bodies import a_situation_body, an_offer_body

HOUSES: Final = 4
OFFERS_OF_A_HOUSE: Final = 4
CAPACITY: Final = 60
SHARES: Final = {"receive": 25, "publish": 10, "reconfirm": 20, "hold": 20, "accept": 15, "refuse": 10}
"""Of a hundred requests, three of ten make something, the others change the state of something."""

WARMING_UP_SECONDS: Final = 5
PROPOSED: Final = "UPDATE placements SET origin = 'person' WHERE community_id = $1 AND state IN ('proposed', 'held')"
"""What the runs of the worker leave alone: the stock of this figure is used by its own requests."""


@dataclass
class Stock:
    """What a community still has to be held, accepted or refused: each once."""

    town: Town
    offers: list[tuple[int, UUID]] = field(default_factory=list)
    to_hold: deque[Call] = field(default_factory=deque)
    held: deque[tuple[int, UUID]] = field(default_factory=deque)


async def play(world: World, size: Size, seed: int, history: History) -> None:
    draw = random.Random(seed)
    towns = [await a_town(world, houses=HOUSES) for _ in range(size["towns"])]
    for town in towns:
        await live_through(world, town, size["situations"] // size["towns"])
    seconds = size["seconds"] + WARMING_UP_SECONDS
    writes = seconds * size["per_second"] // size["towns"]
    stocks = [await _stock(town, _wanted(writes, "hold"), _wanted(writes, "accept", "refuse"), draw) for town in towns]
    async with world.as_owner() as owner:
        for town in towns:
            await owner.execute(PROPOSED, town.community_id)
        await owner.execute("VACUUM ANALYZE", timeout=600)
        history.measured("situations", await owner.fetchval("SELECT count(*) FROM situations"))
    if size["with_worker"]:
        world.stage.start("worker")
    async with sockets(world.url) as http:
        await _arrivals(http, stocks, size, 0, WARMING_UP_SECONDS, draw, history)
        before = _processor_ms(world)
        await _arrivals(http, stocks, size, 1, size["seconds"], draw, history)
        for name, spent in _processor_ms(world).items():
            history.measured(f"processor_ms_{name}", round(spent - before.get(name, 0)))


def _wanted(writes: int, *acts: str) -> int:
    """How much a community needs for its share of these acts, and half as much again: the lot is not fair."""
    return writes * sum(SHARES[act] for act in acts) * 3 // 200 + 10


async def _stock(town: Town, holds: int, held: int, draw: random.Random) -> Stock:
    """Offers, and situations proposed on them, of which so many are already held."""
    stock = Stock(town)
    for house in range(HOUSES):
        stock.offers += [(house, await town.offer(house, capacity=CAPACITY)) for _ in range(OFFERS_OF_A_HOUSE)]
    calls = await town.calls_for_tomorrow_night(holds + held)
    chosen = [draw.choice(stock.offers) for _ in calls]
    placements = await town.propose(Line(call.id, offer_id) for call, (_, offer_id) in zip(calls, chosen, strict=True))
    stock.to_hold.extend(calls[:holds])
    for call, (house, _), placement_id in list(zip(calls, chosen, placements, strict=True))[holds:]:
        async with town.db.write(town.community_id) as tx:
            await hold_answer(tx, town.adviser.actor, HoldAnswer(call.id, 1), now_of(tx))
        stock.held.append((house, placement_id))
    return stock


async def _arrivals(
    http: Sockets, stocks: list[Stock], size: Size, turn: int, seconds: int, draw: random.Random, history: History
) -> None:
    """Send at instants drawn beforehand, each as a task of its own: a slow answer delays nobody."""
    count = seconds * size["per_second"]
    dues = sorted(draw.uniform(0, seconds) for _ in range(count))
    acts = draw.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    began, asked = time.time(), []
    for due, act in zip(dues, acts, strict=True):
        await asyncio.sleep(max(0.0, began + due - time.time()))
        stock = draw.choice(stocks)
        ask = ACTS[act]
        asked.append(asyncio.ensure_future(ask(http, history, stock, turn, round(1e6 * (began + due)), draw)))
    await asyncio.gather(*asked)


Ask = Callable[[Sockets, History, Stock, int, int, random.Random], Awaitable[None]]


async def _receive(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    caller = Caller(http, history, stock.town.adviser.token)
    await caller.post("receive", "/situations", a_situation_body(urgency=draw.randint(2, 4)), turn=turn, due_us=due)


async def _publish(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    house = draw.choice(stock.town.houses)
    caller = Caller(http, history, house.manager.token)
    await caller.post("publish", "/offers", an_offer_body(house.facility_id), turn=turn, due_us=due)


async def _reconfirm(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    house, offer_id = draw.choice(stock.offers)
    caller = Caller(http, history, stock.town.houses[house].manager.token)
    await caller.post("reconfirm", f"/offers/{offer_id}/confirmation", turn=turn, due_us=due)


async def _hold(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    call = stock.to_hold.popleft()
    caller = Caller(http, history, stock.town.adviser.token)
    await caller.post("hold", f"/situations/{call.reference}/hold", {"rank": 1}, turn=turn, due_us=due)


async def _accept(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    house, placement_id = stock.held.popleft()
    caller = Caller(http, history, stock.town.houses[house].manager.token)
    await caller.post("accept", f"/placements/{placement_id}/acceptance", turn=turn, due_us=due)


async def _refuse(http: Sockets, history: History, stock: Stock, turn: int, due: int, draw: random.Random) -> None:
    house, placement_id = stock.held.popleft()
    caller = Caller(http, history, stock.town.houses[house].manager.token)
    body = {"refusal_reason": "staffing_insufficient"}
    await caller.post("refuse", f"/placements/{placement_id}/refusal", body, turn=turn, due_us=due)


ACTS: Final[dict[str, Ask]] = {
    "receive": _receive,
    "publish": _publish,
    "reconfirm": _reconfirm,
    "hold": _hold,
    "accept": _accept,
    "refuse": _refuse,
}


def _processor_ms(world: World) -> dict[str, float]:
    """Processor time so far of each process of the product and of the database, their children included."""
    processes = {name: process.pid for name, process in world.stage.processes.items()}
    if world.servers.postgres.process is not None:
        processes["postgres"] = world.servers.postgres.process.pid
    spent = {}
    for name, pid in processes.items():
        root = psutil.Process(pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        spent[name] = 1000 * sum(t.user + t.system + t.children_user + t.children_system for t in times)
    return spent


FIGURE: Final = Figure(
    name="write-path",
    title="Écritures à 50 par seconde, 100 000 situations en base, calcul en marche",
    target="95 % en moins de 60 ms, aucune erreur",
    full={"situations": 100_000, "per_second": 50, "seconds": 30, "with_worker": 1, "towns": 10},
    tenth={"situations": 1_000, "per_second": 5, "seconds": 3, "with_worker": 0, "towns": 1},
    play=play,
)
