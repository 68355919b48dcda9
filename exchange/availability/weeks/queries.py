"""Reading the week of an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.policies import visible_offers
from exchange.availability.weeks.models import PlacePattern
from exchange.availability.weeks.rules import ExceptionRun, excepted_now, runs_of
from exchange.availability.weeks.storage import exceptions_from, week_of_row
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import current_segment
from exchange.organisations import queries as organisations


@dataclass(frozen=True, slots=True)
class WeekView:
    """`capacities`: 14 counts, from Monday's day to Sunday's night; `exceptions`: those not over, by date;
    `version`: of the offer."""

    offer_id: UUID
    capacities: tuple[int, ...]
    first: date
    last: date | None
    exceptions: tuple[ExceptionRun, ...]
    version: int


async def week(reader: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> WeekView | None:
    """Return the week that an offer follows, changes by hand among its exceptions; nothing where it follows none.

    Raises `NotFound` to whoever may not know of the offer.
    """
    version = await reader.scalar(select(PlaceOffer.version).where(PlaceOffer.id == offer_id, visible_offers(actor)))
    if version is None:
        raise NotFound
    row = await reader.get(PlacePattern, offer_id)
    if row is None:
        return None
    followed = week_of_row(row)
    current = current_segment(now, await organisations.zone(reader))
    stored = await exceptions_from(reader, offer_id, current)
    rows = await reader.execute(
        select(OfferSegment.segment, OfferSegment.capacity).where(
            OfferSegment.offer_id == offer_id, OfferSegment.segment >= current
        )
    )
    excepted = excepted_now(followed, stored, {row.segment: row.capacity for row in rows})
    return WeekView(offer_id, followed.capacities, followed.first, followed.last, runs_of(excepted), version)
