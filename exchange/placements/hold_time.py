"""Until when a place is kept: minutes when it is urgent, French working days otherwise. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from exchange.reference.code_lists import Urgency

URGENT_FROM: Final = Urgency.WITHIN_48_HOURS
"""From this urgency on, a hold is the short one."""


def hold_ends(now: datetime, urgency: int, *, urgent_minutes: int, working_days: int, zone: ZoneInfo) -> datetime:
    """Return until when a place is kept: minutes for an urgent situation, else working days at the same local hour."""
    if urgency >= URGENT_FROM:
        return now + timedelta(minutes=urgent_minutes)
    local = now.astimezone(zone)
    on, left = local.date(), working_days
    while left:
        on += timedelta(days=1)
        left -= is_working_day(on)
    return datetime.combine(on, local.time(), zone).astimezone(UTC)


def is_working_day(on: date) -> bool:
    """Whether offices are open: Monday to Friday, but for the days named by article L3133-1 of the Labour Code."""
    if on.weekday() >= 5 or (on.month, on.day) in _FIXED_HOLIDAYS:
        return False
    return (on - easter(on.year)).days not in _HOLIDAYS_AFTER_EASTER


_FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
_HOLIDAYS_AFTER_EASTER: Final = frozenset({1, 39, 50})
"""Easter Monday, Ascension, Whit Monday."""


def easter(year: int) -> date:
    """Return Easter Sunday in the Gregorian calendar (method of Meeus, Jones and Butcher)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leap_century, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_century - moon + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
