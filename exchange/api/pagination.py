"""Lists leave in pages of at most 200 lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

MOST_LINES: Final = 200
USUAL_LINES: Final = 50
FARTHEST: Final = 100_000

Limit = Annotated[int, QueryParameter(ge=1, le=MOST_LINES, description="Nombre de lignes, 200 au plus")]
Offset = Annotated[int, QueryParameter(ge=0, le=FARTHEST, description="Nombre de lignes à passer")]

Line = TypeVar("Line")
View = TypeVar("View")


class Page(msgspec.Struct, Generic[Line]):
    """Some lines of a list; `total` counts them all as the caller may see them."""

    items: list[Line]
    total: int
    limit: int
    offset: int


def page_of(views: Sequence[View], line: Callable[[View], Line], limit: int, offset: int) -> Page[Line]:
    """Cut one page out of what an actor may see; a community's lists count hundreds, not millions."""
    return Page(
        items=[line(view) for view in views[offset : offset + limit]], total=len(views), limit=limit, offset=offset
    )
