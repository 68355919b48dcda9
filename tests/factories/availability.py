"""Place offers that are valid as they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.commands import CapacitySpan, PublishOffer, publish_offer
from exchange.kernel.db import now_of
from exchange.kernel.periods import Half, Segment, current_segment, date_of, segment_of
from exchange.organisations import queries as organisations
from tests.factories.staffing import speaker_for

BOTH = frozenset(Half)
NIGHTS = frozenset({Half.NIGHT})
DAYS = frozenset({Half.DAY})


def local_date(now: datetime, zone: ZoneInfo, *, days: int = 1) -> date:
    """The territory's date, `days` from today; tomorrow by default, so that no hour of the day matters."""
    return now.astimezone(zone).date() + timedelta(days=days)


def offer_form(facility_id: UUID, first: date, **over: object) -> PublishOffer:
    """One place of boarding for adults with an intellectual disability, day and night for a week."""
    form = PublishOffer(
        facility_id=facility_id,
        kind="ordinary",
        care_mode="temporary_stay",
        populations=("intellectual_disability",),
        provides=("awake_night",),
        ages_from=18,
        ages_to=60,
        max_stay_nights=None,
        zone_communes=None,
        arrival_from=None,
        arrival_until=None,
        spans=(CapacitySpan(first, first + timedelta(days=6), BOTH, 1),),
    )
    return replace(form, **over)  # type: ignore[arg-type]


async def an_offer(tx: AsyncSession, facility_id: UUID, **over: object) -> UUID:
    """A published offer from tomorrow on; `capacity=` for another count."""
    first = local_date(now_of(tx), await organisations.zone(tx))
    capacity = over.pop("capacity", None)
    if isinstance(capacity, int):
        over["spans"] = (CapacitySpan(first, first + timedelta(days=6), BOTH, capacity),)
    form = offer_form(facility_id, first, **over)
    return await publish_offer(tx, await speaker_for(tx, facility_id), form, now_of(tx))


async def tomorrow_night(tx: AsyncSession) -> Segment:
    """A segment that the offers above open."""
    return segment_of(local_date(now_of(tx), await organisations.zone(tx)), Half.NIGHT)


async def tonight(tx: AsyncSession) -> Segment:
    """The night that runs, or the next one: an arrival may be said for it at any hour of the test."""
    return night_near(now_of(tx), await organisations.zone(tx))


def night_near(now: datetime, zone: ZoneInfo) -> Segment:
    """The night that runs at `now`, which before 08:00 bears yesterday's date, or else the evening's."""
    return segment_of(date_of(current_segment(now, zone)), Half.NIGHT)


async def from_tonight(tx: AsyncSession, capacity: int = 1) -> tuple[CapacitySpan, ...]:
    """A week of days and nights that `tonight` is part of."""
    first = date_of(await tonight(tx))
    return (CapacitySpan(first, first + timedelta(days=7), BOTH, capacity),)
