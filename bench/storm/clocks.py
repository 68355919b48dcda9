"""F24: a clock that the storm moves. Edges of the calendar one by one; then three days without a worker, caught up."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bench.storm.clock import Watch
from bench.storm.doors import open_doors
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.stories import Stories
from bench.storm.turns import left_due, tell_turns, until_nothing_is_due, watch_rows
from bench.storm.world import World
from tests.factories.ground import no_follow_up
from tests.shifted_clock import ShiftedClock, lay_clock

ZONE: Final = ZoneInfo("Europe/Paris")
DATES: Final = (
    *("2026-03-27", "2026-03-28", "2026-03-29", "2026-04-03", "2026-04-30", "2026-05-07", "2026-05-13", "2026-05-22"),
    *("2026-10-23", "2026-10-24", "2026-10-25", "2026-12-24", "2026-12-30", "2026-12-31", "2027-01-01", "2028-02-28"),
    *("2028-02-29", "2028-12-29"),
)
HOURS: Final = ("00:30", "02:30", "09:59", "15:59", "16:00", "17:00", "23:30")

OUTAGE: Final = timedelta(hours=73)
"""Longer than the 72 hours that places live and links are valid."""

OUTAGE_STARTS: Final = datetime(2027, 3, 26, 14, tzinfo=ZONE).astimezone(UTC)
"""The night of 23 hours falls into it."""

HOP: Final = timedelta(minutes=16)
"""A little more than the time after which an urgent situation is looked at again."""

NIGHTS: Final = 5
TABLES: Final = ("events", "outbox", "messages", "placements", "staff_loans", "situations", "place_offers")


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """What is told of each edge, and every table after the outage and the hours that follow it."""
    world.stage.kill("worker")
    clock = await lay_clock(world.database)
    try:
        await _edges(world, clock, size["edges"], seed, history)
        await _outage(world, clock, size, history)
    finally:
        await clock.close()


async def _edges(world: World, clock: ShiftedClock, count: int, seed: int, history: History) -> None:
    walls = [f"{day}T{hour}" for day in DATES for hour in HOURS]
    stories = Stories(await open_doors(world.database, no_follow_up))
    for wall in sorted(random.Random(seed).sample(walls, min(count, len(walls)))):
        at = datetime.fromisoformat(wall).replace(tzinfo=ZONE).astimezone(UTC)
        await clock.stand_at(at)
        emergency = await stories.place("emergency_bed")
        for urgency in (4, 1):
            placement = await stories.held(urgency)
            held_until, ordinary_until = await stories.hours_of(placement)
            emergency_until = await stories.fresh_until(emergency)
            history.noted(
                "edges",
                at=at.isoformat(),
                urgency=urgency,
                held_until=held_until.isoformat(),
                ordinary_until=ordinary_until.isoformat(),
                emergency_until=emergency_until.isoformat(),
            )


async def _outage(world: World, clock: ShiftedClock, size: Size, history: History) -> None:
    await clock.advance(OUTAGE_STARTS - datetime.now(UTC))
    await watch_rows(world)
    doors = await open_doors(world.database)
    stories = Stories(doors)
    for number in range(size["each"]):
        history.noted("waiting", kind="place", id=str(await stories.place()))
        history.noted("waiting", kind="call", id=str(await stories.call()))
        history.noted("waiting", kind="hold", id=str(await stories.held()))
        history.noted("waiting", kind="stay", id=str(await stories.stay(NIGHTS)))
        history.noted("waiting", kind="loan", id=str(await stories.asked_loan(number, in_days=2)))
    await clock.advance(OUTAGE)
    world.stage.start("worker")
    watch = Watch()
    await until_nothing_is_due(world)
    history.measured("caught_up_ms", watch.milliseconds())
    for _ in range(size["hops"]):
        await clock.advance(HOP)
        await until_nothing_is_due(world)
    history.measured("left", await left_due(world))
    await world.dump(history, doors.community_id, *TABLES)
    await tell_turns(world, history)
    for mail in list(world.servers.sink.received):
        history.noted("mails", message_id=mail.message_id)


FIGURE: Final = Figure(
    name="F24",
    title="Horloge déplacée : changements d’heure, fins d’année, trois jours sans tâches de fond",
    target="chaque échéance une fois, rattrapé en 5 min, 0 heure fausse",
    full={"edges": 126, "each": 20, "hops": 4},
    tenth={"edges": 13, "each": 2, "hops": 1},
    play=play,
    worker=True,
)
