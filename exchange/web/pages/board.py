"""The live board, per living area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.board.policies import ViewClass, view_class_of
from exchange.board.queries import BoardScope, board_at, living_areas
from exchange.board.views import Area, AreaCounts, Board
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.web.rendering import page
from exchange.web.visitor import WebRequest

GENRES: Final = {
    "situations": ("situation", "Situations", "Aucune situation ouverte."),
    "places": ("offer", "Places", "Aucune place publiée."),
    "renforts": ("need", "Renforts cherchés", "Aucun renfort demandé."),
    "accueils": ("placement", "Accueils", "Aucune proposition en cours."),
    "mises-a-disposition": ("loan", "Renforts proposés", "Aucune proposition en cours."),
}
FLAGS: Final = {
    "sans-reponse": ("red", "Ce soir, sans réponse"),
    "a-confirmer": ("to_confirm", "Places à confirmer"),
    "en-attente": ("waiting", "Réponses attendues"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the page's address."""

    bassin: str
    genre: str
    etat: str


@dataclass(frozen=True, slots=True)
class NoArea:
    """The column of what lies in no living area."""

    id: None = None
    slug: str = "hors-bassin"
    name: str = "Hors bassin de vie"


@get("/tableau", include_in_schema=False)
async def show_board(
    request: WebRequest,
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show the live board, filtered as the address says."""
    query = request.query_params
    chosen = Chosen(query.get("bassin", ""), query.get("genre", ""), query.get("etat", ""))
    areas = await living_areas(reader)
    board = await board_at(reader, actor, _scope(areas, chosen), None, now)
    columns = columns_of(board, chosen.bassin)
    if view_class_of(actor) is ViewClass.COUNTS:
        return page(request, "board/counts.html", now, {"columns": columns})
    shown = {"board": board, "columns": columns, "all_areas": areas}
    return page(request, "board/board.html", now, {**shown, **_filters(chosen)})


def _filters(chosen: Chosen) -> dict[str, object]:
    return {
        "chosen": chosen,
        "genres": [(code, name) for code, (_, name, _) in GENRES.items()],
        "states": [(code, name) for code, (_, name) in FLAGS.items()],
        "sections": [GENRES[code] for code in GENRES if chosen.genre in ("", code)],
        "wants": FLAGS.get(chosen.etat, ("", ""))[0],
    }


def columns_of(board: Board, slug: str = "") -> list[tuple[Area | NoArea, AreaCounts]]:
    """Return each living area with its counters, last what belongs to none."""
    by_id = {area.id: area for area in board.areas}
    columns: list[tuple[Area | NoArea, AreaCounts]] = []
    for counts in board.counts:
        area = NoArea() if counts.area_id is None else by_id[counts.area_id]
        if slug in ("", area.slug):
            columns.append((area, counts))
    return columns


def _scope(areas: tuple[Area, ...], chosen: Chosen) -> BoardScope:
    if chosen.genre not in ("", *GENRES) or chosen.etat not in ("", *FLAGS):
        raise NotFound
    if not chosen.bassin or chosen.bassin == NoArea().slug:
        return BoardScope()
    area = next((area for area in areas if area.slug == chosen.bassin), None)
    if area is None:
        raise NotFound
    return BoardScope(area_id=area.id)
