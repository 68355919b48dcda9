"""What houses say of themselves, read: the colour in force, and the whole word about an offer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.attesting import lifetimes
from exchange.availability.evening import Colour, WhyNot, Word, is_asked, why_not_proposed, why_out
from exchange.availability.models import FacilityStatus, OfferSegment, PlaceOffer
from exchange.availability.rules import Lifetimes, OfferState
from exchange.kernel.periods import tonight_at
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility


@dataclass(frozen=True, slots=True)
class StatusInForce:
    """A colour that has not ended. `said_as`: the role of who said it."""

    id: UUID
    facility_id: UUID
    colour: Colour
    reason: str | None
    said_at: datetime
    said_as: str
    until: datetime


async def statuses_in_force(
    tx: AsyncSession, facility_ids: Iterable[UUID] | None, now: datetime
) -> dict[UUID, StatusInForce]:
    """Return the last colour of each house that has not ended, of these houses or of all (`None`).

    The end alone is looked at: a colour said by a transaction younger than this one, and committed, counts too.
    """
    statement = (
        select(FacilityStatus)
        .where(func.upper(FacilityStatus.during) > now)
        .order_by(FacilityStatus.facility_id, func.lower(FacilityStatus.during))
        .execution_options(populate_existing=True)
    )
    if facility_ids is not None:
        statement = statement.where(FacilityStatus.facility_id.in_(set(facility_ids)))
    found: dict[UUID, StatusInForce] = {}
    for row in await tx.scalars(statement):
        if row.during.upper is not None:
            found[row.facility_id] = StatusInForce(
                row.id,
                row.facility_id,
                Colour(row.colour),
                row.reason,
                row.attested_at,
                row.attested_role,
                row.during.upper,
            )
    return found


def word_of(offer: PlaceOffer, status: StatusInForce | None) -> Word:
    """Return everything said of an offer, its house's colour included."""
    return Word(
        attested_at=offer.attested_at,
        fresh_until=offer.fresh_until,
        red_until=status.until if status is not None and status.colour is Colour.RED else None,
        closed_until=offer.closed_until,
        awaits_departure=offer.awaits_departure,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A word with the clocks by which it is read, at one instant."""

    word: Word
    status: StatusInForce | None
    now: datetime
    lifetimes: Lifetimes
    zone: ZoneInfo

    @property
    def is_out(self) -> bool:
        """Whether nothing at all is proposed on the offer, whatever the date."""
        return self.why_out is not None

    @property
    def why_out(self) -> WhyNot | None:
        """Return why nothing at all is proposed on the offer, or nothing."""
        return why_out(self.word, self.now)

    @property
    def orange(self) -> str | None:
        """The reason of a house that says orange, empty where it gave none; None where it does not say orange."""
        if self.status is None or self.status.colour is not Colour.ORANGE:
            return None
        return self.status.reason or ""

    def why_not(self, segment: int) -> WhyNot | None:
        """Return why it is not proposed on a segment, or nothing."""
        return why_not_proposed(self.word, segment, self.now, self.lifetimes, self.zone)


async def words_of(tx: AsyncSession, offers: Iterable[PlaceOffer], now: datetime) -> dict[UUID, Told]:
    """Return what is said of each offer, its house's colour included."""
    statuses = await statuses_in_force(tx, None, now)
    clocks, zone = await lifetimes(tx), await organisations.zone(tx)
    told: dict[UUID, Told] = {}
    for offer in offers:
        status = statuses.get(offer.facility_id)
        told[offer.id] = Told(word_of(offer, status), status, now, clocks, zone)
    return told


async def why_not_on(tx: AsyncSession, offer: PlaceOffer, segments: Iterable[int], now: datetime) -> WhyNot | None:
    """Return why an offer may not be promised on these segments, or nothing. The caller holds the offer's lock."""
    told = (await words_of(tx, (offer,), now))[offer.id]
    return next((why for segment in sorted(segments) if (why := told.why_not(segment)) is not None), None)


TO_CONFIRM = frozenset({WhyNot.STALE, WhyNot.NOT_SAID_TONIGHT})
"""What one tap of the house repairs; the other reasons are its own decision."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An offer open tonight whose house is asked, and has not said."""

    offer_id: UUID
    facility_id: UUID
    operator_id: UUID


async def unanswered_tonight(tx: AsyncSession, now: datetime) -> tuple[Unanswered, ...]:
    """Return the offers of tonight that one answer would have proposed again, by house; none before the question."""
    zone, clocks = await organisations.zone(tx), await lifetimes(tx)
    if not is_asked(now, clocks, zone):
        return ()
    tonight = tonight_at(now, zone)
    rows = (
        await tx.execute(
            select(PlaceOffer, Facility.operator_id)
            .join(Facility, Facility.id == PlaceOffer.facility_id)
            .join(OfferSegment, OfferSegment.offer_id == PlaceOffer.id)
            .where(PlaceOffer.state == OfferState.PUBLISHED.value, OfferSegment.segment == tonight)
            .order_by(Facility.name, Facility.id, PlaceOffer.id)
        )
    ).all()
    told = await words_of(tx, (offer for offer, _ in rows), now)
    return tuple(
        Unanswered(offer.id, offer.facility_id, operator_id)
        for offer, operator_id in rows
        if told[offer.id].why_not(tonight) in TO_CONFIRM
    )
