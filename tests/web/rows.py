"""What an act on a page left in the database."""

from __future__ import annotations

from sqlalchemy import func, select

from exchange.kernel.db import Base
from tests.web.conftest import Town


async def count(town: Town, table: type[Base]) -> int:
    return int(await scalar(town, select(func.count()).select_from(table)))


async def column(town: Town, wanted, where):  # type: ignore[no-untyped-def]
    return await scalar(town, select(wanted).where(where))


async def scalar(town: Town, statement):  # type: ignore[no-untyped-def]
    async with town.db.read(town.community_id) as reader:
        return await reader.scalar(statement)
