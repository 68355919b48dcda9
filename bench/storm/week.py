"""A week of a community, over the API alone: every situation ends legally, and Wednesday's board stays what it was."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bench.storm.client import Caller
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.week_people import (
    ZONE,
    People,
    agree,
    answer,
    arrive,
    call,
    close,
    hold,
    publish,
    reconfirm,
    settle,
)
from bench.storm.world import World
from tests.shifted_clock import ShiftedClock, lay_clock

WEDNESDAY: Final = 2
RECORDED_AT: Final = time(14, 0)
EVENING_QUESTION: Final = time(17, 0)
HOURS: Final = (time(8, 30), time(11, 0), RECORDED_AT, time(17, 15), time(20, 30), time(22, 30))
FEWER_HOURS: Final = (RECORDED_AT, time(20, 30))
LONGEST_WAIT_SECONDS: Final = 240.0
KEPT_OPEN_DAYS: Final = 14
GATHERING: Final = timedelta(seconds=4)


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """From Monday morning to Sunday night, some stops a day; the clock of the database jumps from one to the next."""
    clock = await lay_clock(world.database)
    try:
        async with sockets(world.url) as http:
            people = await settle(world, http, history, size["managers"], random.Random(seed))
            await _live(world, size, history, people, clock)
            await _write_down(world, history, people)
    finally:
        await clock.close()


async def _live(world: World, size: Size, history: History, people: People, clock: ShiftedClock) -> None:
    monday = await _monday(world)
    hours = HOURS if size["situations"] >= 100 else FEWER_HOURS
    stops = [
        datetime.combine(monday + timedelta(days=day), hour, ZONE) for day in range(size["days"]) for hour in hours
    ]
    await _advance_to(world, clock, stops[0])
    await publish(people, monday, monday + timedelta(days=KEPT_OPEN_DAYS))
    for number, stop in enumerate(stops):
        await _advance_to(world, clock, stop)
        await _quiet(world, people, clock)
        if stop.weekday() == WEDNESDAY and stop.time() == RECORDED_AT:
            for name, who in _readers(people):
                await _record_board(who, history, f"{name}_then")
        if stop.time() == hours[0] or stop.time() > EVENING_QUESTION:
            await reconfirm(people)
        # The last calls leave the time of an answer.
        asked = -(-size["situations"] * (number + 1) // (len(stops) - len(hours))) - people.received
        await call(people, stop, max(0, min(asked, size["situations"] - people.received)))
        await _quiet(world, people, clock)
        for step in (hold, answer, agree):
            await step(people)
        await arrive(people, stop)
        await close(people, stop)
    await _quiet(world, people, clock)


def _readers(people: People) -> tuple[tuple[str, Caller], ...]:
    return ("coordination", people.reader), ("manager", people.managers[0].caller)


async def _record_board(who: Caller, history: History, name: str, at: str | None = None) -> None:
    path = "/board" if at is None else f"/board?at={at.replace('+', '%2B')}"
    board = await who.get(path)
    # A live board is not final, whatever it shows.
    board.pop("is_final", None)
    history.stored(name, json.dumps(board))


async def _write_down(world: World, history: History, people: People) -> None:
    for name, who in _readers(people):
        await _record_board(who, history, f"{name}_later", _instant_of(history, f"{name}_then"))
    async with world.as_owner() as connection:
        now = await connection.fetchval("SELECT now()")
    history.stored("clock", json.dumps({"now": now.isoformat()}))
    tables = ("situations", "placements", "placement_segments", "offer_segments")
    await world.dump(history, people.community_id, *tables)
    await world.dump_query(
        history,
        "moves",
        "SELECT subject_id, kind, facts FROM events WHERE community_id = $1"
        " AND kind IN ('situation_received', 'situation_moved', 'situation_closed') ORDER BY recorded_at, id",
        people.community_id,
    )


def _instant_of(history: History, board: str) -> str:
    """The instant of a board, as the history keeps it: what is read later is asked for from what was written then."""
    for line in reversed(history.path.read_text(encoding="utf-8").splitlines()):
        read = json.loads(line)
        if read.get("table") == board:
            return str(read["row"]["at"])
    raise LookupError(f"{board} was not recorded")


async def _monday(world: World) -> date:
    async with world.as_owner() as connection:
        now: datetime = await connection.fetchval("SELECT now()")
    today = now.astimezone(ZONE).date()
    return today + timedelta(days=7 - today.weekday())


async def _advance_to(world: World, clock: ShiftedClock, stop: datetime) -> None:
    async with world.as_owner() as connection:
        now: datetime = await connection.fetchval("SELECT now()")
    if stop > now:
        await clock.advance(stop.astimezone(UTC) - now)


async def _quiet(world: World, people: People, clock: ShiftedClock) -> None:
    """Wait until nothing due remains to be done; the seconds of a gathering that waits for company pass at once."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_WAIT_SECONDS
    async with world.as_owner() as connection:
        while (due := await connection.fetchval(_LEFT, people.community_id, GATHERING)) is not None:
            if loop.time() > deadline:
                raise TimeoutError("what was due was not done")
            if due > timedelta(0):
                await clock.advance(due)
            await asyncio.sleep(0.05)
    # The server closes a connection that is silent for some seconds.
    people.http.drop()


_LEFT: Final = (
    "SELECT min(due_at) - now() FROM outbox WHERE community_id = $1 AND done_at IS NULL AND failed_with IS NULL"
    " AND due_at <= now() + $2"
)

FIGURE: Final = Figure(
    name="week",
    title="Une semaine par l’API : deux coordinateurs, trente responsables",
    target="chaque situation légale, avec une issue ou un prochain point ; tableau de mercredi 14 h identique",
    full={"situations": 300, "changes": 900, "managers": 30, "days": 7},
    tenth={"situations": 30, "changes": 90, "managers": 6, "days": 7},
    play=play,
    worker=True,
)
