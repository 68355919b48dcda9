"""F4: the same key sent fifty times at once, on every POST route of the API, has one effect and one reply.

What one effect is, a twin tells: the same act on another object, sent once. Both write the same number of events.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from bench.storm.client import Caller, at_once
from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.key_cases import CASES, Case, Ground
from bench.storm.lending import a_lending_town
from bench.storm.sockets import Sockets, sockets
from bench.storm.town import a_town
from bench.storm.world import World

PREFIX: Final = "/api/v1"
EFFECTS: Final = (
    "SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM outbox) AS outbox,"
    " (SELECT count(*) FROM idempotency_records) AS records"
)


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """The routes are those that the running server describes, each with whether it takes a key and makes something."""
    town = await a_town(world)
    ground = Ground(town, await a_lending_town(world), town.area_id)
    async with sockets(world.url) as http:
        description = await Caller(http, history, town.adviser.token).get("/openapi.json")
        for turn, (path, route) in enumerate(sorted(_posts(description).items()), 1):
            takes_key = any(each["name"].lower() == "idempotency-key" for each in route.get("parameters", ()))
            history.noted("routes", turn=turn, path=path, takes_key=takes_key, makes="201" in route["responses"])
            if path in CASES:
                await _storm(world, http, history, await CASES[path](ground), size["taps"], turn)


async def _storm(world: World, http: Sockets, history: History, case: Case, taps: int, turn: int) -> None:
    caller = Caller(http, history, case.asks.token)
    twin, target = case.paths
    await _count(world, history, f"before_once_{turn}")
    await caller.post("once", twin, case.once or case.body, empty=case.body is None, turn=turn)
    await _count(world, history, f"after_once_{turn}")
    key = uuid4().hex
    await at_once(
        caller.post("tap", target, case.body, empty=case.body is None, turn=turn, key=key) for _ in range(taps)
    )
    await _count(world, history, f"after_taps_{turn}")
    await caller.post("other-body", target, case.other, empty=case.other is None, turn=turn, key=key)
    await _count(world, history, f"after_other_{turn}")


async def _count(world: World, history: History, name: str) -> None:
    await world.dump_query(history, name, EFFECTS)


def _posts(description: Any) -> dict[str, Any]:
    """The description of each POST by its path, without the prefix."""
    return {
        path.removeprefix(PREFIX): methods["post"]
        for path, methods in description["paths"].items()
        if "post" in methods and path.startswith(PREFIX)
    }


FIGURE: Final = Figure(
    name="F4",
    title="La même clé envoyée 50 fois à la fois, sur chaque route POST",
    target="1 effet, réponses identiques ; 422 pour un autre corps",
    full={"taps": 50},
    tenth={"taps": 5},
    play=play,
)
