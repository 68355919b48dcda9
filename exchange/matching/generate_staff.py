"""The working side of a generated territory: requests for staff, volunteers with their own weeks, lenders' floors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from exchange.matching.generate_ground import Ground, houses_of, neighbours, percent
from exchange.matching.generate_shapes import Shape
from exchange.matching.problem import LendCap, Need, Period, Shift, Volunteer

DAY_MINUTES, WEEK_DAYS = 1_440, 7
# Minutes from midnight: morning, afternoon, night; the 12 h night needs the person's derogation.
MORNING, AFTERNOON, NIGHT, LONG_NIGHT = (420, 870), (810, 1_260), (1_260, 1_860), (1_170, 1_890)
OFFICE_DAY = (540, 1_020)
POSTS = (MORNING, MORNING, MORNING, AFTERNOON, AFTERNOON, AFTERNOON, NIGHT, NIGHT, OFFICE_DAY, LONG_NIGHT)
TRADES = (("AES", "ME"), ("AES", "ME"), ("ES", "ME"), ("ES",), ("AS", "AES"), ("AS", "AES"), ("IDE",), ("SN", "AES"))
HELD = (
    ("AES",),
    ("AES", "ME"),
    ("AES", "SN"),
    ("ME", "ES"),
    ("ES",),
    ("ES", "ME"),
    ("AS", "AES"),
    ("AS",),
    ("AS", "IDE"),
)
URGENCIES = (1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4)
WHOLE_DAY, HALF_DAYS, WHOLE_NIGHT = (360, 1_320), ((360, 900), (780, 1_320)), (1_140, 1_950)
DAY_WINDOWS = (WHOLE_DAY, WHOLE_DAY, WHOLE_DAY, *HALF_DAYS, WHOLE_NIGHT)
NIGHT_WINDOWS = (WHOLE_NIGHT, WHOLE_NIGHT, WHOLE_DAY)
CONSENT_PERCENT = 88
FLOOR_PERCENT = 65
FIRST_CALL, BETWEEN_CALLS = datetime.fromisoformat("2026-02-23T06:00"), timedelta(minutes=13)


@dataclass(frozen=True, slots=True)
class _Week:
    """What one person already does: shifts, minutes per week, and the days left free."""

    shifts: tuple[Period, ...]
    minutes: tuple[int, ...]
    free_days: tuple[int, ...]


def needs_of(rng: Random, shape: Shape, ground: Ground) -> tuple[Need, ...]:
    total = shape.bassins * shape.needs
    calls = call_times(rng, total)
    needs = []
    for number in range(total):
        houses = houses_of(ground, number % shape.bassins)
        coupled = number // shape.bassins * shape.coupled_percent % 100 < shape.coupled_percent
        post = rng.choice((NIGHT, AFTERNOON, MORNING) if coupled else POSTS)
        wanted = rng.randint(*shape.shifts_per_need)
        shifts: list[Shift] = []
        for day in _consecutive_days(rng, shape.days, wanted):
            headcount = 2 if percent(rng, 20) and not coupled else 1
            shifts.append(Shift(f"n{number:04d}-{len(shifts):02d}", *at(day, post), headcount))
        # More shifts than days: a second post of the same house, so that the request is served by turns.
        other = AFTERNOON if post != AFTERNOON else MORNING
        for day in _consecutive_days(rng, shape.days, wanted - len(shifts)):
            shifts.append(Shift(f"n{number:04d}-{len(shifts):02d}", *at(day, other), 1))
        needs.append(
            Need(
                id=f"n{number:04d}",
                establishment=rng.choice(houses).id,
                qualifications_any=rng.choice(TRADES[: shape.trades]),
                urgency=rng.choice(URGENCIES),
                created=calls[number],
                coupled=coupled,
                shifts=tuple(shifts),
            )
        )
    return tuple(needs)


def volunteers_of(rng: Random, shape: Shape, ground: Ground) -> tuple[Volunteer, ...]:
    people = []
    for number in range(shape.bassins * shape.volunteers):
        bassin = number % shape.bassins
        house = rng.choice(houses_of(ground, bassin))
        crossing = percent(rng, shape.crossing_percent)
        at_night = percent(rng, 25)
        week = _own_weeks(rng, shape, at_night)
        offered = [day for day in week.free_days if percent(rng, shape.free_days_percent)]
        people.append(
            Volunteer(
                id=f"v{number:04d}",
                association=house.association,
                establishment=house.id,
                commune=rng.choice(ground.near(house.commune, 4)),
                qualifications=rng.choice(HELD),
                bassins=(bassin, *(neighbours(shape, bassin) if crossing else ())),
                availability=tuple(_window(rng, day, at_night) for day in offered),
                own_shifts=week.shifts,
                week_minutes_done=week.minutes,
                max_loan_minutes=rng.choice((600, 600, 600, 960, 960, 1_440)),
                max_travel_min=rng.choice((45, 60, 75)) if crossing else rng.choice(shape.travel_limits_min),
                night12h_derogation=percent(rng, 30),
                consent=percent(rng, CONSENT_PERCENT),
            )
        )
    return tuple(people)


def lend_caps_of(
    rng: Random, shape: Shape, ground: Ground, unhindered: Sequence[Volunteer] = ()
) -> tuple[LendCap, ...]:
    """Floors of every house on some days, except where they would keep one of the `unhindered` from leaving."""
    leaving = {(one.establishment, start // DAY_MINUTES) for one in unhindered for start, _ in one.availability}
    caps = [
        LendCap(house.id, day, rng.choice((0, 1, 1, 1, 2)))
        for house in ground.establishments
        for day in range(shape.days)
        if percent(rng, FLOOR_PERCENT)
    ]
    return tuple(cap for cap in caps if (cap.establishment, cap.day) not in leaving)


def called_at(rank: int) -> str:
    """When the request of this rank was phoned in, in the week before the horizon."""
    return (FIRST_CALL + rank * BETWEEN_CALLS).isoformat(timespec="minutes")


def call_times(rng: Random, count: int) -> list[str]:
    """Distinct instants in no order, one per request."""
    ranks = list(range(count))
    rng.shuffle(ranks)
    return [called_at(rank) for rank in ranks]


def at(day: int, post: Period) -> Period:
    """A post of one day, in minutes of the horizon."""
    return day * DAY_MINUTES + post[0], day * DAY_MINUTES + post[1]


def _consecutive_days(rng: Random, days: int, wanted: int) -> range:
    length = max(min(wanted, days), 0)
    first = rng.randint(0, days - length)
    return range(first, first + length)


def _own_weeks(rng: Random, shape: Shape, at_night: bool) -> _Week:
    contract = rng.choice(shape.contracts_minutes)
    shifts: list[Period] = []
    minutes: list[int] = []
    free: list[int] = []
    for monday in range(0, shape.days, WEEK_DAYS):
        week = list(range(monday, min(monday + WEEK_DAYS, shape.days)))
        length = NIGHT[1] - NIGHT[0] if at_night else MORNING[1] - MORNING[0]
        worked = sorted(rng.sample(week, min(contract // length, len(week))))
        shifts.extend(at(day, NIGHT if at_night else rng.choice((MORNING, MORNING, AFTERNOON))) for day in worked)
        minutes.append(length * len(worked))
        free.extend(day for day in week if day not in worked)
    return _Week(tuple(shifts), tuple(minutes), tuple(free))


def _window(rng: Random, day: int, at_night: bool) -> Period:
    """A day off offered from morning to evening, a half day, or the night that follows."""
    return at(day, rng.choice(NIGHT_WINDOWS if at_night else DAY_WINDOWS))
