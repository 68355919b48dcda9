"""Chains of substitutions: each request has two possible answers, and the nearest is the only one of the next request.

Whoever serves the requests in the order in which they were called, nearest answer first, leaves one of each chain
without any; moving every answer by one serves them all.
"""

from random import Random

from exchange.matching.generate_ground import Ground, houses_of
from exchange.matching.generate_shapes import Shape
from exchange.matching.generate_staff import MORNING, URGENCIES, at, called_at
from exchange.matching.problem import Block, Establishment, Need, Offer, Shift, Situation, Volunteer

LENGTH = 6
# Held by nobody else and asked for by nobody else, so that nothing else loosens a chain.
TRADE = "TISF"
PROFILES = (
    "surdité",
    "cécité",
    "épilepsie",
    "surdicécité",
    "traumatisme crânien",
    "maladie rare",
    "addiction",
    "deuil",
)
ACCEPTED_TRAVEL_MIN = 180
YOUNGEST, AGE_STEP = 4, 3


def chained_people(rng: Random, shape: Shape, ground: Ground) -> tuple[list[Need], list[Volunteer]]:
    """Per chain: person `i` is free for requests `i` and `i + 1`, may take one, and lives beside the second."""
    needs: list[Need] = []
    volunteers: list[Volunteer] = []
    for chain in range(shape.chains):
        bassin = chain % shape.bassins
        hosts = [rng.choice(houses_of(ground, bassin)) for _ in range(LENGTH)]
        days = sorted(rng.sample(range(shape.days), LENGTH))
        urgency = rng.choice(URGENCIES)
        for position, (host, day) in enumerate(zip(hosts, days, strict=True)):
            name = f"n-chain{chain:02d}-{position}"
            needs.append(
                Need(
                    id=name,
                    establishment=host.id,
                    qualifications_any=(TRADE,),
                    urgency=urgency,
                    created=called_at(chain * LENGTH + LENGTH - position),
                    coupled=False,
                    shifts=(Shift(f"{name}-00", *at(day, MORNING), 1),),
                )
            )
            after = min(position + 1, LENGTH - 1)
            lender = rng.choice(_other_employers(ground, bassin, (host, hosts[after])))
            volunteers.append(
                Volunteer(
                    id=f"v-chain{chain:02d}-{position}",
                    association=lender.association,
                    establishment=lender.id,
                    commune=hosts[after].commune,
                    qualifications=(TRADE,),
                    bassins=(bassin,),
                    availability=tuple(at(free, MORNING) for free in sorted({day, days[after]})),
                    own_shifts=(),
                    week_minutes_done=(0,) * -(-shape.days // 7),
                    max_loan_minutes=MORNING[1] - MORNING[0],
                    max_travel_min=ACCEPTED_TRAVEL_MIN,
                    night12h_derogation=False,
                    consent=True,
                )
            )
    return needs, volunteers


def chained_places(rng: Random, shape: Shape, ground: Ground) -> tuple[list[Offer], list[Situation]]:
    """Per chain: offer `i` takes the ages of persons `i` and `i + 1`, has one place, and is beside the second."""
    offers: list[Offer] = []
    situations: list[Situation] = []
    for chain in range(shape.chains):
        houses = [rng.choice(houses_of(ground, chain % shape.bassins)) for _ in range(LENGTH)]
        profile = PROFILES[chain % len(PROFILES)]
        segments = tuple(range(2 * rng.randrange(shape.days - 2), 2 * shape.days))[:4]
        urgency = rng.choice(URGENCIES)
        for position, house in enumerate(houses):
            age = YOUNGEST + AGE_STEP * position
            offers.append(
                Offer(
                    id=f"o-chain{chain:02d}-{position}",
                    establishment=house.id,
                    kind="internat",
                    ages=(age, age + AGE_STEP),
                    profiles=(profile,),
                    capacity=tuple(int(segment in segments) for segment in range(2 * shape.days)),
                    extra_capacity=(0,) * (2 * shape.days),
                    requires=(),
                )
            )
            situations.append(
                Situation(
                    id=f"s-chain{chain:02d}-{position}",
                    age=age,
                    profile=profile,
                    mode="internat",
                    urgency=urgency,
                    created=called_at(chain * LENGTH + LENGTH - position),
                    commune=houses[max(position - 1, 0)].commune,
                    max_travel_min=ACCEPTED_TRAVEL_MIN,
                    blocks=(Block("stay", segments),),
                    excluded_establishments=(),
                    incompatible_with=(),
                    max_places=1,
                )
            )
    return offers, situations


def _other_employers(ground: Ground, bassin: int, hosts: tuple[Establishment, ...]) -> list[Establishment]:
    employers = {host.association for host in hosts}
    return [house for house in houses_of(ground, bassin) if house.association not in employers]
