"""What a run puts forward, and what it takes away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.models import OfferSegment, PlaceOffer
from exchange.availability.rules import OfferState
from exchange.availability.statuses import Told, words_of
from exchange.kernel.actor import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.record import record, show_card
from exchange.placements.cards import card_of
from exchange.placements.errors import ProposalOutdated
from exchange.placements.events import PlacementProposed
from exchange.placements.inputs import ProposedPlacement
from exchange.placements.locks import lock_placements
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.moves import supersede
from exchange.placements.policies import require_coordination
from exchange.placements.queries import declined_pairs
from exchange.placements.rules import CLAIMING, Act, PlacementState, Side, blocks_key
from exchange.situations.commands import lock_situations
from exchange.situations.models import Situation, SituationBlock
from exchange.situations.transitions import SituationState

Key = tuple[UUID, UUID, str]
"""Situation, offer, blocks: what makes two lines of two runs the same line."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What lines are checked against, read once under the situations' locks."""

    situations: Mapping[UUID, Situation]
    offers: Mapping[UUID, PlaceOffer]
    blocks: Mapping[UUID, SituationBlock]
    told: Mapping[UUID, Told]
    offered: frozenset[tuple[UUID, int]]
    declined: frozenset[tuple[UUID, UUID]]


async def put_forward(
    tx: AsyncSession,
    actor: Actor,
    lines: Sequence[ProposedPlacement],
    run_id: UUID | None,
    now: datetime,
    *,
    judged: Collection[UUID] = (),
    of_backups: bool | None = None,
) -> tuple[UUID, ...]:
    """Record what a run proposes; return the placements that are new.

    A line already standing keeps its row, with the new rank and reasons, without event. A standing proposal of the
    matcher that the run no longer makes is superseded; what was held or asked is untouched. `judged`: situations of
    the run that may have no line left. The plan (rank 1) says nothing of the backups, nor they of it: `of_backups`
    tells which of the two a call speaks of, by default what its lines do; without lines, the plan. Lines that no
    longer hold (versions, freshness, blocks, a refusal) are dropped. Raises `ActForbidden`, `NotFound`.
    """
    side = require_coordination(actor, Act.SUPERSEDE)
    situations = await lock_situations(tx, {*judged, *(line.situation_id for line in lines)})
    ground = await _ground(tx, situations, lines, now)
    wanted = {_key(line): line for line in lines if _holds(line, ground)}
    standing = await _standing(tx, situations)
    for key, placement in standing.items():
        if placement.state != PlacementState.PROPOSED:
            wanted.pop(key, None)
        elif key in wanted:
            await _renew(tx, placement, wanted.pop(key), run_id, now)
        elif placement.origin == "matcher" and _speaks_of(placement.rank, lines, of_backups):
            await supersede(tx, actor, side, placement, now)
    return tuple([await _propose(tx, actor, side, line, ground, run_id, now) for line in wanted.values()])


async def put_forward_by_hand(tx: AsyncSession, actor: Actor, line: ProposedPlacement, now: datetime) -> UUID:
    """Record what one person proposes, beside all that stands; the same line already standing is returned as it is.

    Raises `ActForbidden`, `NotFound`, `ProposalOutdated` where something moved since it was judged.
    """
    side = require_coordination(actor, Act.HOLD)
    situations = await lock_situations(tx, (line.situation_id,))
    standing = (await _standing(tx, situations)).get(_key(line))
    if standing is not None:
        return standing.id
    ground = await _ground(tx, situations, (line,), now, by_hand=True)
    if not _holds(line, ground):
        raise ProposalOutdated
    return await _propose(tx, actor, side, line, ground, None, now)


def _key(line: ProposedPlacement) -> Key:
    return line.situation_id, line.offer_id, blocks_key(line.block_ids, line.parts)


def _speaks_of(rank: int, lines: Sequence[ProposedPlacement], of_backups: bool | None) -> bool:
    is_backup = rank > 1
    if of_backups is not None:
        return is_backup is of_backups
    return is_backup in {line.rank > 1 for line in lines} if lines else not is_backup


def _holds(line: ProposedPlacement, ground: _Ground) -> bool:
    situation, offer = ground.situations[line.situation_id], ground.offers.get(line.offer_id)
    blocks = [ground.blocks.get(block_id) for block_id in line.block_ids]
    return (
        situation.state != SituationState.CLOSED
        and situation.terms_version == line.situation_terms_version
        and offer is not None
        and offer.state == OfferState.PUBLISHED
        and offer.terms_version == line.offer_terms_version
        and bool(blocks)
        and all(block is not None and block.situation_id == situation.id for block in blocks)
        and all(
            (offer.id, segment) in ground.offered
            and segment in block.segments
            and ground.told[offer.id].why_not(segment) is None
            for block in blocks
            if block
            for segment in line.parts.get(block.id, block.segments)
        )
        and (situation.id, offer.id) not in ground.declined
    )


async def _ground(
    tx: AsyncSession,
    situations: Mapping[UUID, Situation],
    lines: Iterable[ProposedPlacement],
    now: datetime,
    *,
    by_hand: bool = False,
) -> _Ground:
    offer_ids = {line.offer_id for line in lines}
    found = await tx.scalars(
        select(PlaceOffer).where(PlaceOffer.id.in_(offer_ids)).execution_options(populate_existing=True)
    )
    offers = found.all()
    blocks = await tx.scalars(
        select(SituationBlock).where(
            SituationBlock.situation_id.in_(situations.keys()), SituationBlock.retired_at.is_(None)
        )
    )
    offered = await tx.execute(
        select(OfferSegment.offer_id, OfferSegment.segment).where(OfferSegment.offer_id.in_(offer_ids))
    )
    return _Ground(
        situations=situations,
        offers={offer.id: offer for offer in offers},
        told=await words_of(tx, offers, now),
        blocks={block.id: block for block in blocks},
        offered=frozenset((offer_id, segment) for offer_id, segment in offered),
        # Whoever proposes by hand knows of the refusal, and says why they ask again.
        declined=frozenset() if by_hand else await declined_pairs(tx, situations.keys()),
    )


async def _standing(tx: AsyncSession, situations: Mapping[UUID, Situation]) -> dict[Key, Placement]:
    live = [state.value for state in (*CLAIMING, PlacementState.PROPOSED)]
    found = await tx.execute(
        select(Placement.id, Placement.state).where(
            Placement.situation_id.in_(situations.keys()), Placement.state.in_(live)
        )
    )
    rows = found.all()
    # Only what the run may change is locked: the rest belongs to whoever holds its offer.
    proposed = await lock_placements(tx, (row.id for row in rows if row.state == PlacementState.PROPOSED))
    others = await tx.scalars(select(Placement).where(Placement.id.in_([row.id for row in rows])))
    return {(each.situation_id, each.offer_id, each.blocks_key): each for each in (*proposed.values(), *others)}


async def _renew(
    tx: AsyncSession, placement: Placement, line: ProposedPlacement, run_id: UUID | None, now: datetime
) -> None:
    reasons = [dict(reason) for reason in line.reasons]
    shows_the_same = placement.rank == line.rank and placement.reasons == reasons
    placement.run_id, placement.rank, placement.reasons = run_id, line.rank, reasons
    placement.situation_terms_version = line.situation_terms_version
    placement.offer_terms_version = line.offer_terms_version
    if not shows_the_same:
        await show_card(tx, await card_of(tx, placement.id), now)


async def _propose(
    tx: AsyncSession,
    actor: Actor,
    side: Side,
    line: ProposedPlacement,
    ground: _Ground,
    run_id: UUID | None,
    now: datetime,
) -> UUID:
    placement_id = new_id()
    tx.add(
        Placement(
            id=placement_id,
            situation_id=line.situation_id,
            offer_id=line.offer_id,
            blocks_key=blocks_key(line.block_ids, line.parts),
            origin="matcher" if side is Side.CLOCK else "person",
            run_id=run_id,
            rank=line.rank,
            state=PlacementState.PROPOSED.value,
            situation_terms_version=line.situation_terms_version,
            offer_terms_version=line.offer_terms_version,
            reasons=[dict(reason) for reason in line.reasons],
            proposed_by=actor.account_id,
            breaches=[] if line.by_hand is None else list(line.by_hand.breaches),
            breach_reason=None if line.by_hand is None else line.by_hand.reason,
            created_at=now,
        )
    )
    await tx.flush()
    await _cut_into_segments(tx, placement_id, line, ground)
    fact = PlacementProposed(
        subject_id=placement_id,
        situation_id=line.situation_id,
        offer_id=line.offer_id,
        rank=line.rank,
        cards=(await card_of(tx, placement_id),),
    )
    await record(tx, actor, fact, now)
    return placement_id


async def _cut_into_segments(tx: AsyncSession, placement_id: UUID, line: ProposedPlacement, ground: _Ground) -> None:
    await tx.execute(
        insert(PlacementSegment),
        [
            {
                "placement_id": placement_id,
                "segment": segment,
                "situation_id": line.situation_id,
                "offer_id": line.offer_id,
                "block_id": block_id,
            }
            for block_id in line.block_ids
            for segment in line.parts.get(block_id, ground.blocks[block_id].segments)
        ],
    )
