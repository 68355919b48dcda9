"""Repeating what was entered by hand in the last seven days: told line by line, then applied as told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import attest, locked_offer
from exchange.availability.cards import card_of
from exchange.availability.errors import RepetitionChanged
from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.policies import visible_offers
from exchange.availability.rules import OfferKind
from exchange.availability.weeks.events import PlacesRepeated
from exchange.availability.weeks.models import PlacePattern
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import WEEK_SEGMENTS, Half, current_segment, date_of, segment_of
from exchange.kernel.record import record
from exchange.kernel.versions import bump
from exchange.organisations import queries as organisations
from exchange.staffing.values import check_between, fingerprint

MOST_WEEKS = 4
LAST_DAYS = timedelta(days=7)


class Repeat(StrEnum):
    """What becomes of one line. All but `opens` leave things as they are."""

    OPENS = "opens"
    EXISTS = "exists"
    OVER = "over"
    FOLLOWS_WEEK = "follows_week"
    RESTS_ON_SHIFTS = "rests_on_shifts"


@dataclass(frozen=True, slots=True)
class RepeatedSegment:
    """`source`: the segment of the last seven days; `segment`: where it would be repeated, for `capacity` persons."""

    source: int
    segment: int
    capacity: int
    outcome: Repeat


@dataclass(frozen=True, slots=True)
class RepeatWeek:
    """`seen`: the fingerprint of the lines that were shown."""

    offer_id: UUID
    weeks: int
    seen: str


def last_segments(current: int) -> range:
    """Return the segments of the seven dates before the running one's."""
    today = date_of(current)
    return range(segment_of(today - LAST_DAYS, Half.DAY), segment_of(today, Half.DAY))


def repeated(
    counters: Mapping[int, int], known: Collection[int], weeks: int, current: int, hindrance: Repeat | None
) -> tuple[RepeatedSegment, ...]:
    """Return what each counter of the last seven days would become on the same weekday of the coming weeks.

    `counters`: capacities of the last seven days; `known`: the segments that the offer already counts. Ascending.
    """
    lines = (
        RepeatedSegment(source, segment, capacity, hindrance or _outcome(segment, known, current))
        for source, capacity in counters.items()
        if capacity
        for segment in (source + WEEK_SEGMENTS * (week + 1) for week in range(weeks))
    )
    return tuple(sorted(lines, key=lambda line: line.segment))


def _outcome(segment: int, known: Collection[int], current: int) -> Repeat:
    if segment < current:
        return Repeat.OVER
    return Repeat.EXISTS if segment in known else Repeat.OPENS


async def repetition(
    reader: AsyncSession, actor: Actor, offer_id: UUID, weeks: int, now: datetime
) -> tuple[RepeatedSegment, ...]:
    """Return what repeating the last seven days of an offer would do, line by line.

    Raises `NotFound` to whoever may not know of the offer, `InvalidValue` (`weeks`).
    """
    offer = await reader.scalar(select(PlaceOffer).where(PlaceOffer.id == offer_id, visible_offers(actor)))
    if offer is None:
        raise NotFound
    return await _lines(reader, offer, weeks, now)


async def repeat_week(tx: AsyncSession, actor: Actor, form: RepeatWeek, now: datetime) -> tuple[RepeatedSegment, ...]:
    """Open the segments that a repetition opens, and return what became of each line.

    Whoever repeats attests: it is a word about the place, as one more place is.
    Raises `NotFound`, `ActForbidden`, `IllegalTransition` once withdrawn, `InvalidValue` (`weeks`), and
    `RepetitionChanged` where the lines are no longer those that were shown.
    """
    offer = await locked_offer(tx, actor, form.offer_id, "repeat_week")
    lines = await _lines(tx, offer, form.weeks, now)
    opens = [line for line in lines if line.outcome is Repeat.OPENS]
    if form.seen != fingerprint(lines):
        raise RepetitionChanged(field="seen")
    if not opens:
        return lines
    provides = await tx.execute(
        select(OfferSegment.segment, OfferSegment.provides).where(
            OfferSegment.offer_id == offer.id, OfferSegment.segment.in_({line.source for line in opens})
        )
    )
    provided = {row.segment: row.provides for row in provides}
    tx.add_all(
        OfferSegment(
            offer_id=offer.id, segment=line.segment, capacity=line.capacity, provides=provided.get(line.source)
        )
        for line in opens
    )
    await attest(tx, actor, offer, now)
    bump(offer)
    await tx.flush()
    fact = PlacesRepeated(
        subject_id=offer.id,
        facility_id=offer.facility_id,
        fresh_until=offer.fresh_until,
        segments=len(opens),
        cards=(await card_of(tx, offer.id),),
    )
    await record(tx, actor, fact, now)
    return lines


async def _lines(reader: AsyncSession, offer: PlaceOffer, weeks: int, now: datetime) -> tuple[RepeatedSegment, ...]:
    check_between(weeks, 1, MOST_WEEKS, "weeks")
    current = current_segment(now, await organisations.zone(reader))
    last = last_segments(current)
    rows = await reader.execute(
        select(OfferSegment.segment, OfferSegment.capacity).where(
            OfferSegment.offer_id == offer.id, OfferSegment.segment >= last[0]
        )
    )
    known = {row.segment: row.capacity for row in rows}
    counters = {segment: capacity for segment, capacity in known.items() if segment in last}
    return repeated(counters, known.keys(), weeks, current, await _hindrance(reader, offer))


async def _hindrance(reader: AsyncSession, offer: PlaceOffer) -> Repeat | None:
    """Why nothing of an offer is repeated: its shifts would have to be asked for, or its week says the dates itself."""
    if offer.kind == OfferKind.CONDITIONAL:
        return Repeat.RESTS_ON_SHIFTS
    follows = await reader.scalar(select(PlacePattern.offer_id).where(PlacePattern.offer_id == offer.id))
    return None if follows is None else Repeat.FOLLOWS_WEEK
