"""Whether this process can serve: its database answers. Redis may be away without anything being lost."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from exchange.kernel.db import Database

PATIENCE_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class HealthReport(msgspec.Struct):
    """`status`: `ok` or `unavailable`."""

    status: str


@get(
    "/sante",
    tags=["service"],
    security=[],
    responses={503: ResponseSpec(HealthReport, generate_examples=False, description="La base ne répond pas")},
)
async def show_health(db: NamedDependency[Database]) -> Response[HealthReport]:
    """Dire si le service répond, base comprise."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), db.read(None) as reader:
            await reader.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        _log.warning("database out of reach: %s", type(error).__name__)
        return Response(HealthReport("unavailable"), status_code=503, headers={"Cache-Control": "no-store"})
    return Response(HealthReport("ok"), headers={"Cache-Control": "no-store"})
