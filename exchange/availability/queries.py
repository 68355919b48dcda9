"""Reading what places are spare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer, SegmentRequirement
from exchange.availability.policies import visible_offers
from exchange.availability.rules import OfferKind, OfferState, ShownState, shown_state
from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import current_segment
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.organisations.policies import may_know_address
from exchange.reference.models import Commune


@dataclass(frozen=True, slots=True)
class SegmentView:
    """`capacity` counts what was decided over capacity too; `provides`, in full, where it differs from the offer."""

    segment: int
    capacity: int
    used: int
    requires_shift_ids: tuple[UUID, ...]
    provides: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class OfferView:
    """`commune_*` is absent where the facility hides its address from the actor."""

    id: UUID
    facility_id: UUID
    facility: str
    operator_id: UUID
    living_area_id: UUID | None
    commune_code: str | None
    commune: str | None
    kind: OfferKind
    care_mode: str
    populations: tuple[str, ...]
    provides: tuple[str, ...]
    ages_from: int
    ages_to: int
    max_stay_nights: int | None
    zone_communes: tuple[str, ...]
    arrival_from: str | None
    arrival_until: str | None
    state: ShownState
    attested_at: datetime
    fresh_until: datetime
    terms_version: int
    version: int
    segments: tuple[SegmentView, ...]


async def offers(reader: AsyncSession, actor: Actor, now: datetime) -> tuple[OfferView, ...]:
    """Return the published offers, those to be confirmed included, with their segments not yet over, by facility."""
    rows = (
        await reader.execute(
            _offers(actor)
            .where(PlaceOffer.state == OfferState.PUBLISHED.value)
            .order_by(Facility.name, PlaceOffer.created_at, PlaceOffer.id)
        )
    ).all()
    segments = await _segments_of(reader, (row[0].id for row in rows), now)
    return tuple(_view(actor, *row, segments[row[0].id], now) for row in rows)


async def offer(reader: AsyncSession, actor: Actor, offer_id: UUID, now: datetime) -> OfferView:
    """Return one offer with its segments not yet over. Raises `NotFound` to whoever may not know of it."""
    row = (await reader.execute(_offers(actor).where(PlaceOffer.id == offer_id))).one_or_none()
    if row is None:
        raise NotFound
    segments = await _segments_of(reader, (offer_id,), now)
    return _view(actor, *row, segments[offer_id], now)


def _offers(actor: Actor) -> Select[PlaceOffer, Facility, str]:
    return (
        select(PlaceOffer, Facility, Commune.name)
        .join(Facility, Facility.id == PlaceOffer.facility_id)
        .join(Commune, Commune.code == Facility.commune_code)
        .where(visible_offers(actor))
    )


async def _segments_of(
    reader: AsyncSession, offer_ids: Iterable[UUID], now: datetime
) -> defaultdict[UUID, tuple[SegmentView, ...]]:
    wanted = set(offer_ids)
    current = current_segment(now, await organisations.zone(reader))
    required: defaultdict[tuple[UUID, int], tuple[UUID, ...]] = defaultdict(tuple)
    for line in await reader.execute(
        select(SegmentRequirement.offer_id, SegmentRequirement.segment, SegmentRequirement.shift_id)
        .where(SegmentRequirement.offer_id.in_(wanted), SegmentRequirement.segment >= current)
        .order_by(SegmentRequirement.shift_id)
    ):
        required[line.offer_id, line.segment] += (line.shift_id,)
    counters = await reader.execute(
        select(
            OfferSegment.offer_id,
            OfferSegment.segment,
            (OfferSegment.capacity + OfferSegment.over_capacity).label("capacity"),
            OfferSegment.used,
            OfferSegment.provides,
        )
        .where(OfferSegment.offer_id.in_(wanted), OfferSegment.segment >= current)
        .order_by(OfferSegment.segment)
    )
    segments: defaultdict[UUID, tuple[SegmentView, ...]] = defaultdict(tuple)
    for row in counters:
        segments[row.offer_id] += (
            SegmentView(
                row.segment,
                row.capacity,
                row.used,
                required[row.offer_id, row.segment],
                None if row.provides is None else tuple(row.provides),
            ),
        )
    return segments


def _view(
    actor: Actor,
    place: PlaceOffer,
    facility: Facility,
    commune: str,
    segments: tuple[SegmentView, ...],
    now: datetime,
) -> OfferView:
    told = may_know_address(actor, facility.id, hides_address=facility.hides_address)
    return OfferView(
        id=place.id,
        facility_id=facility.id,
        facility=facility.name,
        operator_id=facility.operator_id,
        living_area_id=facility.living_area_id,
        commune_code=facility.commune_code if told else None,
        commune=commune if told else None,
        kind=OfferKind(place.kind),
        care_mode=place.care_mode,
        populations=tuple(place.populations),
        provides=tuple(place.provides),
        ages_from=place.ages_from,
        ages_to=place.ages_to,
        max_stay_nights=place.max_stay_nights,
        zone_communes=tuple(place.zone_communes or ()),
        arrival_from=place.arrival_from,
        arrival_until=place.arrival_until,
        state=shown_state(OfferState(place.state), place.fresh_until, now),
        attested_at=place.attested_at,
        fresh_until=place.fresh_until,
        terms_version=place.terms_version,
        version=place.version,
        segments=segments,
    )
