"""Do learnt prices of rare places help? Situations come one by one, each answered for good before the next is known.

Three ways on the same territory and the same calls: without price, with the price learnt from the fourteen days before
each call, and the best answer had all the calls been known at once. Places alone: no loans, whose answers would hide
what the price does. The people and the places of a seed are drawn as `entraide generate` draws them, over four weeks;
a few places are open around the clock, a few accept the rare profile, and those who need one of them call late.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import median

import click

from bench.figures import shown, table
from exchange.matching.generate import Shape, generate
from exchange.matching.problem import Block, Lines, Offer, PlacementLine, Problem, Situation
from exchange.matching.solving import solve
from exchange.planning.scarcity import Claim, Room, scarcity_prices
from exchange.terminal.french import FrenchCommand

ARRIVAL_DAYS = 14
DAYS = 2 * ARRIVAL_DAYS
SEED_OF_BEFORE = 1_000_000
ORDINARY_CALLS = 42
LATE_CALLS_OF_EACH_KIND = 5
RARE_PROFILE, RARE_PROFILE_PERCENT = "polyhandicap", 15
AROUND_THE_CLOCK, KIND_AROUND_THE_CLOCK = "24-24", "urgence 24/24"
SHAPE = Shape(
    summary="quatre semaines de places, sans renfort, dont un sixième des demandes reste sans réponse possible",
    days=DAYS,
    offers=90,
    situations=ORDINARY_CALLS + 2 * LATE_CALLS_OF_EACH_KIND,
    volunteers=0,
    needs=0,
    conditional_percent=0,
    incompatible_percent=0,
)
HEADS = ("graine", "sans prix", "prix appris", "tout connu", "écart comblé", "blocs à prix", "réponses déplacées")


@dataclass(frozen=True, slots=True)
class Call:
    """A situation and the day, from the first of the horizon (negative: before it), on which it is received."""

    day: int
    situation: Situation


@dataclass(frozen=True, slots=True)
class Season:
    """One territory, the calls of the two weeks before the horizon and those of its first two weeks, in order."""

    seed: int
    ground: Problem
    before: tuple[Call, ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Unmet weight (A4: critical + other) at the end of each way; `priced` blocks were placed at a price.

    `moved`: blocks whose offer, or lack of one, differs between the two ways one by one.
    """

    seed: int
    without_price: int
    with_price: int
    hindsight: int
    priced: int
    moved: int

    @property
    def closed(self) -> float | None:
        """The share of the gap to hindsight that the price closes; nothing where there is no gap."""
        gap = self.without_price - self.hindsight
        return None if gap == 0 else (self.without_price - self.with_price) / gap


def season(seed: int) -> Season:
    """The territory and the calls of a seed, the same on every machine."""
    rng = Random(seed)
    ground = generate(seed, SHAPE, name="arrivals")
    # Another seed has the same communes and houses by name, so its people are strangers here, with the same ways.
    lately = tuple(replace(one, id=f"before-{one.id}") for one in generate(seed + SEED_OF_BEFORE, SHAPE).situations)
    offers = tuple(_with_rarities(rng, offer) for offer in ground.offers)
    return Season(
        seed=seed,
        ground=replace(ground, offers=offers, situations=()),
        before=_calls(rng, lately, -ARRIVAL_DAYS),
        calls=_calls(rng, ground.situations, 0),
    )


def _with_rarities(rng: Random, offer: Offer) -> Offer:
    profiles = {one for one in offer.profiles if one != RARE_PROFILE}
    if rng.randrange(100) < RARE_PROFILE_PERCENT:
        profiles.add(RARE_PROFILE)
    provides = (AROUND_THE_CLOCK,) if offer.kind == KIND_AROUND_THE_CLOCK else ()
    return replace(offer, profiles=tuple(sorted(profiles)), provides=provides)


def _calls(rng: Random, situations: Sequence[Situation], first_day: int) -> tuple[Call, ...]:
    """Ordinary calls all along; those of a rare profile, then of nights around the clock, in the second week."""
    calls = []
    for rank, one in enumerate(situations):
        late = rank - ORDINARY_CALLS
        since = rng.randrange(ARRIVAL_DAYS // 2, ARRIVAL_DAYS) if late >= 0 else rng.randrange(ARRIVAL_DAYS)
        if late < 0:
            profile = one.profile if one.profile != RARE_PROFILE else "tsa"
            drawn = replace(one, profile=profile, blocks=_coming(one.blocks, since))
        elif late < LATE_CALLS_OF_EACH_KIND:
            drawn = replace(one, profile=RARE_PROFILE, blocks=_coming(one.blocks, since))
        else:
            profile = one.profile if one.profile != RARE_PROFILE else "tsa"
            three_days = tuple(range(2 * since + 1, 2 * since + 7))
            drawn = replace(one, profile=profile, needs=(AROUND_THE_CLOCK,), blocks=(Block("72h", three_days),))
        calls.append(Call(first_day + since, drawn))
    return tuple(sorted(calls, key=lambda call: (call.day, call.situation.id)))


def _coming(blocks: Sequence[Block], day: int) -> tuple[Block, ...]:
    """The same blocks, moved by whole weeks to begin after a day; what would end beyond the horizon is not asked."""
    first = min(min(block.segments) for block in blocks)
    weeks = 0
    while first + 14 * weeks <= 2 * day:
        weeks += 1
    moved = (replace(block, segments=tuple(segment + 14 * weeks for segment in block.segments)) for block in blocks)
    return tuple(block for block in moved if max(block.segments) < 2 * DAYS)


def compare(drawn: Season, most: int) -> Outcome:
    """Play a season the three ways. `most`: the dearest price, in minutes of travel."""
    suited = _suited(drawn)
    plain, plain_unmet, _ = _played(drawn, suited, 0)
    priced, priced_unmet, paid = _played(drawn, suited, most)
    known = solve(replace(drawn.ground, situations=tuple(call.situation for call in drawn.calls)))
    return Outcome(
        seed=drawn.seed,
        without_price=plain_unmet,
        with_price=priced_unmet,
        hindsight=known.levels.critical + known.levels.other,
        priced=paid,
        moved=len({key for key in plain.keys() | priced.keys() if plain.get(key) != priced.get(key)}),
    )


_Suited = Mapping[str, frozenset[str]]
"""The offers that could serve each situation at some date."""


def _played(drawn: Season, suited: _Suited, most: int) -> tuple[Mapping[tuple[str, str], str], int, int]:
    """Where each block went, the unmet weight at the end, and how many blocks were placed at a price."""
    kept: tuple[PlacementLine, ...] = ()
    known: list[Situation] = []
    unmet = paid = 0
    for call in drawn.calls:
        known.append(call.situation)
        prices = _prices(drawn, suited, call.day, kept, most) if most else {}
        offers = tuple(replace(one, scarcity_price=prices.get(one.id, 0)) for one in drawn.ground.offers)
        plan = solve(
            replace(drawn.ground, offers=offers, situations=tuple(known), frozen=Lines((), kept)),
        )
        paid += sum(prices.get(line.offer, 0) > 0 for line in plan.placements if line not in kept)
        kept, unmet = plan.placements, plan.levels.critical + plan.levels.other
    return {(line.situation, line.block): line.offer for line in kept}, unmet, paid


def _prices(drawn: Season, suited: _Suited, day: int, kept: Iterable[PlacementLine], most: int) -> dict[str, int]:
    """What planning would learn on that day: the calls of the days before, and the room of as many days to come."""
    blocks = {(call.situation.id, one.id): one.segments for call in drawn.calls for one in call.situation.blocks}
    window = range(2 * day + 2, 2 * min(DAYS, day + 1 + ARRIVAL_DAYS))
    left = {offer.id: list(offer.capacity) for offer in drawn.ground.offers}
    for line in kept:
        for segment in blocks[line.situation, line.block]:
            left[line.offer][segment] -= 1
    rooms = {
        offer: Room(
            days=sum(places[segment] for segment in window if segment % 2 == 0),
            nights=sum(places[segment] for segment in window if segment % 2),
        )
        for offer, places in left.items()
    }
    recent = [one.situation for one in (*drawn.before, *drawn.calls) if day - ARRIVAL_DAYS <= one.day <= day]
    claims = [
        Claim(
            days=sum(segment % 2 == 0 for segment in block.segments),
            nights=sum(segment % 2 for segment in block.segments),
            offers=suited[one.id],
        )
        for one in recent
        for block in one.blocks
    ]
    return scarcity_prices(rooms, claims, most)


def _suited(drawn: Season) -> _Suited:
    row = {commune.id: rank for rank, commune in enumerate(drawn.ground.communes)}
    houses = {house.id: house for house in drawn.ground.establishments}

    def suits(one: Situation, offer: Offer) -> bool:
        minutes = drawn.ground.travel_min[row[one.commune]][row[houses[offer.establishment].commune]]
        return (
            offer.ages[0] <= one.age <= offer.ages[1]
            and one.profile in offer.profiles
            and set(one.needs) <= set(offer.provides)
            and offer.establishment not in one.excluded_establishments
            and minutes <= one.max_travel_min
        )

    return {
        call.situation.id: frozenset(offer.id for offer in drawn.ground.offers if suits(call.situation, offer))
        for call in (*drawn.before, *drawn.calls)
    }


def summary(outcomes: Sequence[Outcome]) -> tuple[tuple[str, ...], ...]:
    """The rows of the table, the medians last; the share closed of the last row is that of the sums."""
    rows = [
        (
            str(one.seed),
            *(shown(value) for value in (one.without_price, one.with_price, one.hindsight)),
            "—" if one.closed is None else f"{shown(round(100 * one.closed))} %",
            str(one.priced),
            str(one.moved),
        )
        for one in outcomes
    ]
    medians = [
        median(values)
        for values in zip(*((one.without_price, one.with_price, one.hindsight) for one in outcomes), strict=True)
    ]
    closed = share_closed(outcomes)
    last = (
        "médiane",
        *(shown(value) for value in medians),
        "—" if closed is None else f"{shown(round(100 * closed))} %",
        shown(median(one.priced for one in outcomes)),
        shown(median(one.moved for one in outcomes)),
    )
    return (*rows, last)


def share_closed(outcomes: Iterable[Outcome]) -> float | None:
    """The share of the gaps to hindsight, added up, that the price closes."""
    found = list(outcomes)
    gap = sum(one.without_price - one.hindsight for one in found)
    return None if gap == 0 else sum(one.without_price - one.with_price for one in found) / gap


@click.command(cls=FrenchCommand)
@click.option("--seed", default=201, show_default=True, type=click.IntRange(0, 10**6), help="Première graine.")
@click.option("--seasons", default=16, show_default=True, type=click.IntRange(1, 200), help="Nombre de graines.")
@click.option("--most", default=300, type=click.IntRange(0, 600), help="Prix le plus élevé, en minutes de trajet.")
def main(seed: int, seasons: int, most: int) -> None:
    """Compare les réponses données appel par appel, sans et avec le prix de rareté, à ce qu'il aurait fallu faire."""
    outcomes = []
    for step in range(seasons):
        outcomes.append(compare(season(seed + step), most))
        click.echo(f"• graine {seed + step}", err=True)
    click.echo(table(HEADS, summary(outcomes)))
    better = sum(one.with_price < one.without_price for one in outcomes)
    worse = sum(one.with_price > one.without_price for one in outcomes)
    click.echo(
        f"\nPoids sans réponse, plus petit = mieux. Avec le prix : mieux sur {better} graines, moins bien sur {worse},"
        f" pareil sur {len(outcomes) - better - worse}. Dernière ligne : part de l'écart total."
    )


if __name__ == "__main__":
    sys.exit(main())
