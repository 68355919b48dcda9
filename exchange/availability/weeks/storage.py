"""Reading and writing the week of an offer and its counters; the offer is already locked by whoever writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.errors import PromisedDate
from exchange.availability.models import OfferSegment
from exchange.availability.weeks.models import PlacePattern, PlacePatternException
from exchange.availability.weeks.rules import Excepted, Week
from exchange.kernel.periods import Segment, date_of
from exchange.reference.answers import StatusReason

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many counters open more than before, and how many less."""

    raised: int
    lowered: int


def week_of_row(row: PlacePattern) -> Week:
    """Return the week that a row holds; PostgreSQL keeps its dates half-open."""
    if row.during.lower is None:
        raise ValueError("a week has a first date")
    return Week(tuple(row.capacities), row.during.lower, None if row.during.upper is None else row.during.upper - _DAY)


def during_of(week: Week) -> Range[date]:
    """Return the dates of a week as they are stored."""
    return Range(week.first, None if week.last is None else week.last + _DAY, bounds="[)")


async def exceptions_from(reader: AsyncSession, offer_id: UUID, first: Segment) -> dict[int, Excepted]:
    """Return what each segment from `first` on opens instead of its week."""
    rows = await reader.scalars(
        select(PlacePatternException).where(
            PlacePatternException.offer_id == offer_id, PlacePatternException.segment >= first
        )
    )
    return {
        row.segment: Excepted(row.capacity, None if row.reason is None else StatusReason(row.reason)) for row in rows
    }


async def counters_from(tx: AsyncSession, offer_id: UUID, first: Segment) -> dict[int, OfferSegment]:
    """Return the counters of an offer from a segment on, read again."""
    rows = await tx.scalars(
        select(OfferSegment)
        .where(OfferSegment.offer_id == offer_id, OfferSegment.segment >= first)
        .order_by(OfferSegment.segment)
        .execution_options(populate_existing=True)
    )
    return {row.segment: row for row in rows}


async def write_exceptions(
    tx: AsyncSession, offer_id: UUID, known: Mapping[int, Excepted], wanted: Mapping[int, Excepted]
) -> None:
    """Make the stored exceptions of an offer those wanted."""
    gone = known.keys() - wanted.keys()
    if gone:
        await tx.execute(
            delete(PlacePatternException).where(
                PlacePatternException.offer_id == offer_id, PlacePatternException.segment.in_(gone)
            )
        )
    changed = [
        {"offer_id": offer_id, "segment": segment, "capacity": each.capacity, "reason": each.reason}
        for segment, each in sorted(wanted.items())
        if known.get(segment) != each
    ]
    if changed:
        statement = insert(PlacePatternException)
        written = {name: statement.excluded[name] for name in ("capacity", "reason")}
        await tx.execute(statement.on_conflict_do_update(index_elements=["offer_id", "segment"], set_=written), changed)


def move_counters(
    tx: AsyncSession, offer_id: UUID, counters: Mapping[int, OfferSegment], wanted: Mapping[int, int], field: str
) -> Moved:
    """Make each counter what is wanted of its segment, none where nothing is said, and open those missing.

    Raises `PromisedDate` naming the first segment on which more persons count than it would hold.
    """
    raised = lowered = 0
    for segment, counter in counters.items():
        capacity = wanted.get(segment, 0)
        if capacity + counter.over_capacity < counter.used:
            on = date_of(segment).strftime("%d/%m/%Y")
            raise PromisedDate(field=field, segment=segment, used=counter.used, on=on)
        raised += capacity > counter.capacity
        lowered += capacity < counter.capacity
        counter.capacity = capacity
    missing = {segment: capacity for segment, capacity in wanted.items() if segment not in counters}
    tx.add_all(
        OfferSegment(offer_id=offer_id, segment=segment, capacity=capacity)
        for segment, capacity in sorted(missing.items())
    )
    return Moved(raised + len(missing), lowered)


def coming(segments: Collection[int], counters: Mapping[int, OfferSegment]) -> frozenset[int]:
    """Return the segments that a week governs: those ahead, and any counter opened farther."""
    return frozenset(segments) | counters.keys()
