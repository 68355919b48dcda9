"""`ETag` tells the version of what is shown, `If-Match` the one that an act was decided upon (RFC 9110)."""

from __future__ import annotations

import re
from typing import Annotated, Final, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import HeaderParameter
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import InvalidValue
from exchange.kernel.versions import expect

HEADER: Final = "If-Match"
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        description="Version lue (ETag) : si la fiche a changé depuis, l'acte est refusé et les changements sont dits.",
    ),
]
_ANY: Final = "*"
_VERSION = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


Told = TypeVar("Told", bound=msgspec.Struct)


def with_etag(resource: Told, view: _Versioned) -> Response[Told]:
    """Return what is shown of a row, with the version that it shows."""
    return Response(resource, headers={"ETag": f'"{view.version}"'})


def require_match(tx: AsyncSession, if_match: str | None, subject_id: UUID) -> None:
    """State which version the caller saw of a row, where they say it. Raises `InvalidValue` for an unfit header."""
    if if_match is None or if_match.strip() == _ANY:
        return
    seen = _VERSION.fullmatch(if_match.strip())
    if seen is None:
        raise InvalidValue(field=HEADER, rule="format")
    expect(tx, subject_id, int(seen[1]))
