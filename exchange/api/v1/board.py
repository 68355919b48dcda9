"""The board as the caller may see it, live or as of a past minute."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.api.guards import SIGNED_IN, only
from exchange.api.problems import READ_PROBLEMS
from exchange.api.v1.schemas.board import BoardResource, board_as_told
from exchange.board.queries import BoardScope, board_at
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import SEGMENT_ORIGIN

At = Annotated[datetime | None, QueryParameter(description="Instant passé, avec son fuseau ; absent : en direct")]


@get("/board", opt=only(SIGNED_IN), responses=READ_PROBLEMS, tags=["tableau"])
async def show_board(
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    at: At = None,
) -> BoardResource:
    """Montrer le tableau de la communauté ; un observateur n'y lit que des nombres."""
    if at is not None and at.tzinfo is None:
        raise InvalidValue(field="at", rule="zone-missing")
    if at is not None and at > now:
        raise InvalidValue(field="at", rule="in-the-future")
    if at is not None and at.date() < SEGMENT_ORIGIN:
        raise InvalidValue(field="at", rule="too-far")
    return board_as_told(await board_at(reader, actor, BoardScope(), at, now), now)


READS: Final = (show_board,)
