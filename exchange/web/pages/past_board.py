"""The board as it was at a past minute: the same page, later, reads the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.board.policies import ViewClass, view_class_of
from exchange.board.queries import BoardScope, board_at
from exchange.board.rules import is_final
from exchange.kernel.actor import Actor
from exchange.kernel.periods import SEGMENT_ORIGIN, local_instant
from exchange.web.pages.board import GENRES, columns_of
from exchange.web.rendering import page
from exchange.web.visitor import Visitor, WebRequest, visitor_of

NOT_A_MINUTE: Final = "Indiquez une date et une heure, par exemple le 25/11/2026 à 14:00."
NOT_YET: Final = "Cette minute n'est pas encore passée : le tableau en direct est à jour."
TOO_FAR: Final = "Le tableau n'existait pas à cette date."


@get("/tableau/passe", include_in_schema=False)
async def show_past_board(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the board as of the minute that the address names; without one, ask which."""
    visitor = visitor_of(request)
    query = request.query_params
    asked = {"le": query.get("le", ""), "heure": query.get("heure", "")}
    if not any(asked.values()):
        return page(request, "board/past.html", now, {"asked": asked, "complaint": None, "columns": ()})
    at = _minute(asked["le"], asked["heure"], visitor)
    complaint = _complaint(at, now)
    if at is None or complaint is not None:
        return page(request, "board/past.html", now, {"asked": asked, "complaint": complaint, "columns": ()}, 422)
    board = await board_at(reader, actor, BoardScope(), at, now)
    shown = {
        "asked": asked,
        "complaint": None,
        "at": at,
        "is_final": is_final(at, now),
        "counts_only": view_class_of(actor) is ViewClass.COUNTS,
        "board": board,
        "columns": columns_of(board),
        "sections": list(GENRES.values()),
        "wants": "",
    }
    # Cards speak of tonight and of today: those of the minute shown.
    return page(request, "board/past.html", at, shown)


def _minute(on: str, at: str, visitor: Visitor) -> datetime | None:
    try:
        return local_instant(date.fromisoformat(on), time.fromisoformat(at), visitor.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _complaint(at: datetime | None, now: datetime) -> str | None:
    if at is None:
        return NOT_A_MINUTE
    if at.date() < SEGMENT_ORIGIN:
        return TOO_FAR
    return NOT_YET if at > now else None
