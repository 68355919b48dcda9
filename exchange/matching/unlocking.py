"""What a loan opens: the places that rest on a covered shift, and those that would close with its seat left empty."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from exchange.matching.explanation import Closed, Opening
from exchange.matching.plan import Unlock
from exchange.matching.standing import Question, Standing, difference, re_solve
from exchange.matching.tables import Tables


def unlocks_of(tables: Tables, placements: Mapping[int, int]) -> tuple[Unlock, ...]:
    """The covered shifts on which places used beyond the ordinary capacity rest, and how many situations are there."""
    used: dict[tuple[int, int], list[int]] = defaultdict(list)
    for block, place in placements.items():
        for segment in tables.blocks[block].segments:
            used[place, segment].append(int(tables.block_situation[block]))
    opened: dict[tuple[str, str, str], dict[int, list[int]]] = defaultdict(dict)
    for index, offer in enumerate(tables.offers):
        for requirement in offer.requires:
            there = used[index, requirement.segment]
            if len(there) > offer.capacity[requirement.segment]:
                for need, shift in requirement.shifts:
                    opened[need, shift, offer.id][requirement.segment] = there
    return tuple(
        Unlock(*key, tuple(sorted(resting)), len({one for there in resting.values() for one in there}))
        for key, resting in sorted(opened.items())
    )


def opening_of(standing: Standing, who: int, shifts: Sequence[int]) -> Opening | None:
    """What closes with these seats of one volunteer left empty; nothing where no place rests on them.

    Also nothing where an accepted line keeps the seats: they are not in question.
    """
    resting = standing.resting_on(shifts)
    freed = frozenset((who, shift) for shift in shifts) - standing.accepted.loans
    if not resting or not freed:
        return None
    everybody = range(len(standing.tables.volunteers))
    barred = frozenset((one, shift) for one in everybody for _, shift in freed) - (standing.loans - freed)
    outcome = re_solve(standing, Question(free_loans=freed, barred_loans=barred))
    if outcome is None:
        return None
    placed, tables = outcome.lines[1], standing.tables
    closed = tuple(
        Closed(
            situation=tables.owner(block).id,
            block=tables.blocks[block].id,
            offer=tables.offers[offer].id,
            moves_to=next((tables.offers[placed[one]].id for one in tables.rivals(block) if one in placed), None),
        )
        for block, offer in standing.placements.items()
        if placed.get(block) != offer
    )
    return Opening(
        volunteer=tables.volunteers[who].id,
        shifts=tuple(tables.shifts[shift].id for shift in sorted(shifts)),
        segments=tuple(sorted({segment for _, segment in resting})),
        closed=closed,
        cost=difference(standing, outcome.levels),
    )
