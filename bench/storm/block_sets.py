"""F2: answers of several block sets over five offers, held and given back in one crowd, then every counter recounted.

One call asks for a whole answer: four block sets, each on an offer of its own. That is where locks taken in two orders
would deadlock.
"""

from __future__ import annotations

import random
from typing import Final

from bench.storm.client import Caller, at_once
from bench.storm.clock import Watch
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.town import Call, Line, a_town
from bench.storm.world import World

OFFERS: Final = 5
SEGMENTS: Final = 14
SETS_OF_AN_ANSWER: Final = 4
CLIENTS: Final = 50
SHARE_GIVEN_BACK: Final = 0.4
TABLES: Final = ("placements", "placement_segments", "offer_segments")


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """Each seed is a round, in a community of its own."""
    for turn in range(1, size["seeds"] + 1):
        await _one_seed(world, size, seed + turn - 1, history, turn)
    history.measured("deadlocks", max(world.deadlocks_logged(), await world.deadlocks_counted()))


async def _one_seed(world: World, size: Size, seed: int, history: History, turn: int) -> None:
    draw = random.Random(seed)
    town = await a_town(world)
    offers = [await town.offer(capacity=size["capacity"]) for _ in range(OFFERS)]
    first = await town.first_segment()
    calls = await town.calls([_blocks(draw, first) for _ in range(size["block_sets"] // SETS_OF_AN_ANSWER)])
    lines = [
        Line(call.id, draw.choice(offers), positions=(position,))
        for call in calls
        for position in range(SETS_OF_AN_ANSWER)
    ]
    placements = await town.propose(lines)
    of_call = {
        call: placements[SETS_OF_AN_ANSWER * each : SETS_OF_AN_ANSWER * (each + 1)] for each, call in enumerate(calls)
    }
    async with sockets(world.url) as http:
        adviser = Caller(http, history, town.adviser.token)

        async def hold(call: Call, given_back: int | None) -> None:
            path = f"/situations/{call.reference}/hold"
            reply = await adviser.post("hold", path, {"rank": 1}, targets=(call.id, *of_call[call]), turn=turn)
            if reply is not None and reply.is_ok and given_back is not None:
                placement_id = of_call[call][given_back]
                path = f"/placements/{placement_id}/cancellation"
                await adviser.post("cancel", path, targets=(placement_id,), turn=turn)

        wanted = [
            hold(call, draw.randrange(SETS_OF_AN_ANSWER) if draw.random() < SHARE_GIVEN_BACK else None)
            for call in calls
        ]
        watch = Watch()
        await at_once(wanted, most=CLIENTS)
        history.measured("round_ms", watch.milliseconds(), turn=turn)
    await world.dump(history, town.community_id, *TABLES)


def _blocks(draw: random.Random, first: int) -> list[list[int]]:
    """Disjoint sets of one to three segments of the week, in no order."""
    week = draw.sample(range(first, first + SEGMENTS), SEGMENTS)
    return [sorted(week.pop() for _ in range(draw.randint(1, 3))) for _ in range(SETS_OF_AN_ANSWER)]


FIGURE: Final = Figure(
    name="F2",
    title="2 000 ensembles de tranches sur 5 offres, tenus et rendus en foule",
    target="comptes = recomptes, jamais au-delà de la capacité, 0 interblocage, graine < 10 s",
    full={"seeds": 10, "block_sets": 2000, "capacity": 4},
    tenth={"seeds": 1, "block_sets": 200, "capacity": 2},
    play=play,
)
