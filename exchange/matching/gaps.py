"""The full account of one unmet item: its waterfall, who nearly could, and what would cover it."""

from collections import Counter

from exchange.matching.explanation import Gap, NearMiss, Shortage
from exchange.matching.near_misses import (
    lenient,
    relaxations_of_loan,
    relaxations_of_placement,
    travel_of_loan,
    travel_of_placement,
)
from exchange.matching.obstacles import Obstacles
from exchange.matching.plan import ReasonCount
from exchange.matching.relaxation import ways_for_block, ways_for_shift
from exchange.matching.standing import Standing
from exchange.matching.usefulness import usefulness_of
from exchange.matching.waterfall import (
    contention_of_block,
    contention_of_shift,
    lines_in_the_way,
    steps_of_block,
    steps_of_shift,
)
from exchange.matching.ways import Relaxation


def gap_of_shift(standing: Standing, obstacles: Obstacles, shift: int) -> Gap:
    tables = standing.tables
    candidates, shortage, held_by = contention_of_shift(standing, obstacles, shift)
    usefulness = usefulness_of(standing, shift)
    if candidates and usefulness is not None and not usefulness.opened:
        shortage = Shortage.NOT_ASKED
    near = _near_volunteers(standing, shift)
    return Gap(
        owner=tables.needs[int(tables.shift_need[shift])].id,
        part=tables.shifts[shift].id,
        missing=standing.missing(shift),
        shortage=shortage,
        steps=steps_of_shift(standing, shift),
        candidates=candidates,
        held_by=held_by,
        near_misses=near,
        near_misses_count=_counted(near),
        ways=ways_for_shift(standing, shift),
        usefulness=usefulness,
    )


def gap_of_block(standing: Standing, obstacles: Obstacles, block: int) -> Gap:
    tables = standing.tables
    candidates, shortage, held_by = contention_of_block(standing, obstacles, block)
    near = _near_offers(standing, block)
    return Gap(
        owner=tables.owner(block).id,
        part=tables.blocks[block].id,
        missing=len(tables.blocks[block].segments),
        shortage=shortage,
        steps=steps_of_block(standing, block),
        candidates=candidates,
        held_by=held_by,
        near_misses=near,
        near_misses_count=_counted(near),
        ways=ways_for_block(standing, block),
    )


def _near_volunteers(standing: Standing, shift: int) -> tuple[NearMiss, ...]:
    obstacles = Obstacles(lenient(standing, (shift,), ()))
    near = []
    for who, person in enumerate(standing.tables.volunteers):
        asked = relaxations_of_loan(standing, who, shift)
        if asked is not None and len(asked) == 1:
            (by,) = asked
            found, limit = travel_of_loan(standing, who, shift) if by is Relaxation.TRAVEL else (None, None)
            held_by = lines_in_the_way(obstacles.of_loan(who, shift))
            near.append(NearMiss(person.id, person.association, by, found, limit, held_by))
    return tuple(near)


def _near_offers(standing: Standing, block: int) -> tuple[NearMiss, ...]:
    obstacles = Obstacles(lenient(standing, (), (block,)))
    near = []
    for index, offer in enumerate(standing.tables.offers):
        asked = relaxations_of_placement(standing, block, index)
        if asked is not None and len(asked) == 1:
            (by,) = asked
            operator = standing.tables.establishments[offer.establishment].association
            found, limit = travel_of_placement(standing, block, index) if by is Relaxation.TRAVEL else (None, None)
            held_by = lines_in_the_way(obstacles.of_placement(block, index))
            near.append(NearMiss(offer.id, operator, by, found, limit, held_by))
    return tuple(near)


def _counted(near: tuple[NearMiss, ...]) -> tuple[ReasonCount, ...]:
    counts = Counter(one.by for one in near)
    return tuple(ReasonCount(by.value, counts[by]) for by in Relaxation if counts[by])
