"""F1: two hundred advisers want the one last place at the same instant."""

from __future__ import annotations

import random
from typing import Final

from bench.storm.client import Caller, at_once
from bench.storm.clock import Watch
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.sockets import sockets
from bench.storm.town import Line, a_town
from bench.storm.world import World


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """Each round: all hold, in an order of its own; then the winner gives the place back and is proposed it again."""
    draw = random.Random(seed)
    town = await a_town(world)
    offer_id = await town.offer(capacity=1)
    calls = await town.calls_for_tomorrow_night(size["holds"])
    placements = dict(zip(calls, await town.propose(Line(call.id, offer_id) for call in calls), strict=True))
    async with sockets(world.url) as http:
        adviser = Caller(http, history, town.adviser.token)
        for turn in range(1, size["rounds"] + 1):
            draw.shuffle(calls)
            watch = Watch()
            replies = await at_once(
                adviser.post(
                    "hold", f"/situations/{call.reference}/hold", {"rank": 1}, targets=(call.id, offer_id), turn=turn
                )
                for call in calls
            )
            history.measured("round_ms", watch.milliseconds(), turn=turn)
            await world.dump_query(
                history,
                f"after_round_{turn}",
                "SELECT s.segment, s.used, s.capacity, (SELECT count(*) FROM placement_segments p WHERE p.claiming"
                " AND p.offer_id = s.offer_id AND p.segment = s.segment) AS claimed"
                " FROM offer_segments s WHERE s.offer_id = $1",
                offer_id,
            )
            won = [call for call, reply in zip(calls, replies, strict=True) if reply is not None and reply.is_ok]
            for call in won:
                path = f"/placements/{placements[call]}/cancellation"
                await adviser.post("cancel", path, targets=(call.id,), turn=turn)
            again = await town.propose(Line(call.id, offer_id) for call in won)
            placements |= zip(won, again, strict=True)
    history.measured("deadlocks", max(world.deadlocks_logged(), await world.deadlocks_counted()))
    await world.dump(history, town.community_id, "placements", "placement_segments", "offer_segments")


FIGURE: Final = Figure(
    name="F1",
    title="Une dernière place, 200 demandes à la fois",
    target="1 réussite par tour, 199 refus 409 nets, 0 interblocage, tour < 3 s",
    full={"rounds": 20, "holds": 200},
    tenth={"rounds": 2, "holds": 100},
    play=play,
)
