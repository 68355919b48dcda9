"""Locking situations: first in the house order."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import NotFound
from exchange.kernel.versions import require_seen
from exchange.situations.models import Situation


async def lock_situation(tx: AsyncSession, situation_id: UUID) -> Situation:
    """Lock one situation until the end of the transaction, and read it again. Raises `NotFound`."""
    return (await lock_situations(tx, (situation_id,)))[situation_id]


async def lock_situations(tx: AsyncSession, situation_ids: Iterable[UUID]) -> dict[UUID, Situation]:
    """Lock situations, ids ascending, and read them again. Raises `NotFound` where one is missing."""
    wanted = set(situation_ids)
    await tx.flush()
    found = await tx.scalars(
        select(Situation)
        .where(Situation.id.in_(wanted))
        .order_by(Situation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    situations = {situation.id: situation for situation in found}
    if situations.keys() != wanted:
        raise NotFound
    require_seen(tx, *situations.values())
    return situations
