"""Reading what places are spare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.evening import Colour
from exchange.availability.models import OfferSegment, OverCapacityDecision, PlaceOffer, SegmentRequirement
from exchange.availability.policies import may_know_attester, visible_offers
from exchange.availability.rules import OfferKind, OfferState, ShownState, shown_state
from exchange.availability.statuses import statuses_in_force
from exchange.identity.models import Account
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
    over_capacity: int = 0


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Who signed units beyond capacity, when, why, on which segments."""

    id: UUID
    segments: tuple[int, ...]
    units: int
    reason: str
    decided_by: str
    decided_as: str
    decided_at: datetime


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
    attested_as: str | None
    attested_at: datetime
    fresh_until: datetime
    closed_until: datetime | None
    closed_reason: str | None
    awaits_departure: bool
    never_full: bool
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


async def decisions_of(reader: AsyncSession, actor: Actor, offer_id: UUID) -> tuple[DecisionView, ...]:
    """Return the signed decisions over capacity of an offer that the actor may see, the latest first."""
    rows = await reader.execute(
        select(OverCapacityDecision, Account.display_name)
        .join(Account, Account.id == OverCapacityDecision.decided_by)
        .join(PlaceOffer, PlaceOffer.id == OverCapacityDecision.offer_id)
        .where(PlaceOffer.id == offer_id, visible_offers(actor))
        .order_by(OverCapacityDecision.decided_at.desc(), OverCapacityDecision.id.desc())
    )
    return tuple(
        DecisionView(row.id, tuple(row.segments), row.units, row.reason, name, row.decided_role, row.decided_at)
        for row, name in rows
    )


async def attester_of(reader: AsyncSession, actor: Actor, offer_id: UUID) -> str | None:
    """Return the name of who last gave their word about an offer that the actor may see; its people and coordination.

    None for other members, who read the function alone.
    """
    row = (
        await reader.execute(
            select(PlaceOffer.facility_id, Account.display_name)
            .join(Account, Account.id == PlaceOffer.attested_by)
            .where(PlaceOffer.id == offer_id, visible_offers(actor))
        )
    ).one_or_none()
    return row.display_name if row is not None and may_know_attester(actor, row.facility_id) else None


@dataclass(frozen=True, slots=True)
class HouseView:
    """A house whose word the actor gives, or that the actor coordinates, with the colour in force if it said one."""

    facility_id: UUID
    facility: str
    operator_id: UUID
    never_full: bool
    colour: Colour | None
    reason: str | None
    said_at: datetime | None
    said_as: str | None
    until: datetime | None


async def houses(reader: AsyncSession, actor: Actor, now: datetime, *, own: bool = False) -> tuple[HouseView, ...]:
    """Return the community's houses by name, or the actor's own, each with its colour in force."""
    statuses = await statuses_in_force(reader, None, now)
    found = []
    for site in await organisations.facilities(reader):
        if own and site.id not in actor.facility_ids:
            continue
        status = statuses.get(site.id)
        found.append(
            HouseView(
                facility_id=site.id,
                facility=site.name,
                operator_id=site.operator_id,
                never_full=site.never_full,
                colour=None if status is None else status.colour,
                reason=None if status is None else status.reason,
                said_at=None if status is None else status.said_at,
                said_as=None if status is None else status.said_as,
                until=None if status is None else status.until,
            )
        )
    return tuple(found)


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
            OfferSegment.over_capacity,
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
                row.over_capacity,
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
        attested_as=place.attested_role,
        attested_at=place.attested_at,
        fresh_until=place.fresh_until,
        closed_until=place.closed_until if place.closed_until is not None and place.closed_until > now else None,
        closed_reason=place.closed_reason if place.closed_until is not None and place.closed_until > now else None,
        awaits_departure=place.awaits_departure,
        never_full=facility.never_full,
        terms_version=place.terms_version,
        version=place.version,
        segments=segments,
    )
