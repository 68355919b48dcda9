"""A situation's state is that of its least advanced block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import PlacementState
from exchange.situations.commands import follow_placement
from exchange.situations.models import Situation, SituationBlock
from exchange.situations.transitions import SituationState

_S = PlacementState

BLOCK_SAYS: Final[Mapping[PlacementState, SituationState]] = MappingProxyType(
    {
        _S.HELD: SituationState.HELD,
        _S.ACCEPTED: SituationState.HELD,
        _S.CONFIRMED: SituationState.CONFIRMED,
        _S.ADMITTED: SituationState.EFFECTIVE,
        _S.ENDED: SituationState.EFFECTIVE,
    }
)
"""What a placement makes of the block that it serves; a block that none serves is still searched for."""

_ADVANCE: Final = (
    SituationState.SEARCHING,
    SituationState.HELD,
    SituationState.CONFIRMED,
    SituationState.EFFECTIVE,
)


def least_advanced(blocks: Mapping[UUID, Iterable[PlacementState]]) -> SituationState:
    """Return what a situation's blocks say together; each block has the states of the placements that serve it."""
    of_blocks = (
        max((_ADVANCE.index(BLOCK_SAYS[state]) for state in states if state in BLOCK_SAYS), default=0)
        for states in blocks.values()
    )
    return _ADVANCE[min(of_blocks, default=0)]


async def follow(
    tx: AsyncSession, actor: Actor, situation: Situation, now: datetime, *, arrived_at: datetime | None = None
) -> None:
    """Bring a locked situation to the state that its placements say; a closed one stays so."""
    if situation.state == SituationState.CLOSED:
        return
    state = least_advanced(await blocks_of(tx, situation.id))
    await follow_placement(tx, actor, situation.id, state, now, arrived_at=arrived_at)


async def blocks_of(tx: AsyncSession, situation_id: UUID) -> dict[UUID, list[PlacementState]]:
    """Return the blocks still wanted, each with the states of the placements that serve or served it."""
    await tx.flush()
    rows = await tx.execute(
        select(SituationBlock.id, Placement.state)
        .distinct()
        .join(PlacementSegment, PlacementSegment.block_id == SituationBlock.id, isouter=True)
        .join(
            Placement,
            and_(Placement.id == PlacementSegment.placement_id, Placement.state.in_([s.value for s in BLOCK_SAYS])),
            isouter=True,
        )
        .where(SituationBlock.situation_id == situation_id, SituationBlock.retired_at.is_(None))
    )
    blocks: dict[UUID, list[PlacementState]] = {}
    for block_id, state in rows:
        served_by = blocks.setdefault(block_id, [])
        if state is not None:
            served_by.append(PlacementState(state))
    return blocks
