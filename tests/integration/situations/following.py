"""What became of a situation, and how a test brings it further."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.db import now_of
from exchange.kernel.journals import Event
from exchange.situations.commands import follow_placement
from exchange.situations.transitions import SituationState
from tests.factories.situations import an_adviser


async def events_of(tx: AsyncSession, subject_id: UUID) -> list[str]:
    kinds = await tx.scalars(select(Event.kind).where(Event.subject_id == subject_id).order_by(Event.id))
    return list(kinds)


async def brought_to(tx: AsyncSession, situation_id: UUID, *states: SituationState) -> None:
    actor = await an_adviser(tx)
    for state in states:
        await follow_placement(tx, actor, situation_id, state, now_of(tx))
