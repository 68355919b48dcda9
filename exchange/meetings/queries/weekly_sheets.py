"""Reading weekly sheets, each exactly as it was frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.meetings.documents import thaw
from exchange.meetings.models import WeeklySheet
from exchange.meetings.weekly_document import WeeklyDocument


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One sheet of the list. `by_clock`: Monday's own."""

    id: UUID
    as_of: datetime
    week_of: date
    by_clock: bool
    content_hash: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet with its document."""

    line: SheetLine
    document: WeeklyDocument


async def sheets(reader: AsyncSession, actor: Actor) -> tuple[SheetLine, ...]:
    """Return the weekly sheets, the latest first; none to whoever does not coordinate."""
    if not actor.coordinates:
        return ()
    rows = await reader.execute(
        select(
            WeeklySheet.id, WeeklySheet.as_of, WeeklySheet.week_of, WeeklySheet.made_by, WeeklySheet.content_hash
        ).order_by(WeeklySheet.as_of.desc(), WeeklySheet.id)
    )
    return tuple(SheetLine(row.id, row.as_of, row.week_of, row.made_by is None, row.content_hash) for row in rows)


async def sheet(reader: AsyncSession, actor: Actor, sheet_id: UUID) -> SheetView:
    """Return one sheet as it was frozen. Raises `NotFound`."""
    found = await reader.scalar(select(WeeklySheet).where(WeeklySheet.id == sheet_id)) if actor.coordinates else None
    if found is None:
        raise NotFound
    line = SheetLine(found.id, found.as_of, found.week_of, found.made_by is None, found.content_hash)
    return SheetView(line, thaw(found.document, WeeklyDocument))
