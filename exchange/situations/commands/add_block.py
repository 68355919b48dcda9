"""One more block of days and nights, for a person who stays longer than was asked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.ids import new_id
from exchange.kernel.versions import bump
from exchange.situations.models import Situation, SituationBlock


async def add_block(tx: AsyncSession, situation: Situation, segments: Iterable[int]) -> UUID:
    """Add a block to a locked situation; the caller tells why, in the same transaction, and serves it."""
    last = await tx.scalar(select(func.max(SituationBlock.position)).where(SituationBlock.situation_id == situation.id))
    block_id = new_id()
    position = 0 if last is None else last + 1
    tx.add(SituationBlock(id=block_id, situation_id=situation.id, position=position, segments=sorted(set(segments))))
    bump(situation)
    await tx.flush()
    return block_id
