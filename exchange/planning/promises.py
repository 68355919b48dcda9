"""Live lines as a problem can state them: promises made to people, and proposals still open. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from exchange.planning.calendar import Horizon
from exchange.planning.ground import Ground, SeenBlock, SeenNeed

FIRST_RANK = 1


@dataclass(frozen=True, slots=True)
class Promises:
    """Offers by (situation, block) and (volunteer, shift) pairs; `open_` ones are proposals nobody has taken up."""

    blocks: dict[tuple[UUID, UUID], UUID]
    seats: frozenset[tuple[UUID, UUID]]
    open_blocks: dict[tuple[UUID, UUID], UUID]
    open_seats: frozenset[tuple[UUID, UUID]]


def promises_of(ground: Ground, horizon: Horizon, needs: Iterable[SeenNeed]) -> Promises:
    """Live lines on blocks and shifts that the problem can hold; rank 1 alone stands for the open proposals.

    `needs`: those in play, see `needs_in_play`.
    """
    known_blocks = {block.id: block for one in ground.situations.values() for block in one.blocks}
    shifts = {shift.id for need in needs for shift in need.shifts if horizon.holds(shift.slot[0])}
    blocks: dict[tuple[UUID, UUID], UUID] = {}
    open_blocks: dict[tuple[UUID, UUID], UUID] = {}
    for placement in ground.placements:
        if placement.situation_id not in ground.situations or placement.offer_id not in ground.offers:
            continue
        for block_id in placement.block_ids:
            block = known_blocks.get(block_id)
            if block is None or not coming_segments(block, ground, horizon):
                continue
            if placement.is_promised:
                blocks[placement.situation_id, block_id] = placement.offer_id
            elif placement.rank == FIRST_RANK and min(block.segments) >= ground.first_segment:
                open_blocks[placement.situation_id, block_id] = placement.offer_id
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
        open_blocks={key: offer for key, offer in open_blocks.items() if key not in blocks},
        open_seats=frozenset(open_seats - seats),
    )


def coming_segments(block: SeenBlock, ground: Ground, horizon: Horizon) -> tuple[int, ...]:
    """The segments of a block still to come, counted from the horizon's first; none where part lies beyond it."""
    coming = [horizon.segment(segment) for segment in block.segments if segment >= ground.first_segment]
    return () if any(segment is None for segment in coming) else tuple(s for s in coming if s is not None)


def needs_in_play(ground: Ground, horizon: Horizon) -> list[SeenNeed]:
    """Return the needs with a shift that starts within the horizon."""
    return [need for need in ground.needs.values() if any(horizon.holds(shift.slot[0]) for shift in need.shifts)]


def promised_on(ground: Ground, promises: Promises) -> Counter[tuple[UUID, int]]:
    """How many promised lines of the problem stand on each counter: the others of `used` are taken off capacity."""
    blocks = {block.id: block for one in ground.situations.values() for block in one.blocks}
    return Counter(
        (offer_id, segment)
        for (_, block_id), offer_id in promises.blocks.items()
        for segment in blocks[block_id].segments
    )
