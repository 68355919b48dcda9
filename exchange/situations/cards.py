"""What the board shows of a situation: families, never codes; the living area, never the commune."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.errors import NotFound
from exchange.kernel.record import Card
from exchange.organisations.models import LivingArea
from exchange.situations.models import Situation, SituationBlock, SituationDetails
from exchange.situations.rules import shown_families
from exchange.situations.transitions import SituationState


async def card_of(tx: AsyncSession, situation_id: UUID) -> Card:
    """Return the card of a situation as the transaction sees it; empty once closed. Raises `NotFound`."""
    await tx.flush()
    row = (
        await tx.execute(
            select(Situation, LivingArea.name, SituationDetails.need_codes)
            .join(LivingArea, LivingArea.id == Situation.living_area_id, isouter=True)
            .join(SituationDetails, SituationDetails.situation_id == Situation.id, isouter=True)
            .where(Situation.id == situation_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    situation, living_area, need_codes = row
    if situation.state == SituationState.CLOSED:
        return Card("situation", situation_id, None, situation.living_area_id)
    blocks = await tx.scalars(
        select(SituationBlock.segments)
        .where(SituationBlock.situation_id == situation_id, SituationBlock.retired_at.is_(None))
        .order_by(SituationBlock.position)
    )
    content = {
        "kind": "situation",
        "reference": situation.reference,
        "age_band": situation.age_band,
        "families": [family.value for family in shown_families(need_codes or ())],
        "urgency": situation.urgency,
        "level": situation.level,
        "state": situation.state,
        "version": situation.version,
        "care_mode": situation.care_mode,
        "living_area": living_area,
        "deadline_at": situation.deadline_at,
        "next_check_at": situation.next_check_at,
        "created_at": situation.created_at,
        "together": situation.together_id is not None,
        "alert_since": situation.alert_since,
        "blocks": [list(segments) for segments in blocks],
    }
    return Card("situation", situation_id, content, situation.living_area_id)
