"""The shapes of generated territories: how many of each thing, and which difficulty is pushed."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Shape:
    """What a territory looks like; counts are per bassin, shares are percentages of the thing named.

    `shifts_per_need`, `blocks_per_situation` and `most_places` are inclusive ranges. `trades` and `profiles` keep so
    many of the usual ones. `contracts_minutes` (a week's own work) and `travel_limits_min` are what volunteers draw
    theirs from; they offer `free_days_percent` of their days off. `crossing_percent` of people (volunteers and
    situations) accept a neighbouring bassin. `conditional_percent` of the offers of a house with a coupled need have
    places that it opens, and `closed_percent` of those have none without it. `chains` adds so many chains of people,
    and as many of places, in which serving one request takes the only answer of the next.
    """

    summary: str
    days: int = 14
    bassins: int = 1
    associations: int = 10
    establishments: int = 30
    offers: int = 60
    volunteers: int = 150
    needs: int = 40
    situations: int = 40
    shifts_per_need: tuple[int, int] = (2, 6)
    blocks_per_situation: tuple[int, int] = (1, 3)
    trades: int = 8
    profiles: int = 6
    contracts_minutes: tuple[int, ...] = (2_100, 2_100, 1_680, 1_680, 1_260, 1_050)
    travel_limits_min: tuple[int, ...] = (20, 25, 30, 40, 50)
    free_days_percent: int = 95
    crossing_percent: int = 0
    coupled_percent: int = 20
    conditional_percent: int = 25
    closed_percent: int = 0
    incompatible_percent: int = 15
    partial_week_percent: int = 20
    most_places: tuple[int, int] = (1, 3)
    chains: int = 0


BASSIN = Shape(summary="un bassin de vie ordinaire sur deux semaines")

SHAPES: dict[str, Shape] = {
    "tiny": replace(
        BASSIN,
        summary="quelques personnes et quelques lieux sur une semaine",
        days=7,
        associations=3,
        establishments=5,
        offers=6,
        volunteers=16,
        needs=4,
        situations=5,
        shifts_per_need=(1, 3),
        trades=2,
        profiles=3,
        contracts_minutes=(1_050,),
    ),
    "bassin": BASSIN,
    "department": replace(
        BASSIN, summary="cinq bassins de vie liés, un quart des personnes acceptant le voisin", bassins=5,
        crossing_percent=25,
    ),
    "three-weeks": replace(BASSIN, summary="un bassin de vie sur trois semaines", days=21),
    "two-bassins": replace(
        BASSIN, summary="deux bassins de vie dont la plupart des personnes acceptent l'autre", bassins=2,
        crossing_percent=70,
    ),
    "long-needs": replace(
        BASSIN, summary="des demandes de 9 à 21 vacations", needs=12, shifts_per_need=(9, 21),
    ),
    "chains": replace(
        BASSIN, summary="des chaînes : servir une demande prend la seule personne de la suivante",
        volunteers=30, offers=20, needs=8, situations=8, chains=8,
    ),
    "incompatible": replace(
        BASSIN, summary="beaucoup de personnes à ne pas accueillir ensemble, dans peu de lieux",
        establishments=12, associations=6, incompatible_percent=90,
    ),
    "coupled": replace(
        BASSIN, summary="la plupart des places ne s'ouvrent qu'avec un renfort",
        coupled_percent=50, conditional_percent=75, closed_percent=70,
    ),
    "composed": replace(
        BASSIN, summary="des réponses en plusieurs lieux, des semaines partielles",
        blocks_per_situation=(3, 5), most_places=(2, 4), partial_week_percent=60,
    ),
    "dense": replace(
        BASSIN, summary="presque tout le monde disponible presque tout le temps", trades=4,
        contracts_minutes=(900,), travel_limits_min=(60,), free_days_percent=100,
    ),
}  # fmt: skip
