"""F7: dates, segments and instants around clock changes, a 29 February and year ends.

Each range is cut by the product's own functions, and written down with every instant that they tell. The next changes
that an offer may reach are also published over HTTP, and read back from the table.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bench.storm.client import Caller
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.town import a_town
from bench.storm.world import World
from exchange.kernel.periods import Half, current_segment, date_of, ends_at, half_of, segments_between, starts_at
from exchange.placements.stay_limits import last_day_of
from tests.api.bodies import an_offer_body

PARIS: Final = ZoneInfo("Europe/Paris")
TURNS: Final = (
    date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25), date(2028, 2, 28), date(2028, 2, 29),
    date(2026, 12, 31), date(2027, 12, 31), date(2028, 12, 31),
)  # fmt: skip
LONGEST_DAYS: Final = 6
HALVES: Final = (frozenset(Half), frozenset({Half.NIGHT}), frozenset({Half.DAY}))
ONE_IN: Final = 8
"""Of so many ranges, one is also published over HTTP."""

TICK: Final = timedelta(seconds=1)


async def play(world: World, size: Size, seed: int, history: History) -> None:
    draw = random.Random(seed)
    for _ in range(size["ranges"]):
        first, last, halves = _a_range(draw, draw.choice(TURNS))
        _note_range(history, first, last, halves)
    for turn in TURNS:
        _note_instants(history, turn)
    await _publish(world, draw, size["ranges"] // ONE_IN, history)


def _a_range(draw: random.Random, turn: date) -> tuple[date, date, frozenset[Half]]:
    """A range that contains or touches a turn of the calendar."""
    first = turn - timedelta(days=draw.randint(0, 3))
    return first, first + timedelta(days=draw.randint(0, LONGEST_DAYS)), draw.choice(HALVES)


def _note_range(history: History, first: date, last: date, halves: frozenset[Half]) -> None:
    segments = list(segments_between(first, last, halves))
    history.noted(
        "range",
        first=first.isoformat(),
        last=last.isoformat(),
        halves=_halves(halves),
        segments=",".join(map(str, segments)),
        dates=",".join(date_of(each).isoformat() for each in segments),
        parts=",".join(half_of(each).value for each in segments),
        starts=",".join(f"{starts_at(each, PARIS).timestamp():.0f}" for each in segments),
        ends=",".join(f"{ends_at(each, PARIS).timestamp():.0f}" for each in segments),
        exit_on=last_day_of(segments).isoformat(),
    )


def _note_instants(history: History, turn: date) -> None:
    """What runs a second before, at, and after each quarter of the day, two days around a turn."""
    at = datetime.combine(turn - timedelta(days=1), datetime.min.time(), UTC)
    for _ in range(3 * 24 * 4):
        for instant in (at - TICK, at, at + TICK):
            history.noted("running", at=int(instant.timestamp()), segment=current_segment(instant, PARIS))
        at += timedelta(minutes=15)


async def _publish(world: World, draw: random.Random, count: int, history: History) -> None:
    """The next changes of the clock and the next year ends: what an offer may still reach."""
    town = await a_town(world, time_zone=PARIS.key)
    turns = _turns_ahead(datetime.now(PARIS).date())
    async with sockets(world.url) as http:
        manager = Caller(http, history, town.houses[0].manager.token)
        for _ in range(count):
            first, last, halves = _a_range(draw, draw.choice(turns))
            dates, parts = (first.isoformat(), last.isoformat()), _halves(halves)
            span = {"first": dates[0], "last": dates[1], "halves": parts.split(","), "capacity": 1}
            body = an_offer_body(town.houses[0].facility_id, spans=[span])
            await manager.post("publish", "/offers", body, first=dates[0], last=dates[1], halves=parts)
    await world.dump(history, town.community_id, "offer_segments")


def _turns_ahead(today: date) -> list[date]:
    days = (today + timedelta(days=ahead) for ahead in range(7, 350))
    return [day for day in days if _hours_of(day) != 24 or (day.month, day.day) == (12, 31)]


def _hours_of(day: date) -> int:
    midnight = (
        datetime.combine(each, datetime.min.time(), PARIS).timestamp() for each in (day, day + timedelta(days=1))
    )
    starts, ends = midnight
    return round((ends - starts) / 3600)


def _halves(halves: frozenset[Half]) -> str:
    return ",".join(sorted(half.value for half in halves))


FIGURE: Final = Figure(
    name="F7",
    title="Nuits des changements d’heure, 29 février, fins d’année : 400 périodes",
    target="0 décalage entre dates, tranches et instants",
    full={"ranges": 400},
    tenth={"ranges": 40},
    play=play,
)
