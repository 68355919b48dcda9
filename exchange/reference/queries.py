"""Reading national facts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.reference.models import Commune
from exchange.reference.ports import Place


async def places(reader: AsyncSession, codes: Iterable[str]) -> tuple[Place, ...]:
    """Return these communes as places, by ascending code; unknown codes are left out."""
    rows = await reader.execute(
        select(Commune.code, Commune.latitude, Commune.longitude)
        .where(Commune.code.in_(sorted(set(codes))))
        .order_by(Commune.code)
    )
    return tuple(Place(code, latitude, longitude) for code, latitude, longitude in rows)


async def commune_name(reader: AsyncSession, code: str) -> str | None:
    """Return the name of a commune, if the register knows its code."""
    return await reader.scalar(select(Commune.name).where(Commune.code == code))
