"""What a person proposes themselves: the matcher's own predicates on one pair, and what is passed over with a reason.

Nothing is searched for: one situation, one offer. A breach of the law or of the person's own word is refused; any
other is recorded with its author and their reason, for the facility to say yes or no in its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.errors import PlaceClosed
from exchange.availability.models import PlaceOffer
from exchange.availability.statuses import TO_CONFIRM, words_of
from exchange.kernel.actor import Actor
from exchange.kernel.errors import InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.matching.eligibility import PlacementRefusal
from exchange.matching.pair_rules import PairRules
from exchange.matching.tables import tabulate
from exchange.placements import commands as placements
from exchange.placements import queries as placement_queries
from exchange.placements.errors import OfferToConfirm
from exchange.placements.inputs import MadeByHand
from exchange.placements.policies import require_coordination
from exchange.placements.rules import Act
from exchange.planning.errors import BreachForbidden, BreachReasonRequired, NothingLeftToServe
from exchange.planning.ground import Ground, SeenBlock, SeenOffer, SeenSituation
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.reasons import reasons_of_placement
from exchange.planning.rules import Unsuited, unsuited
from exchange.planning.snapshot import Snapshot, snapshot_of
from exchange.reference.ports import TravelTimes
from exchange.wording.breaches import passed_over

LONGEST_REASON = 300
INCOMPATIBLE: Final = "incompatible"

MAY_BE_PASSED: Final[Mapping[str, bool]] = MappingProxyType(
    {
        # The person's word, and promises already made: nobody passes over them.
        PlacementRefusal.EXCLUDED.value: False,
        INCOMPATIBLE: False,
        PlacementRefusal.MAX_PLACES.value: False,
        PlacementRefusal.GROUP.value: False,
        PlacementRefusal.CARE_MODE.value: False,
        PlacementRefusal.CAPACITY.value: False,
        # The authorisation: only a dated exception of the authority lifts it.
        PlacementRefusal.AGE.value: False,
        Unsuited.POPULATION.value: False,
        # What the facility itself states: it may say yes to a near miss, in its own name.
        PlacementRefusal.PROVISION.value: True,
        PlacementRefusal.ZONE.value: True,
        PlacementRefusal.TRAVEL.value: True,
        PlacementRefusal.HOURS.value: True,
        Unsuited.SEX.value: True,
        Unsuited.STAY_TOO_LONG.value: True,
        Unsuited.REFUSED_BEFORE.value: True,
    }
)
"""By code of what the matcher refuses; `profile` stands for its own codes, and an offer to confirm is confirmed."""


@dataclass(frozen=True, slots=True)
class ProposeByHand:
    """`block_ids`: what of the situation, all that nobody serves by default. `reason`: why breaches are passed over."""

    situation_id: UUID
    offer_id: UUID
    block_ids: tuple[UUID, ...] = ()
    reason: str | None = field(default=None, repr=False)


async def propose_by_hand(
    tx: AsyncSession, actor: Actor, asked: ProposeByHand, travel: TravelTimes, now: datetime
) -> UUID:
    """Put one offer forward for a situation, beside what already stands; return the placement.

    `travel` is asked inside the transaction: an estimate in process, never a network. The same line already standing is
    returned as it is. Raises `ActForbidden`, `NotFound`, `OfferToConfirm`, `NothingLeftToServe`, `BreachForbidden`,
    `BreachReasonRequired`, `InvalidValue`.
    """
    require_coordination(actor, Act.HOLD)
    reason = (asked.reason or "").strip() or None
    if reason is not None and len(reason) > LONGEST_REASON:
        raise InvalidValue(field="breach_reason", rule="too-long", most=LONGEST_REASON)
    pair = await _pair(tx, actor, asked, travel)
    breaches = pair.breaches()
    forbidden = [code for code in breaches if not MAY_BE_PASSED[code]]
    if forbidden:
        raise BreachForbidden(why=passed_over(forbidden))
    if breaches and reason is None:
        raise BreachReasonRequired(field="breach_reason", why=passed_over(breaches))
    line = placements.ProposedPlacement(
        situation_id=pair.situation.id,
        offer_id=pair.offer.id,
        block_ids=tuple(block.id for block in pair.blocks),
        rank=await _next_rank(tx, actor, pair.situation.id),
        reasons=(
            {"code": "proposed_by_hand"},
            *({"code": "breach_accepted", "breach": code} for code in breaches),
            *reasons_of_placement(pair.snapshot, pair.situation, pair.offer, list(pair.blocks)),
        ),
        situation_terms_version=pair.situation.terms_version,
        offer_terms_version=pair.offer.terms_version,
        by_hand=MadeByHand(breaches, reason if breaches else None),
    )
    return await placements.put_forward_by_hand(tx, actor, line, now)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One situation and one offer, as the matcher sees them."""

    snapshot: Snapshot
    situation: SeenSituation
    offer: SeenOffer
    blocks: tuple[SeenBlock, ...]
    refused_before: bool

    def breaches(self) -> tuple[str, ...]:
        """The codes of every predicate that refuses this pair on some of the blocks, in the order of the tables."""
        tables = tabulate(self.snapshot.request.problem)
        rules = PairRules(tables).placements
        offer = tables.offer_index[str(self.offer.id)]
        rows = [tables.block_index[str(self.situation.id), str(block.id)] for block in self.blocks]
        refused = [one for one in PlacementRefusal if bool(np.any(rules[one][rows, offer]))]
        found = {one.value for one in refused if one is not PlacementRefusal.PROFILE}
        if PlacementRefusal.PROFILE in refused:
            found |= set(_unsuited(self.situation, self.offer, refused_before=self.refused_before))
        if len(self._kept_offers() | {self.offer.id}) > self.situation.max_places:
            found.add(PlacementRefusal.MAX_PLACES.value)
        if self._meets_somebody():
            found.add(INCOMPATIBLE)
        return tuple(code for code in MAY_BE_PASSED if code in found)

    def _kept_offers(self) -> frozenset[UUID]:
        """Where the person is or is promised a place."""
        return frozenset(
            placement.offer_id
            for placement in self.snapshot.ground.placements
            if placement.situation_id == self.situation.id and placement.is_promised
        )

    def _meets_somebody(self) -> bool:
        """Whether a person who must not be met is promised the same house over one of these dates."""
        ground = self.snapshot.ground
        wanted = {segment // 2 for block in self.blocks for segment in block.segments}
        return any(
            placement.situation_id in self.situation.incompatible_with
            and placement.is_promised
            and placement.offer_id in ground.offers
            and ground.offers[placement.offer_id].facility_id == self.offer.facility_id
            and not wanted.isdisjoint(segment // 2 for segment in placement.segments)
            for placement in ground.placements
        )


def _unsuited(situation: SeenSituation, offer: SeenOffer, *, refused_before: bool) -> list[str]:
    """Every reason of `unsuited`, not its first alone: each is laid aside in turn."""
    found: list[str] = []
    reason = unsuited(situation, offer, refused_before=refused_before)
    while reason is not None:
        found.append(reason.value)
        match reason:
            case Unsuited.REFUSED_BEFORE:
                refused_before = False
            case Unsuited.POPULATION:
                offer = replace(offer, populations=frozenset())
            case Unsuited.SEX:
                situation = replace(situation, sex=None)
                offer = _without_sex(offer)
            case Unsuited.STAY_TOO_LONG:
                offer = replace(offer, max_stay_nights=None)
            case Unsuited.TO_CONFIRM:
                raise OfferToConfirm(offer_id=str(offer.id))
        reason = unsuited(situation, offer, refused_before=refused_before)
    return found


def _without_sex(offer: SeenOffer) -> SeenOffer:
    mixed = {
        at: replace(segment, provides=frozenset(code for code in segment.provides if code not in _SEXES))
        for at, segment in offer.segments.items()
    }
    return replace(offer, segments=mixed)


_SEXES: Final = frozenset({"women_only", "men_only"})


async def _pair(tx: AsyncSession, actor: Actor, asked: ProposeByHand, travel: TravelTimes) -> _Pair:
    ground = await load_ground(tx, actor.community_id)
    situation, offer = ground.situations.get(asked.situation_id), ground.offers.get(asked.offer_id)
    if situation is None or offer is None:
        raise NotFound
    if not offer.is_proposable:
        why_not = (await words_of(tx, (await tx.get_one(PlaceOffer, offer.id),), ground.at))[offer.id].why_out
        if why_not is not None and why_not not in TO_CONFIRM:
            raise PlaceClosed(offer_id=str(offer.id), why=why_not.value)
        raise OfferToConfirm(offer_id=str(offer.id))
    blocks = _blocks(ground, situation, asked.block_ids)
    alone = _alone(ground, situation, offer)
    matrix = await travel.minutes_between(alone.places, alone.places, ground.at)
    snapshot = snapshot_of(alone, matrix, Lane.FAST, new_id())
    stated = {block.id for one in snapshot.request.problem.situations for block in one.blocks}
    if any(str(block.id) not in stated for block in blocks):
        raise NothingLeftToServe
    refused_before = (situation.id, offer.id) in ground.refused_pairs
    return _Pair(replace(snapshot, ground=_with_others(alone, ground)), situation, offer, blocks, refused_before)


def _alone(ground: Ground, situation: SeenSituation, offer: SeenOffer) -> Ground:
    """The ground with this pair, and where the person already is: what the predicates read, and nothing to search."""
    mine = {placement.offer_id for placement in ground.placements if placement.situation_id == situation.id}
    offers = {one.id: one for one in ground.offers.values() if one.id in mine or one.id == offer.id}
    sites = {ground.facilities[one.facility_id].commune_code for one in offers.values()}
    communes = sites | {situation.commune_code} | {site.commune_code for site in ground.facilities.values()}
    return replace(
        ground,
        situations={situation.id: situation},
        offers=offers,
        volunteers={},
        loans=(),
        recent=(),
        places=tuple(place for place in ground.places if place.code in communes),
    )


def _with_others(alone: Ground, ground: Ground) -> Ground:
    """The same with every offer again: whom the person would meet is told by the others' promises."""
    return replace(alone, offers=ground.offers)


def _blocks(ground: Ground, situation: SeenSituation, wanted: Sequence[UUID]) -> tuple[SeenBlock, ...]:
    """The blocks asked for, or those that nobody serves. Raises `InvalidValue`, `NothingLeftToServe`."""
    known = {block.id: block for block in situation.blocks}
    if not set(wanted) <= known.keys():
        raise InvalidValue(field="block_ids", rule="unknown-reference")
    served = {
        block_id
        for placement in ground.placements
        if placement.situation_id == situation.id and placement.is_promised
        for block_id in placement.block_ids
    }
    chosen = [known[one] for one in dict.fromkeys(wanted)] or [one for one in known.values() if one.id not in served]
    if not chosen:
        raise NothingLeftToServe
    return tuple(chosen)


async def _next_rank(tx: AsyncSession, actor: Actor, situation_id: UUID) -> int:
    answers = await placement_queries.answers_of(tx, actor, situation_id)
    return max((answer.rank for answer in answers), default=0) + 1
