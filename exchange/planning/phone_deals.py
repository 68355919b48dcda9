"""What two people agreed on the phone, recorded in one go: the place if it was not published, the hold, the yes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability import commands as availability
from exchange.availability.inputs import CapacitySpan, PublishOffer
from exchange.availability.models import PlaceOffer
from exchange.availability.rules import OfferKind
from exchange.availability.statuses import TO_CONFIRM, why_not_on
from exchange.kernel.actor import Actor, Via
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.periods import date_of, half_of
from exchange.placements import commands as placements
from exchange.placements.agreements import spoken
from exchange.placements.policies import require_coordination
from exchange.placements.rules import Act, PlacementState
from exchange.planning.by_hand import ProposeByHand, propose_by_hand
from exchange.planning.errors import NothingLeftToServe
from exchange.reference.code_lists import HOSTED_PUBLICS, OLDEST_AGE, AgeBand, NeedCode, publics
from exchange.reference.ports import TravelTimes
from exchange.situations import queries as situations
from exchange.situations.commands import lock_situation


@dataclass(frozen=True, slots=True)
class PhoneDeal:
    """Who spoke, and as what; on `offer_id`, or for a place of `facility_id` that was not published.

    `block_ids`: what of the situation, all that nobody serves by default.
    """

    situation_id: UUID
    spoken_with: str = field(repr=False)
    function: str
    offer_id: UUID | None = None
    facility_id: UUID | None = None
    block_ids: tuple[UUID, ...] = ()
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DealRecorded:
    """The placement that the call made, and where it stands: accepted, or confirmed if all yeses were there."""

    placement_id: UUID
    state: PlacementState


async def record_phone_deal(
    tx: AsyncSession, actor: Actor, deal: PhoneDeal, travel: TravelTimes, now: datetime
) -> DealRecorded:
    """Record an acceptance heard on the phone without any proposal before it, or nothing at all.

    The facility may contest it until the arrival. A breach that no law forbids is passed over in the facility's name.
    Raises what publishing, proposing, holding and a phone yes raise.
    """
    require_coordination(actor, Act.HOLD)
    spoken_with, function = spoken(deal.spoken_with, deal.function)
    if deal.offer_id is not None and deal.facility_id is not None:
        raise InvalidValue(field="offer_id", rule="one-or-the-other")
    # First in the house order: what is published or confirmed below locks offers.
    await lock_situation(tx, deal.situation_id)
    offer_id = await _offer(tx, actor, deal, now)
    asked = ProposeByHand(
        deal.situation_id,
        offer_id,
        deal.block_ids,
        deal.reason or f"Accord donné par téléphone ({function})",
    )
    placement_id = await propose_by_hand(tx, actor, asked, travel, now)
    await placements.hold_placement(tx, actor, placement_id, now)
    state = await placements.record_phone_yes(tx, actor, placements.PhoneYes(placement_id, spoken_with, function), now)
    return DealRecorded(placement_id, state)


async def _offer(tx: AsyncSession, actor: Actor, deal: PhoneDeal, now: datetime) -> UUID:
    if deal.offer_id is not None:
        offer = await tx.get(PlaceOffer, deal.offer_id)
        if offer is None:
            raise NotFound
        if await why_not_on(tx, offer, await _wanted(tx, actor, deal), now) in TO_CONFIRM:
            await availability.reconfirm_offer(tx, _in_the_name_of(actor, offer.facility_id), offer.id, now)
        return offer.id
    if deal.facility_id is None:
        raise InvalidValue(field="offer_id", rule="one-or-the-other")
    form = await _published_by_the_call(tx, actor, deal, deal.facility_id)
    return await availability.publish_offer(tx, _in_the_name_of(actor, deal.facility_id), form, now)


def _in_the_name_of(actor: Actor, facility_id: UUID) -> Actor:
    """Whoever records says what the facility said on the phone: their account attests it, the channel tells how."""
    return replace(actor, via=Via.PHONE, facility_ids=frozenset({facility_id}))


async def _published_by_the_call(tx: AsyncSession, actor: Actor, deal: PhoneDeal, facility_id: UUID) -> PublishOffer:
    """One place for this person and these dates: nothing more was said, so nothing more is offered to anybody."""
    situation = await situations.situation(tx, actor, deal.situation_id)
    wanted = await _wanted(tx, actor, deal)
    if not wanted:
        raise NothingLeftToServe
    asked = publics(NeedCode(code) for code in situation.need_codes) or HOSTED_PUBLICS
    youngest, oldest = AgeBand(situation.age_band).bounds
    return PublishOffer(
        facility_id=facility_id,
        kind=OfferKind.ORDINARY.value,
        care_mode=situation.care_mode,
        populations=tuple(sorted(str(code) for code in asked)),
        provides=(),
        ages_from=youngest,
        ages_to=min(oldest, OLDEST_AGE),
        max_stay_nights=None,
        zone_communes=None,
        arrival_from=None,
        arrival_until=None,
        spans=_spans(wanted),
    )


async def _wanted(tx: AsyncSession, actor: Actor, deal: PhoneDeal) -> tuple[int, ...]:
    """The days and nights that the call speaks of."""
    situation = await situations.situation(tx, actor, deal.situation_id)
    blocks = [block for block in situation.blocks if not deal.block_ids or block.id in deal.block_ids]
    return tuple(segment for block in blocks for segment in block.segments)


def _spans(segments: Iterable[int]) -> tuple[CapacitySpan, ...]:
    return tuple(
        CapacitySpan(date_of(segment), date_of(segment), frozenset({half_of(segment)}), 1)
        for segment in sorted(set(segments))
    )
