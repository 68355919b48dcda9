"""F5: the state machine against the plain law, in a process and a database of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Final

from bench.storm.figure import Figure, Size
from bench.storm.history import History
from bench.storm.plants import PLANTS
from bench.storm.world import World, plant_in
from exchange.settings import PROJECT_ROOT


async def play(world: World, size: Size, seed: int, history: History) -> None:
    """Play the runs of a seed. What diverges is in the history; the shrunk story goes to standard error too."""
    databases = world.servers.databases
    # The clock of this database moves and its tables are emptied: nobody else may live in it.
    name = await databases.create_database()
    owner_url = databases.owner_url(name)
    asked = {
        "database": name,
        "owner_url": owner_url,
        "app_url": databases.app_url(name),
        "history": str(history.path),
        "seed": seed,
        "runs": size["runs"],
        "steps": size["steps"],
        "plant": world.plant,
    }
    if world.plant is not None:
        await plant_in(owner_url, PLANTS[world.plant].sql)
    command = (sys.executable, "-m", "bench.storm.machine", json.dumps(asked))
    process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT_ROOT)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await databases.drop_database(name)
    if status != 0:
        raise RuntimeError(f"the machine ended with status {status}")


FIGURE: Final = Figure(
    name="F5",
    title="Machine à états : le produit face à un modèle simple, invariants recomptés après chaque acte",
    target="0 divergence, I1 à I6 après chaque pas",
    full={"runs": 300, "steps": 50},
    tenth={"runs": 30, "steps": 50},
    play=play,
)
