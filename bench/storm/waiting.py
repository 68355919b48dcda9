"""Seeing in PostgreSQL that a request has come as far as a lock: races are set up by facts, not by sleeping."""

from __future__ import annotations

import asyncio
from typing import Final

from bench.storm.world import World

STEP_SECONDS: Final = 0.003
PATIENCE_STEPS: Final = 500
WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def until_somebody_waits(world: World, asked: asyncio.Task[None]) -> None:
    """Return once a request waits for a lock, or is over without having waited."""
    async with world.as_owner() as connection:
        for _ in range(PATIENCE_STEPS):
            if asked.done() or await connection.fetchval(WAITING):
                return
            await asyncio.sleep(STEP_SECONDS)
