"""One exchange for all the figures of a test run: each plays in a community of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bench.storm.world import Servers, World, a_world, running_servers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def storm_servers() -> AsyncIterator[Servers]:
    async with running_servers() as servers:
        yield servers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sound_world(storm_servers: Servers) -> AsyncIterator[World]:
    """The product as it is."""
    async with a_world(storm_servers) as world:
        yield world
