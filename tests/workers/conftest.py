"""Fixtures of the worker's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink
from tests.workers.workshop import Workshop, a_workshop, ending


@pytest_asyncio.fixture(loop_scope="session")
async def workshop(database: FreshDatabase, smtp_sink: SmtpSink, tmp_path: Path) -> AsyncIterator[Workshop]:
    with ending(await a_workshop(database, smtp_sink, tmp_path)) as made:
        yield made
