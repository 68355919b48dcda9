"""Live lines as a problem can state them: promises made to people, and proposals still open. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from exchange.planning.calendar import Horizon
from exchange.planning.cuts import may_be_cut
from exchange.planning.ground import Ground, SeenBlock, SeenNeed

FIRST_RANK = 1


class Stay(NamedTuple):
    """A block of a situation, or one part of it: `segments`, counted from the horizon's first, empty for the whole."""

    situation_id: UUID
    block_id: UUID
    segments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Promises:
    """Offers by stay, and (volunteer, shift) pairs; `open_` ones are proposals nobody has taken up.

    `beside`: the segments of a block promised in part that the problem cannot state, since blocks are no longer cut:
    only the rest of that block is in the problem, and the room that they take is off the capacity. `beside_offers`:
    where those persons are then, by situation.
    """

    blocks: dict[Stay, UUID]
    seats: frozenset[tuple[UUID, UUID]]
    open_blocks: dict[Stay, UUID]
    open_seats: frozenset[tuple[UUID, UUID]]
    beside: dict[tuple[UUID, UUID], frozenset[int]]
    beside_offers: dict[UUID, frozenset[UUID]]


def promises_of(ground: Ground, horizon: Horizon, needs: Iterable[SeenNeed]) -> Promises:
    """Live lines on blocks and shifts that the problem can hold; rank 1 alone stands for the open proposals.

    `needs`: those in play, see `needs_in_play`.
    """
    known_blocks = {block.id: block for one in ground.situations.values() for block in one.blocks}
    shifts = {shift.id for need in needs for shift in need.shifts if horizon.holds(shift.slot[0])}
    blocks: dict[Stay, UUID] = {}
    open_blocks: dict[Stay, UUID] = {}
    beside: dict[tuple[UUID, UUID], frozenset[int]] = {}
    beside_offers: dict[UUID, frozenset[UUID]] = {}
    for placement in ground.placements:
        if placement.situation_id not in ground.situations or placement.offer_id not in ground.offers:
            continue
        for block_id in placement.block_ids:
            block = known_blocks.get(block_id)
            coming = () if block is None else coming_segments(block, ground, horizon)
            mine = () if block is None else coming_segments(block, ground, horizon, placement.segments)
            if block is None or not mine:
                continue
            owner = ground.situations[placement.situation_id]
            stay = Stay(owner.id, block_id, () if mine == coming else mine)
            if stay.segments and not may_be_cut(ground, owner, coming):
                if placement.is_promised:
                    kept = beside.get((owner.id, block_id), frozenset())
                    beside[owner.id, block_id] = kept.union(placement.segments)
                    there = beside_offers.get(owner.id, frozenset())
                    beside_offers[owner.id] = there | {placement.offer_id}
            elif placement.is_promised:
                blocks[stay] = placement.offer_id
            elif placement.rank == FIRST_RANK and min(block.segments) >= ground.first_segment:
                open_blocks[stay] = placement.offer_id
    seats: set[tuple[UUID, UUID]] = set()
    open_seats: set[tuple[UUID, UUID]] = set()
    for loan in ground.loans:
        for shift_id in loan.shift_ids:
            if shift_id not in shifts or loan.volunteer_id not in ground.volunteers:
                continue
            volunteer = ground.volunteers[loan.volunteer_id]
            if loan.is_promised:
                seats.add((volunteer.id, shift_id))
            elif volunteer.agrees and (volunteer.is_ready or loan.is_internal):
                open_seats.add((volunteer.id, shift_id))
    return Promises(
        blocks=blocks,
        seats=frozenset(seats),
        open_blocks={stay: offer for stay, offer in open_blocks.items() if not _is_taken(stay, blocks)},
        open_seats=frozenset(open_seats - seats),
        beside=beside,
        beside_offers=beside_offers,
    )


def _is_taken(stay: Stay, promised: Iterable[Stay]) -> bool:
    """Whether some promise holds a segment of an open proposal."""
    same = [one for one in promised if one[:2] == stay[:2]]
    return any(not one.segments or not stay.segments or {*one.segments} & {*stay.segments} for one in same)


def coming_segments(
    block: SeenBlock, ground: Ground, horizon: Horizon, held: Container[int] | None = None
) -> tuple[int, ...]:
    """The segments of a block still to come, counted from the horizon's first; none where part lies beyond it.

    `held`: only those among these.
    """
    mine = [segment for segment in block.segments if held is None or segment in held]
    coming = [horizon.segment(segment) for segment in mine if segment >= ground.first_segment]
    return () if any(segment is None for segment in coming) else tuple(s for s in coming if s is not None)


def needs_in_play(ground: Ground, horizon: Horizon) -> list[SeenNeed]:
    """Return the needs with a shift that starts within the horizon."""
    return [need for need in ground.needs.values() if any(horizon.holds(shift.slot[0]) for shift in need.shifts)]


def promised_on(ground: Ground, horizon: Horizon, promises: Promises) -> Counter[tuple[UUID, int]]:
    """How many promised lines of the problem stand on each counter: the others of `used` are taken off capacity."""
    blocks = {block.id: block for one in ground.situations.values() for block in one.blocks}
    return Counter(
        (offer_id, segment)
        for stay, offer_id in promises.blocks.items()
        for segment in blocks[stay.block_id].segments
        if not stay.segments or horizon.segment(segment) in stay.segments
    )
