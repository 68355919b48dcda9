"""Seeing in PostgreSQL that requests have come as far as a lock: races are set up by facts, not by sleeping."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import asyncpg

from bench.storm.world import World

STEP_SECONDS: Final = 0.003
PATIENCE_STEPS: Final = 1_000
WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def until_waiting(world: World, *asked: asyncio.Task[Any]) -> None:
    """Return once all these requests wait for a lock, or are over without having waited."""
    async with world.as_owner() as connection:
        for _ in range(PATIENCE_STEPS):
            left = sum(not one.done() for one in asked)
            if await _waiting(connection) >= left:
                return
            await asyncio.sleep(STEP_SECONDS)


async def _waiting(connection: asyncpg.Connection) -> int:
    found: int = await connection.fetchval(WAITING)
    return found
