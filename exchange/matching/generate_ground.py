"""The ground of a generated territory: communes on a plane, travel times, associations and their establishments."""

from dataclasses import dataclass
from math import isqrt
from random import Random

from exchange.matching.generate_shapes import Shape
from exchange.matching.problem import Association, Commune, Establishment

COMMUNES_PER_BASSIN = 12
BASSIN_RADIUS_METRES = 16_000
# Neighbouring bassins are about forty minutes apart, town to town.
BASSIN_STEP_METRES = (28_000, 17_000)
METRES_PER_HOUR = 50_000
SHORTEST_TRAVEL_MIN = 4
# The town of a bassin holds a third of its houses.
TOWN_PERCENT = 35


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else stands on; `travel_min` is symmetric, in the order of `communes`."""

    communes: tuple[Commune, ...]
    travel_min: tuple[tuple[int, ...], ...]
    associations: tuple[Association, ...]
    establishments: tuple[Establishment, ...]
    row: dict[str, int]

    def minutes(self, origin: str, destination: str) -> int:
        return self.travel_min[self.row[origin]][self.row[destination]]

    def near(self, commune: str, count: int) -> list[str]:
        """The nearest communes, itself first."""
        return sorted(self.row, key=lambda other: (other != commune, self.minutes(commune, other), other))[:count]


def lay_ground(rng: Random, shape: Shape) -> Ground:
    """Place the bassins in a chain of neighbours, their communes around each town, then the houses."""
    communes: list[Commune] = []
    points: list[tuple[int, int]] = []
    for bassin in range(shape.bassins):
        town = bassin * BASSIN_STEP_METRES[0], bassin % 2 * BASSIN_STEP_METRES[1]
        for position in range(COMMUNES_PER_BASSIN):
            communes.append(Commune(f"c{len(communes):03d}", bassin))
            points.append(town if position == 0 else _around(rng, town))
    travel = tuple(tuple(_minutes(one, two) for two in points) for one in points)
    associations = tuple(
        Association(f"a{number:03d}", 5 * rng.randint(-18, 34)) for number in range(shape.bassins * shape.associations)
    )
    return Ground(
        communes=tuple(communes),
        travel_min=travel,
        associations=associations,
        establishments=_establishments(rng, shape, communes),
        row={commune.id: index for index, commune in enumerate(communes)},
    )


def neighbours(shape: Shape, bassin: int) -> list[int]:
    return [other for other in (bassin - 1, bassin + 1) if 0 <= other < shape.bassins]


def houses_of(ground: Ground, bassin: int) -> list[Establishment]:
    return [house for house in ground.establishments if house.bassin == bassin]


def percent(rng: Random, chance: int) -> bool:
    return rng.randrange(100) < chance


def _around(rng: Random, town: tuple[int, int]) -> tuple[int, int]:
    while True:
        east, north = (rng.randint(-BASSIN_RADIUS_METRES, BASSIN_RADIUS_METRES) for _ in range(2))
        if isqrt(east * east + north * north) <= BASSIN_RADIUS_METRES:
            return town[0] + east, town[1] + north


def _minutes(one: tuple[int, int], two: tuple[int, int]) -> int:
    east, north = one[0] - two[0], one[1] - two[1]
    metres = isqrt(east * east + north * north)
    return max((metres * 60 + METRES_PER_HOUR // 2) // METRES_PER_HOUR, SHORTEST_TRAVEL_MIN)


def _establishments(rng: Random, shape: Shape, communes: list[Commune]) -> tuple[Establishment, ...]:
    """Every association has a house in its bassin; a bigger one now and then opens a house next door."""
    houses: list[Establishment] = []
    for bassin in range(shape.bassins):
        first = bassin * shape.associations
        here = [commune.id for commune in communes if commune.bassin == bassin]
        for position in range(shape.establishments):
            owner = first + (position if position < shape.associations else rng.randrange(shape.associations))
            beside = neighbours(shape, bassin)
            if position >= shape.associations and beside and percent(rng, 10):
                owner = rng.choice(beside) * shape.associations + rng.randrange(shape.associations)
            commune = here[0] if percent(rng, TOWN_PERCENT) else rng.choice(here)
            public = rng.choice(("enfants", "enfants", "adultes", "protection de l'enfance"))
            houses.append(Establishment(f"e{len(houses):03d}", f"a{owner:03d}", bassin, commune, public))
    return tuple(houses)
