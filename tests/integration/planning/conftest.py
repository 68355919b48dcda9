"""A small territory with one association, and a solver loaded once for all the tests of this room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from exchange.planning.solver_process import SolverProcess, running_solver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def solver() -> AsyncIterator[SolverProcess]:
    async with running_solver() as process:
        await process.start()
        yield process
