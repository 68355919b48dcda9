"""A situation's state is that of its least advanced segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import PlacementState
from exchange.situations.commands import follow_placement
from exchange.situations.models import Situation, SituationBlock
from exchange.situations.transitions import SituationState

_S = PlacementState

SERVED_IS: Final[Mapping[PlacementState, SituationState]] = MappingProxyType(
    {
        _S.HELD: SituationState.HELD,
        _S.ACCEPTED: SituationState.HELD,
        _S.CONFIRMED: SituationState.CONFIRMED,
        _S.ADMITTED: SituationState.EFFECTIVE,
        _S.ENDED: SituationState.EFFECTIVE,
    }
)
"""What a placement makes of the segments that it serves; one that none serves is still searched for."""

_ADVANCE: Final = (
    SituationState.SEARCHING,
    SituationState.HELD,
    SituationState.CONFIRMED,
    SituationState.EFFECTIVE,
)


def least_advanced(segments: Iterable[Iterable[PlacementState]]) -> SituationState:
    """Return what a situation's segments say together; each has the states of the placements that serve it."""
    of_segments = (
        max((_ADVANCE.index(SERVED_IS[state]) for state in states if state in SERVED_IS), default=0)
        for states in segments
    )
    return _ADVANCE[min(of_segments, default=0)]


async def follow(
    tx: AsyncSession, actor: Actor, situation: Situation, now: datetime, *, arrived_at: datetime | None = None
) -> None:
    """Bring a locked situation to the state that its placements say; a closed one stays so."""
    if situation.state == SituationState.CLOSED:
        return
    state = least_advanced((await states_of_segments(tx, situation.id)).values())
    await follow_placement(tx, actor, situation.id, state, now, arrived_at=arrived_at)


async def states_of_segments(tx: AsyncSession, situation_id: UUID) -> dict[int, list[PlacementState]]:
    """Return the segments still wanted, with the states of the placements that serve or served each."""
    await tx.flush()
    wanted = await tx.scalars(
        select(SituationBlock.segments).where(
            SituationBlock.situation_id == situation_id, SituationBlock.retired_at.is_(None)
        )
    )
    found: dict[int, list[PlacementState]] = {segment: [] for segments in wanted for segment in segments}
    rows = await tx.execute(
        select(PlacementSegment.segment, Placement.state)
        .join(Placement, Placement.id == PlacementSegment.placement_id)
        .join(SituationBlock, SituationBlock.id == PlacementSegment.block_id)
        .where(
            Placement.situation_id == situation_id,
            Placement.state.in_([state.value for state in SERVED_IS]),
            SituationBlock.retired_at.is_(None),
        )
    )
    for segment, state in rows:
        if segment in found:
            found[segment].append(PlacementState(state))
    return found
