"""The reserve of rare places: what a place is worth to those who will soon ask, learnt from those who lately did. Pure.

**Formula.** The coming days are expected to ask for what the same number of past days asked for. Each recent claim is
shared among the offers that could serve it, in proportion to the room that they have left: somebody with one possible
place weighs on that place, somebody with twenty hardly weighs on any. With everything counted in segments, days and
nights apart, the load of an offer is the number of claimants expected for each of its places:

    load(offer) = sum over the claims that it could serve of  segments asked / room of all the offers that could

and the price of a block placed there, rounded down to `STEP_MINUTES`, is

    most * (1 - exp(-(load - AMPLE_LOAD)))      0 where load <= AMPLE_LOAD

that is `most` times the chance that at least one more claimant comes to that place, if they come independently of one
another. The load is the greater of that of days and that of nights.

**Source.** The expected value of a unit of capacity to those still to come: the "potentials" of dynamic refugee
placement (Ahani and others, "Dynamic placement in refugee resettlement", arXiv 2105.14388). They are dual prices over
simulated arrivals; here a formula stands for the simulation, so that anybody can recompute a price by hand.
`AMPLE_LOAD` and the default of `most` come from measures on generated arrivals (`bench/arrivals.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Generic, TypeVar

OfferId = TypeVar("OfferId")

AMPLE_LOAD = 0.25
"""Up to one claimant expected for four places, supply is ample."""

STEP_MINUTES = 5
"""Prices are told to people: no false precision."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[OfferId]):
    """One block lately asked for: how many day or night segments, and every offer that could serve its kind."""

    days: int
    nights: int
    offers: frozenset[OfferId]


@dataclass(frozen=True, slots=True)
class Room:
    """What an offer has left over the coming days, in segments (a place for two nights counts 2)."""

    days: int
    nights: int


def scarcity_prices(rooms: Mapping[OfferId, Room], claims: Iterable[Claim[OfferId]], most: int) -> dict[OfferId, int]:
    """Return the burden of each block placed in an offer, in minutes of travel, from 0 to `most`.

    One claim more never lowers a price. More room, in an offer that has some, never raises one; an offer without room
    is at 0, since nothing can be placed there.
    """
    asked = list(claims)
    by_day = _loads({offer: room.days for offer, room in rooms.items()}, ((one.days, one.offers) for one in asked))
    by_night = _loads(
        {offer: room.nights for offer, room in rooms.items()}, ((one.nights, one.offers) for one in asked)
    )
    return {offer: _price(max(by_day[offer], by_night[offer]), most) for offer in rooms}


def _loads(
    rooms: Mapping[OfferId, int], claims: Iterable[tuple[int, frozenset[OfferId]]]
) -> defaultdict[OfferId, float]:
    """The claimants expected for each place of an offer, for one half of the days."""
    # Whole numbers are added before any division, so that no order of the claims changes a price.
    asked: defaultdict[frozenset[OfferId], int] = defaultdict(int)
    for segments, offers in claims:
        asked[frozenset(offer for offer in offers if rooms.get(offer, 0) > 0)] += segments
    by_room: defaultdict[OfferId, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for offers, segments in asked.items():
        room = sum(rooms[offer] for offer in offers)
        for offer in offers:
            by_room[offer][room] += segments
    loads: defaultdict[OfferId, float] = defaultdict(float)
    for offer, shares in by_room.items():
        loads[offer] = sum(segments / room for room, segments in sorted(shares.items()))
    return loads


def _price(load: float, most: int) -> int:
    return int(most * (1.0 - exp(min(0.0, AMPLE_LOAD - load)))) // STEP_MINUTES * STEP_MINUTES
