"""The hosting side of a generated territory: offers, some of which open only with staff, and people's situations."""

from collections import defaultdict
from dataclasses import replace
from random import Random

from exchange.matching.generate_ground import Ground, houses_of, percent
from exchange.matching.generate_shapes import Shape
from exchange.matching.generate_staff import DAY_MINUTES, URGENCIES, WEEK_DAYS, call_times
from exchange.matching.problem import Block, Need, Offer, Requirement, Situation

EVENING_MINUTE = 1_140
WEEKEND = (5, 6)
PROFILES = ("tsa", "tsa", "dit", "moteur", "psychique", "polyhandicap")
AGE_BANDS = {"enfants": ((3, 12), (6, 17), (6, 20)), "adultes": ((18, 60), (20, 60), (16, 25))}
AGE_BANDS_ELSE = ((6, 17), (12, 20), (3, 12))
# Boarding, day care, round-the-clock emergency.
KINDS = ("internat", "internat", "internat", "accueil de jour", "urgence 24/24")
WIDEST_SITUATION_TRAVEL_MIN = 90


def offers_of(rng: Random, shape: Shape, ground: Ground, needs: tuple[Need, ...]) -> tuple[Offer, ...]:
    coupled: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        if need.coupled:
            coupled[need.establishment].append(need)
    offers = []
    for number in range(shape.bassins * shape.offers):
        bassin = number % shape.bassins
        houses = houses_of(ground, bassin)
        staffed = [house for house in houses if coupled[house.id]]
        conditional = bool(staffed) and percent(rng, shape.conditional_percent)
        house = rng.choice(staffed if conditional else houses)
        offer = _plain_offer(rng, shape, f"o{number:04d}", house.id, str(house.public))
        offers.append(_opened_by(rng, shape, offer, rng.choice(coupled[house.id])) if conditional else offer)
    return tuple(offers)


def _plain_offer(rng: Random, shape: Shape, name: str, house: str, public: str) -> Offer:
    kind = rng.choice(KINDS)
    length = min(rng.randint(6, 12), shape.days)
    first = rng.randint(0, shape.days - length)
    places = rng.choice((1, 1, 1, 1, 2))
    closes_at_weekends = percent(rng, 35)
    capacity = [0] * (2 * shape.days)
    for day in range(first, first + length):
        weekday = day % WEEK_DAYS
        closed = kind != "urgence 24/24" and weekday in WEEKEND and closes_at_weekends
        capacity[2 * day] = 0 if closed else places
        capacity[2 * day + 1] = 0 if closed or kind == "accueil de jour" else places
    return Offer(
        id=name,
        establishment=house,
        kind=kind,
        ages=rng.choice(AGE_BANDS.get(public, AGE_BANDS_ELSE)),
        profiles=tuple(sorted(set(rng.choices(PROFILES[: shape.profiles], k=5)))),
        capacity=tuple(capacity),
        extra_capacity=(0,) * (2 * shape.days),
        requires=(),
    )


def _opened_by(rng: Random, shape: Shape, offer: Offer, need: Need) -> Offer:
    """Extra places on the segments that the shifts of a request staff; the rest may be closed without them."""
    extra = [0] * (2 * shape.days)
    requires = []
    shifts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for shift in need.shifts:
        at_night = shift.start % DAY_MINUTES >= EVENING_MINUTE
        shifts[2 * (shift.start // DAY_MINUTES) + at_night].append((need.id, shift.id))
    places = rng.choice((1, 2, 2, 3))
    for segment, lines in sorted(shifts.items()):
        extra[segment] = places
        requires.append(Requirement(segment, tuple(sorted(lines))))
    shut = percent(rng, shape.closed_percent)
    capacity = tuple(0 if shut and extra[segment] else base for segment, base in enumerate(offer.capacity))
    return replace(offer, capacity=capacity, extra_capacity=tuple(extra), requires=tuple(requires))


def situations_of(rng: Random, shape: Shape, ground: Ground) -> tuple[Situation, ...]:
    total = shape.bassins * shape.situations
    calls = call_times(rng, total)
    people = []
    for number in range(total):
        bassin = number % shape.bassins
        houses = houses_of(ground, bassin)
        crossing = percent(rng, shape.crossing_percent)
        commune = rng.choice([commune.id for commune in ground.communes if commune.bassin == bassin])
        people.append(
            Situation(
                id=f"s{number:04d}",
                age=rng.choice((rng.randint(4, 20), rng.randint(4, 20), rng.randint(18, 55))),
                profile=rng.choice(PROFILES[: shape.profiles]),
                mode=rng.choice(("internat", "accueil temporaire", "urgence")),
                urgency=rng.choice(URGENCIES),
                created=calls[number],
                commune=commune,
                max_travel_min=rng.choice((60, WIDEST_SITUATION_TRAVEL_MIN)) if crossing else rng.choice((40, 50, 60)),
                blocks=_blocks(rng, shape),
                excluded_establishments=(rng.choice(houses).id,) if percent(rng, 15) else (),
                incompatible_with=(),
                max_places=rng.randint(*shape.most_places),
            )
        )
    return _kept_apart(rng, shape, people)


def _blocks(rng: Random, shape: Shape) -> tuple[Block, ...]:
    """Days, nights, weekend of a week, or only a part of each; drawn in turn until the person has enough of them."""
    weeks = range(shape.days // WEEK_DAYS)
    wanted = rng.randint(*shape.blocks_per_situation)
    first = rng.choice(weeks)
    parts = [(week, part) for week in (*weeks[first:], *weeks[:first]) for part in ("days", "nights", "weekend")]
    start = rng.choice((0, 0, 1, 2))
    blocks = []
    for week, part in (parts[start:] + parts[:start])[:wanted]:
        monday = week * WEEK_DAYS
        if part == "weekend":
            segments = [2 * day + half for day in (monday + 5, monday + 6) for half in (0, 1)]
        else:
            days = list(range(monday, monday + 5))
            if percent(rng, shape.partial_week_percent):
                days = sorted(rng.sample(days, rng.randint(1, 4)))
            segments = [2 * day + (part == "nights") for day in days]
        blocks.append(Block(f"{part}-{week + 1}", tuple(segments)))
    return tuple(blocks)


def _kept_apart(rng: Random, shape: Shape, people: list[Situation]) -> tuple[Situation, ...]:
    apart: dict[str, set[str]] = defaultdict(set)
    for person in people:
        if percent(rng, shape.incompatible_percent):
            other = rng.choice([one.id for one in people if one.id != person.id])
            apart[person.id].add(other)
    return tuple(replace(person, incompatible_with=tuple(sorted(apart[person.id]))) for person in people)
