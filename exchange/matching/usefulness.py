"""What a shift that weighs nothing is good for: the places that it would open to whoever the plan leaves without one.

Exact while every line of the plan stays: a placement is named only where all the rules allow it once the shifts that
it awaits are covered.
"""

from collections.abc import Iterator, Sequence

from exchange.matching.commitments import TakenPlaces
from exchange.matching.explanation import Opened, Use, Usefulness
from exchange.matching.standing import Standing

MOST_TRIES = 2_000
"""Lines tried for one group in one establishment: beyond, nothing is claimed of it."""


def usefulness_of(standing: Standing, shift: int) -> Usefulness | None:
    """Nothing for a shift that counts by itself, or where the groups are too many to be tried."""
    tables = standing.tables
    if tables.seat_weight[shift]:
        return None
    if not tables.needs[int(tables.shift_need[shift])].coupled:
        return Usefulness(Use.UNDER_AN_HOUR)
    places = TakenPlaces(tables, standing.eligibility, is_open=lambda offer, segment: True)
    for block, offer in standing.placements.items():
        places.take(block, offer)
    found: list[Opened] = []
    for blocks in _unserved(standing):
        for offers in _houses(standing, shift):
            search = _Search(standing, places, shift, offers)
            opened = search.first(blocks, [])
            if opened is None and search.tries >= MOST_TRIES:
                return None
            if opened is not None:
                found.append(opened)
    found.sort(key=lambda one: (len(one.besides), one.placements))
    return Usefulness(Use.OPENS_PLACES if found else Use.OPENS_NOTHING, tuple(found))


def _unserved(standing: Standing) -> Iterator[tuple[int, ...]]:
    """The blocks without a place, those that stand or fall together taken once."""
    for block in standing.unserved:
        bound = standing.rules.companions.get(block, (block,))
        if block == bound[0]:
            yield bound


def _houses(standing: Standing, shift: int) -> list[list[int]]:
    """The offers of each establishment that has places to be opened by this shift."""
    tables, name = standing.tables, standing.tables.shifts[shift].id
    asking = {
        offer.establishment
        for offer in tables.offers
        for requirement in offer.requires
        if any(required == name for _, required in requirement.shifts)
    }
    return [
        [index for index, offer in enumerate(tables.offers) if offer.establishment == house] for house in sorted(asking)
    ]


class _Search:
    """Looks, in one establishment, for a lawful way to serve some blocks that rests on one shift."""

    def __init__(self, standing: Standing, places: TakenPlaces, shift: int, offers: Sequence[int]) -> None:
        self._standing, self._places, self._shift, self._offers = standing, places, shift, offers
        self.tries = 0

    def first(self, blocks: Sequence[int], taken: list[tuple[int, int]]) -> Opened | None:
        """Serve these blocks besides those taken; every line tried is given back."""
        if not blocks:
            return self._resting(taken)
        block, *others = blocks
        for offer in self._offers:
            if self.tries >= MOST_TRIES:
                return None
            self.tries += 1
            if self._places.objection(block, offer) is None:
                self._places.take(block, offer)
                found = self.first(others, [*taken, (block, offer)])
                self._places.give_back(block)
                if found is not None:
                    return found
        return None

    def _resting(self, taken: Sequence[tuple[int, int]]) -> Opened | None:
        awaited = self._awaited(taken)
        if self._shift not in awaited:
            return None
        names = self._standing.tables.shifts
        lines = tuple(sorted(self._standing.placement_line(*pair) for pair in taken))
        return Opened(lines, tuple(sorted(names[one].id for one in awaited - {self._shift})))

    def _awaited(self, taken: Sequence[tuple[int, int]]) -> set[int]:
        """The shifts still short of people that these lines need, with what the plan already has there."""
        tables, standing = self._standing.tables, self._standing
        added: dict[tuple[int, int], int] = {}
        for block, offer in taken:
            for segment in tables.blocks[block].segments:
                added[offer, segment] = added.get((offer, segment), 0) + 1
        beyond = (
            place
            for place, count in added.items()
            if len(standing.holders.get(place, ())) + count > tables.offers[place[0]].capacity[place[1]]
        )
        return {shift for place in beyond for shift in standing.shifts_awaited(*place)}
