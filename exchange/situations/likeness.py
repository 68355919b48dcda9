"""What is deduced while the caller speaks: usual dates, and whether somebody has already told of this person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, current_segment, date_of, local_instant, segments_between
from exchange.reference.code_lists import CareMode, LegalStatus, Origin, Urgency

RECEIVED_LATELY: Final = timedelta(days=30)
"""Two tellings of one need come close together; an older one still open is another story, found by its reference."""

MORNING: Final = time(8, 0)

USUAL_CARE_MODE: Final[Mapping[Urgency, CareMode]] = MappingProxyType(
    {
        Urgency.TONIGHT: CareMode.IMMEDIATE_STAY,
        Urgency.WITHIN_48_HOURS: CareMode.TEMPORARY_STAY,
        Urgency.WITHIN_7_DAYS: CareMode.TEMPORARY_STAY,
        Urgency.PLANNED: CareMode.TEMPORARY_STAY,
    }
)
USUAL_ORIGIN: Final = Origin.COMMUNITY_360
USUAL_LEGAL_STATUS: Final = LegalStatus.UNKNOWN
USUAL_TRAVEL_MINUTES: Final = 60
USUAL_PLACES: Final = 3

_USUAL_NIGHTS: Final[Mapping[Urgency, tuple[int, int]]] = MappingProxyType(
    {
        Urgency.TONIGHT: (0, 0),
        Urgency.WITHIN_48_HOURS: (1, 2),
        Urgency.WITHIN_7_DAYS: (3, 6),
        Urgency.PLANNED: (30, 36),
    }
)
"""First and last night after today's; dates are corrected on the sheet, once the caller knows them."""


def usual_blocks(urgency: Urgency, now: datetime, zone: ZoneInfo) -> tuple[tuple[int, ...], ...]:
    """Return the one block of nights that an urgency stands for, where nobody gave dates.

    Before 08:00 tonight is still the night that runs.
    """
    today = date_of(current_segment(now, zone))
    first, last = _USUAL_NIGHTS[urgency]
    nights = segments_between(today + timedelta(days=first), today + timedelta(days=last), frozenset({Half.NIGHT}))
    return (tuple(int(night) for night in nights),)


def review_of_urgency_at(urgency: int, set_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when « ce soir » is to be looked at again: the next morning. Nothing for any other urgency."""
    if urgency != Urgency.TONIGHT:
        return None
    local = set_at.astimezone(zone)
    on = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return local_instant(on, MORNING, zone)


@dataclass(frozen=True, slots=True)
class Told:
    """What may be compared of two tellings: nothing that names anybody."""

    commune_code: str
    living_area: object | None
    age_band: str
    need_codes: frozenset[str]
    sex: str | None
    dates: frozenset[date]


def look_alike(one: Told, other: Told) -> bool:
    """Whether two tellings may be of one person.

    Same commune or living area, same age band, a date in common, half of the shorter list of needs in common, and
    no sex said on both sides that differs.
    """
    near = one.commune_code == other.commune_code or (
        one.living_area is not None and one.living_area == other.living_area
    )
    if not near or one.age_band != other.age_band or not one.dates & other.dates:
        return False
    if one.sex is not None and other.sex is not None and one.sex != other.sex:
        return False
    shorter = min(len(one.need_codes), len(other.need_codes))
    return shorter > 0 and 2 * len(one.need_codes & other.need_codes) >= shorter


def dates_of(blocks: tuple[tuple[int, ...], ...]) -> frozenset[date]:
    """Return the local dates that blocks touch."""
    return frozenset(date_of(segment) for block in blocks for segment in block)
