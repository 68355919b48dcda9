"""What happened to some subjects, from the journal: what, when, by whom in which role, through which door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.journals import Event

LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event. `subject_id` tells which card it is about; no personal content is ever in the journal."""

    at: datetime
    kind: str
    subject_kind: str
    subject_id: UUID
    role: str
    via: str


async def history_of(reader: AsyncSession, subject_ids: frozenset[UUID]) -> tuple[HistoryLine, ...]:
    """Return the latest events of some subjects, oldest first. The caller has proven that the actor may see them."""
    rows = await reader.execute(
        select(Event.recorded_at, Event.kind, Event.subject_kind, Event.subject_id, Event.actor_role, Event.via)
        .where(Event.subject_id.in_(sorted(subject_ids)))
        .order_by(Event.recorded_at.desc(), Event.id.desc())
        .limit(LONGEST_SHOWN)
    )
    return tuple(reversed([HistoryLine(*row) for row in rows]))
