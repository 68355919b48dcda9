"""Situations that are valid as they come."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.situations.commands import ReceiveSituation, SituationReceived, receive_situation
from tests.factories.availability import tomorrow_night
from tests.factories.ground import LE_PUY


async def an_adviser(tx: AsyncSession) -> Actor:
    """A pathway adviser without an account."""
    return await coordinating(tx, Role.PATHWAY_ADVISER)


async def coordinating(tx: AsyncSession, role: Role) -> Actor:
    """An actor of the transaction's community with a role and no account."""
    community_id = await tx.scalar(text("SELECT current_community()"))
    assert isinstance(community_id, UUID)
    return Actor(community_id=community_id, role=role, via=Via.WEB)


def situation_form(*segments: int, **over: object) -> ReceiveSituation:
    """An adult with an intellectual disability who needs one block, tonight's urgency."""
    form = ReceiveSituation(
        commune_code=LE_PUY,
        age_band="30-44",
        need_codes=("intellectual_disability",),
        sex=None,
        free_text=None,
        care_mode="temporary_stay",
        blocks=(segments,),
        urgency=4,
        deadline_at=None,
        max_travel_minutes=60,
        max_places=3,
        excluded_facility_ids=(),
        origin="carer",
        legal_status="none",
    )
    return replace(form, **over)  # type: ignore[arg-type]


async def a_situation(tx: AsyncSession, **over: object) -> SituationReceived:
    """A received situation that needs tomorrow night."""
    form = situation_form(await tomorrow_night(tx), **over)
    return await receive_situation(tx, await an_adviser(tx), form, now_of(tx))
