"""The cheapest changes that would cover an unmet item while every other line of the plan stays.

Each way is complete: accept its changes and the item is covered, nothing else being worse. One person is asked one
thing at most; consent, qualification, legal time and protection are never asked.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from exchange.matching import figures
from exchange.matching.explanation import Obstacle, Opened
from exchange.matching.near_misses import (
    lenient,
    relaxations_of_loan,
    relaxations_of_placement,
    travel_of_loan,
    travel_of_placement,
)
from exchange.matching.obstacles import Obstacles
from exchange.matching.problem import LoanLine, PlacementLine, RuleSet
from exchange.matching.standing import Pair, Standing
from exchange.matching.usefulness import usefulness_of
from exchange.matching.ways import COSTS, Change, Relaxation, Way

# Besides `COSTS`, each minute of trip and each segment of a bed counts.
COST_PER_MINUTE = 1
COST_PER_SEGMENT = 10
MOST_WAYS = 3


@dataclass(frozen=True, slots=True)
class _Cover:
    """Changes, and the pairs that they bring: loans (volunteer, shift), placements block → offer."""

    changes: tuple[Change, ...]
    loans: frozenset[Pair]
    placements: dict[int, int]

    @property
    def cost(self) -> int:
        return sum(change.cost for change in self.changes)


_NOTHING = _Cover((), frozenset(), {})


def ways_for_shift(standing: Standing, shift: int) -> tuple[Way, ...]:
    """Ways to fill every missing seat, cheapest first; each is without the people whom the one before asks.

    A shift that weighs nothing is covered for the places that it opens: with the shifts that they await besides it,
    or not at all.
    """
    usefulness = usefulness_of(standing, shift)
    if standing.tables.seat_weight[shift] == 0:
        opened = usefulness.opened[:1] if usefulness is not None else ()
        return tuple(way for one in opened for way in _ways_to_open(standing, shift, one))
    return tuple(_way(standing, cover) for cover in _covers(standing, (shift,)))


def _ways_to_open(standing: Standing, shift: int, opened: Opened) -> Iterator[Way]:
    tables = standing.tables
    shifts = (shift, *(tables.shift_index[name] for name in opened.besides))
    for cover in _covers(standing, shifts):
        yield replace(_way(standing, cover), placements=opened.placements)


def _covers(standing: Standing, shifts: Sequence[int]) -> list[_Cover]:
    found: list[_Cover] = []
    asked: set[int] = set()
    while len(found) < MOST_WAYS:
        cover = _cover_shifts(standing, shifts, asked)
        if cover is None or cover in found:
            break
        found.append(cover)
        asked |= {who for who, _ in cover.loans}
    return found


def ways_for_block(standing: Standing, block: int) -> tuple[Way, ...]:
    """Ways to serve a block, with every block bound to it, cheapest first; each in another establishment."""
    bound = standing.rules.companions.get(block, (block,))
    tables, obstacles = standing.tables, Obstacles(lenient(standing, (), bound))
    houses: dict[str, list[int]] = {}
    for offer, at in enumerate(tables.offers):
        if any(relaxations_of_placement(standing, one, offer) is not None for one in bound):
            houses.setdefault(at.establishment, []).append(offer)
    covers = (_cover_blocks(standing, obstacles, bound, offers) for _, offers in sorted(houses.items()))
    found = sorted((cover for cover in covers if cover is not None), key=lambda cover: (cover.cost, len(cover.changes)))
    return tuple(_way(standing, cover) for cover in found[:MOST_WAYS])


def _way(standing: Standing, cover: _Cover) -> Way:
    loans: list[LoanLine] = sorted(standing.loan_line(pair) for pair in cover.loans)
    placements: list[PlacementLine] = sorted(standing.placement_line(*pair) for pair in cover.placements.items())
    return Way(cover.cost, cover.changes, tuple(loans), tuple(placements))


def _cover_blocks(
    standing: Standing, obstacles: Obstacles, blocks: Sequence[int], offers: Sequence[int]
) -> _Cover | None:
    """Serve these blocks one after another in the offers of one establishment, each where it costs least."""
    whole = _NOTHING
    for block in blocks:
        supposed = _with(standing, whole)
        if whole is not _NOTHING:
            obstacles = Obstacles(lenient(supposed, (), blocks))
        tried = (_cover_block(supposed, obstacles, block, offer) for offer in offers)
        options = [option for option in tried if option is not None]
        if not options:
            return None
        whole = _joined(whole, min(options, key=lambda option: (option.cost, sorted(option.placements.items()))))
    return whole


def _cover_block(standing: Standing, obstacles: Obstacles, block: int, offer: int) -> _Cover | None:
    asked = relaxations_of_placement(standing, block, offer)
    if asked is None:
        return None
    cover = replace(_NOTHING, placements={block: offer})
    if Relaxation.TRAVEL in asked:
        found, limit = travel_of_placement(standing, block, offer)
        cover = _joined(cover, _asking(_longer(found - limit, situation=standing.tables.owner(block).id)))
    for reason in obstacles.of_placement(block, offer):
        step: _Cover | None = None
        if reason.code == Obstacle.GROUP and not reason.placements:
            step = _NOTHING
        elif reason.code == Obstacle.FULL:
            step = _asking(_one_more_place(standing, offer, reason.segments))
        elif reason.code == Obstacle.AWAITS_STAFF:
            step = _open_or_widen(standing, offer, reason.segments, reason.shifts)
        if step is None:
            return None
        cover = _joined(cover, step)
    return cover


def _open_or_widen(standing: Standing, offer: int, segments: tuple[int, ...], shifts: tuple[str, ...]) -> _Cover:
    """The extra places open once their shifts are covered; an ordinary place more does without."""
    widened = _asking(_one_more_place(standing, offer, segments))
    staffed = _cover_shifts(standing, [standing.tables.shift_index[shift] for shift in shifts], ())
    return widened if staffed is None or widened.cost < staffed.cost else staffed


def _cover_shifts(standing: Standing, shifts: Iterable[int], spared: Collection[int]) -> _Cover | None:
    """Fill several shifts one after another; whoever is asked something for one is not asked again for the next."""
    cover = _NOTHING
    for shift in shifts:
        asked = {standing.tables.volunteer_index[one.volunteer] for one in cover.changes if one.volunteer is not None}
        step = _cover_shift(_with(standing, cover), shift, asked.union(spared))
        if step is None:
            return None
        cover = _joined(cover, step)
    return cover


def _cover_shift(standing: Standing, shift: int, spared: Collection[int]) -> _Cover | None:
    """Fill the missing seats with whom it costs least to ask; nothing where nobody could lawfully work the shift.

    Taking the cheapest first is optimal: only the lenders' floors bind people to one another here.
    """
    tables, able = standing.tables, lenient(standing, (shift,), ())
    obstacles = Obstacles(able)
    day = int(tables.shift_day[shift])
    leaving = Counter(
        tables.volunteers[who].establishment for who, taken in standing.loans if tables.shift_day[taken] == day
    )
    caps = {cap.establishment: cap.max_out for cap in tables.problem.lend_caps if cap.day == day}
    options: list[tuple[int, int, tuple[Change, ...]]] = []
    for who in map(int, np.flatnonzero(able.eligibility.loans[:, shift] == 0)):
        asked = relaxations_of_loan(standing, who, shift)
        if asked is None or len(asked) > 1 or who in spared or (who, shift) in standing.loans:
            continue
        if not obstacles.of_loan(who, shift):
            changes = tuple(_asked_of(standing, who, shift, relaxation) for relaxation in asked)
            options.append((sum(change.cost for change in changes), who, changes))
    cover = _NOTHING
    for _, who, changes in sorted(options, key=lambda option: option[:2]):
        house = tables.volunteers[who].establishment
        if len(cover.loans) < standing.missing(shift) and leaving[house] < caps.get(house, leaving[house] + 1):
            leaving[house] += 1
            cover = _joined(cover, _Cover(changes, frozenset({(who, shift)}), {}))
    outside = standing.missing(shift) - len(cover.loans)
    if outside and not _somebody_may_work(standing, shift):
        return None
    return _joined(cover, _Cover((_one_more_person(standing, shift),) * outside, frozenset(), {}))


def _somebody_may_work(standing: Standing, shift: int) -> bool:
    """By the figures of the host: those of whoever would come from outside are not known."""
    host = _host_rules(standing, shift)
    minutes, start = int(standing.tables.shift_minutes[shift]), int(standing.tables.shift_start[shift])
    night = start % figures.DAY_MINUTES >= host.night_starts_at
    return minutes <= (host.night_shift_minutes if night else host.shift_minutes)


def _host_rules(standing: Standing, shift: int) -> RuleSet:
    tables = standing.tables
    host = tables.establishments[tables.needs[int(tables.shift_need[shift])].establishment]
    return next((rules for rules in tables.problem.rules if rules.id == host.rules), RuleSet(id=""))


def _with(standing: Standing, cover: _Cover) -> Standing:
    """The plan once these lines are in it; seats given to somebody outside count as filled."""
    if cover is _NOTHING:
        return standing
    return replace(
        standing,
        loans=standing.loans | cover.loans,
        placements={**standing.placements, **cover.placements},
        outside=standing.outside + Counter(_outside_seats(standing, cover)),
    )


def _outside_seats(standing: Standing, cover: _Cover) -> list[int]:
    return [standing.tables.shift_index[change.shift] for change in cover.changes if change.shift is not None]


def _joined(one: _Cover, two: _Cover) -> _Cover:
    # A situation's limit is raised once, however many of its blocks go to that establishment.
    changes = tuple(change for change in two.changes if change.situation is None or change not in one.changes)
    return _Cover(one.changes + changes, one.loans | two.loans, {**one.placements, **two.placements})


def _asking(change: Change) -> _Cover:
    return _Cover((change,), frozenset(), {})


def _asked_of(standing: Standing, who: int, shift: int, relaxation: Relaxation) -> Change:
    person, tables = standing.tables.volunteers[who], standing.tables
    if relaxation is Relaxation.TRAVEL:
        found, limit = travel_of_loan(standing, who, shift)
        return _longer(found - limit, volunteer=person.id, association=person.association)
    change = Change(relaxation, COSTS[relaxation], association=person.association, volunteer=person.id)
    if relaxation is Relaxation.BASSIN:
        need = tables.needs[int(tables.shift_need[shift])]
        return replace(change, bassin=tables.establishments[need.establishment].bassin)
    return replace(change, start=tables.shifts[shift].start, end=tables.shifts[shift].end)


def _longer(
    minutes: int, situation: str | None = None, volunteer: str | None = None, association: str | None = None
) -> Change:
    cost = COSTS[Relaxation.TRAVEL] + COST_PER_MINUTE * minutes
    return Change(Relaxation.TRAVEL, cost, association, volunteer, situation, minutes=minutes)


def _one_more_place(standing: Standing, offer: int, segments: tuple[int, ...]) -> Change:
    cost = COSTS[Relaxation.PLACE] + COST_PER_SEGMENT * len(segments)
    return Change(Relaxation.PLACE, cost, offer=standing.tables.offers[offer].id, segments=segments)


def _one_more_person(standing: Standing, shift: int) -> Change:
    tables = standing.tables
    return Change(
        Relaxation.PERSON,
        COSTS[Relaxation.PERSON],
        shift=tables.shifts[shift].id,
        qualifications=tables.needs[int(tables.shift_need[shift])].qualifications_any,
        night12h_derogation=int(tables.shift_minutes[shift]) > _host_rules(standing, shift).shift_minutes,
    )
