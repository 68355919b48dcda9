"""One hundred and fifty fictional professionals who agree to be asked for a loan, from a seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from exchange.demo.calendars import DemoTime, TimeKind, calendar
from exchange.demo.community import (
    FACILITY_BY_ID,
    LIVING_AREAS,
    DemoFacility,
    living_area_of,
    neighbours_of,
    points,
)
from exchange.demo.days import TIME_ZONE
from exchange.demo.shortages import SHORTAGES, DemoShortage, ShiftSlot, shift_slots
from exchange.demo.staff import POSTS_BY_CATEGORY, SECOND_TITLES, VOLUNTEERS_BY_FACILITY, Pattern, pattern_of
from exchange.reference.qualifications import Qualification

SEED: Final = 43

RELEASED_FOR: Final[Mapping[str, int]] = MappingProxyType(
    {
        "H02-1": 2, "H02-2": 2, "H02-3": 2, "H03": 1, "H14-1": 1, "H14-2": 1, "H01": 2, "H06": 3, "H10": 1,
        "H15-1": 2, "H15-2": 1, "H15-3": 1, "H08": 1, "H13": 2, "H09": 1,
    }
)  # fmt: skip
"""How many neighbours' employers released working time over each shift of these rows, so that the story can be
played whatever the weekday; beside them one colleague of the same association, where it has such staff. H04 is too
long for anybody, H05 and H11 depend on chance, H12 has no equal title."""

REST: Final = timedelta(minutes=660)
AROUND_A_SHIFT: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DemoVolunteer:
    """`ready_until_day` and `paused_until_day` are offsets from J0; None means no complete file, and no pause."""

    id: str
    full_name: str
    email: str
    facility: str
    commune: str
    qualifications: tuple[Qualification, ...]
    living_areas: tuple[str, ...]
    max_travel_minutes: int
    max_loan_minutes: int
    night12h_derogation: bool
    may_be_asked_at_night: bool
    agrees_to_be_asked: bool
    ready_until_day: int | None
    paused_until_day: int | None
    pattern: Pattern
    times: tuple[DemoTime, ...]


_FIRST_NAMES: Final = (
    "Adèle", "Bastien", "Camille", "Djamila", "Élodie", "Fabien", "Gaëlle", "Hugo", "Inès", "Joris", "Karine", "Loïc",
    "Maëva", "Nolwenn", "Océane", "Pierrick", "Quentin", "Rachid", "Sandrine", "Théo", "Ursule", "Valentin", "Wassila",
    "Xavier", "Yasmine",
)  # fmt: skip
_LAST_NAMES: Final = ("Aubrecel", "Bouvirol", "Chamardel", "Desgranval", "Estivelle", "Fontalière")


def volunteers(day0: date, seed: int = SEED, zone: ZoneInfo = TIME_ZONE) -> tuple[DemoVolunteer, ...]:
    """The volunteers and their calendars. The persons depend on the seed alone, their calendars on the real weeks
    and on what their employers release for the coming shortages."""
    drawn: list[DemoVolunteer] = []
    for facility_id, count in VOLUNTEERS_BY_FACILITY.items():
        facility = FACILITY_BY_ID[facility_id]
        posts = POSTS_BY_CATEGORY[facility.category]
        for rank in range(count):
            drawn.append(_volunteer(len(drawn) + 1, facility, posts[rank % len(posts)], rank, day0, seed, zone))
    return _with_releases(drawn, day0, zone)


def _volunteer(
    number: int, facility: DemoFacility, post: Qualification, rank: int, day0: date, seed: int, zone: ZoneInfo
) -> DemoVolunteer:
    draw = Random(f"{seed}/{number}")  # noqa: S311 - invented persons, not a secret
    pattern = pattern_of(facility.category, post, rank)
    seconds = SECOND_TITLES.get(post, ())
    second = (draw.choice(seconds),) if seconds and draw.random() < 0.3 else ()
    home = living_area_of(facility.commune)
    accepted = tuple(area.slug for area in LIVING_AREAS if area.slug == home or draw.random() < 0.35)
    return DemoVolunteer(
        id=f"V{number:03}",
        full_name=f"{_FIRST_NAMES[(number - 1) % 25]} {_LAST_NAMES[(number - 1) // 25]}",
        email=f"volontaire-{number:03}@demo.invalid",
        facility=facility.id,
        commune=facility.commune if draw.random() < 0.5 else draw.choice(neighbours_of(facility.commune)),
        qualifications=(post, *second),
        living_areas=accepted,
        max_travel_minutes=draw.choice((30, 40, 45, 60, 60, 75)),
        max_loan_minutes=draw.choice((900, 1200, 1800, 2100, 2880)),
        night12h_derogation=pattern is Pattern.NIGHTS and draw.random() < 0.4,
        # Drawn from the rank, not from the seed: the rest of the person must not change with it.
        may_be_asked_at_night=rank % 4 != 3,
        agrees_to_be_asked=draw.random() < 0.95,
        ready_until_day=draw.randrange(60, 300) if draw.random() < 0.85 else None,
        paused_until_day=draw.randrange(2, 10) if draw.random() < 0.05 else None,
        pattern=pattern,
        times=tuple(calendar(number, facility.id, pattern, day0, seed, zone)),
    )


def _with_releases(drawn: list[DemoVolunteer], day0: date, zone: ZoneInfo) -> tuple[DemoVolunteer, ...]:
    """The nearest volunteers who may take each shift get its time released, at most one shift between two rests."""
    granted: dict[str, list[ShiftSlot]] = {person.id: [] for person in drawn}
    needs = {need.id: need for need in SHORTAGES}
    colleagues = [(need.id, 1, True) for need in SHORTAGES if need.has_internal_staff]
    neighbours = [(need_id, people, False) for need_id, people in RELEASED_FOR.items()]
    for need_id, people, of_same_operator in (*colleagues, *neighbours):
        need = needs[need_id]
        nearest = sorted(
            (person for person in drawn if _may_take(person, need, of_same_operator=of_same_operator)),
            key=lambda person: (road_minutes(person.commune, FACILITY_BY_ID[need.facility].commune), person.id),
        )
        for shift in shift_slots(need, day0, zone):
            rested = (person for person in nearest if all(_apart(shift, other) for other in granted[person.id]))
            for _, person in zip(range(people), rested, strict=False):
                granted[person.id].append(shift)
    return tuple(replace(person, times=_released(person.times, granted[person.id])) for person in drawn)


def _may_take(person: DemoVolunteer, need: DemoShortage, *, of_same_operator: bool) -> bool:
    """Whether this person suits a row: from another site of the operator that asks, or from another operator."""
    lender, host = FACILITY_BY_ID[person.facility], FACILITY_BY_ID[need.facility]
    return (
        person.agrees_to_be_asked
        and person.ready_until_day is not None
        and person.paused_until_day is None
        and lender != host
        and (lender.operator == host.operator) is of_same_operator
        and living_area_of(host.commune) in person.living_areas
        and not set(person.qualifications).isdisjoint(need.qualifications_any)
        and road_minutes(person.commune, host.commune) <= person.max_travel_minutes
    )


def _apart(shift: ShiftSlot, other: ShiftSlot) -> bool:
    return shift.ends_at + REST <= other.starts_at or other.ends_at + REST <= shift.starts_at


def _released(times: tuple[DemoTime, ...], shifts: list[ShiftSlot]) -> tuple[DemoTime, ...]:
    """Own shifts too near give way, and so does offered time that the released time replaces."""
    kept = list(times)
    for shift in shifts:
        start, end = shift.starts_at - AROUND_A_SHIFT, shift.ends_at + AROUND_A_SHIFT
        kept = [
            period
            for period in kept
            if (
                period.ends_at + REST <= shift.starts_at or shift.ends_at + REST <= period.starts_at
                if period.kind is TimeKind.OWN_SHIFT
                else period.ends_at <= start or end <= period.starts_at
            )
        ]
        kept.append(DemoTime(TimeKind.RELEASED, start, end))
    return tuple(sorted(kept, key=lambda period: period.starts_at))


@cache
def road_minutes(origin: str, destination: str) -> int:
    """A cautious estimate between two communes of the territory: straight line and a third, at 50 km/h."""
    if origin == destination:
        return 0
    (lat, lon), (other_lat, other_lon) = points()[origin], points()[destination]
    east = (lon - other_lon) * 111.32 * math.cos(math.radians(lat))
    return math.ceil(math.hypot((lat - other_lat) * 111.32, east) * 4 / 3 / 50 * 60)
