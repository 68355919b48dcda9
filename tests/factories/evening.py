"""Communities whose evening's question is already asked, at whatever hour of the clock the test runs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import PlaceOffer
from exchange.kernel.db import now_of
from exchange.organisations.commands import state_parameters
from tests.factories.ground import founder

ASKED_AT_MINUTES = 13 * 60 + 30
"""Communities of the tests live between 14:00 and 15:00: their question of 13:30 is asked, for the night to come."""


async def ask_before_now(tx: AsyncSession, community_id: UUID) -> None:
    """Let this community ask its question of the evening at 13:30."""
    await state_parameters(tx, founder(community_id), {"emergency_asked_at": ASKED_AT_MINUTES}, now_of(tx))


async def said_this_morning(tx: AsyncSession, offer_id: UUID) -> None:
    """Let a word about an offer be four hours old: fresh still, and no answer to the question."""
    offer = await tx.get_one(PlaceOffer, offer_id)
    offer.attested_at = now_of(tx) - timedelta(hours=4)
    await tx.flush()
