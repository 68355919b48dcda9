"""What is asked for changes while places are proposed, kept or inhabited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import lock_offers
from exchange.kernel.actor import Actor
from exchange.placements.follow import follow
from exchange.placements.locks import lock_placements
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.moves import call_off
from exchange.placements.policies import require_coordination
from exchange.placements.rules import NOT_YET_THERE, Act, CancelCause, PlacementState, Side
from exchange.situations import commands as situations
from exchange.situations.commands import AmendSituation, lock_situation
from exchange.situations.transitions import SituationState


async def amend_situation(
    tx: AsyncSession, actor: Actor, amended: AmendSituation, now: datetime, *, release: bool = False
) -> frozenset[str]:
    """Complete or correct what is asked for; return the names of what changed.

    Dates on which a place is kept are taken away only with `release`: the place is given back first, in the same
    transaction. Where the person is, nothing gives it back. Raises `ActForbidden`, `NotFound`, `InvalidValue`,
    `IllegalTransition`, `TermsMoved`, `BlockInUse`.
    """
    side = require_coordination(actor, Act.CANCEL)
    situation = await lock_situation(tx, amended.situation_id)
    if release and amended.blocks is not None and amended.terms_version == situation.terms_version:
        retired = await situations.blocks_to_retire(tx, situation.id, amended.blocks)
        await _give_back(tx, actor, side, {block.id for block in retired}, now)
    claimed = await tx.scalars(
        select(PlacementSegment.block_id).where(
            PlacementSegment.situation_id == situation.id, PlacementSegment.claiming
        )
    )
    changed = await situations.amend_situation(tx, actor, amended, now, claimed_block_ids=frozenset(claimed))
    if "blocks" in changed and situation.state != SituationState.RECEIVED:
        await follow(tx, actor, situation, now)
    return changed


async def _give_back(tx: AsyncSession, actor: Actor, side: Side, block_ids: Iterable[UUID], now: datetime) -> None:
    kept = (
        await tx.execute(
            select(Placement.id, Placement.offer_id)
            .join(PlacementSegment, PlacementSegment.placement_id == Placement.id)
            .where(
                PlacementSegment.block_id.in_(set(block_ids)),
                Placement.state.in_([state.value for state in NOT_YET_THERE]),
            )
            .distinct()
        )
    ).all()
    await lock_offers(tx, {row.offer_id for row in kept})
    for placement in (await lock_placements(tx, {row.id for row in kept})).values():
        if PlacementState(placement.state) in NOT_YET_THERE:
            await call_off(tx, actor, side, placement, Act.CANCEL, CancelCause.BY_COORDINATION, now)
    await tx.flush()
