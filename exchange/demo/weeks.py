"""Weeks that fictional places and people follow beyond the days entered by hand, which they leave as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.weeks.commands import except_days, set_week
from exchange.availability.weeks.inputs import ExceptDays, SetWeek, SpanOfDays
from exchange.demo.calendars import WEEKS as WEEKS_BY_HAND
from exchange.demo.calendars import TimeKind
from exchange.demo.days import SATURDAY
from exchange.kernel.actor import Actor
from exchange.kernel.periods import Half
from exchange.reference.answers import StatusReason
from exchange.staffing.weeks import commands as staff
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours

_DAY: Final = timedelta(days=1)
_WEEK: Final = 7 * _DAY


@dataclass(frozen=True, slots=True)
class DemoPlaceWeek:
    """`places` on each day and night of `weekdays`, days alone where `by_day_only`; closed for the week `closed_week`
    after J0, if any."""

    places: int
    weekdays: range
    by_day_only: bool = False
    closed_week: int | None = None

    def capacities(self) -> tuple[int, ...]:
        return tuple(
            self.places if place // 2 in self.weekdays and not (self.by_day_only and place % 2) else 0
            for place in range(14)
        )


PLACE_WEEKS: Final[Mapping[str, DemoPlaceWeek]] = MappingProxyType(
    {
        "F03 accueil temporaire": DemoPlaceWeek(2, range(7)),
        "F11 journées": DemoPlaceWeek(1, range(SATURDAY), by_day_only=True),
        "F28 accueil temporaire": DemoPlaceWeek(4, range(7), closed_week=5),
    }
)
"""By the name of the offer: what it opens by hand at first, each week after that."""

_NIGHT, _OFFICE = (time(21), time(7)), (time(9), time(16, 30))
VOLUNTEER_WEEKS: Final[Mapping[str, tuple[WeeklyHours, ...]]] = MappingProxyType(
    {
        "V015": (
            *(WeeklyHours(TimeKind.OWN_SHIFT, weekday, *_NIGHT) for weekday in range(3)),
            *(WeeklyHours(TimeKind.AVAILABLE, weekday, *_NIGHT) for weekday in range(4, 6)),
        ),
        "V062": (
            *(WeeklyHours(TimeKind.OWN_SHIFT, weekday, *_OFFICE) for weekday in range(4)),
            WeeklyHours(TimeKind.AVAILABLE, SATURDAY, time(7), time(20)),
        ),
    }
)
AWAY_IN_WEEK: Final[Mapping[str, int]] = MappingProxyType({"V015": 6})
"""Weeks after that of J0 in which somebody is not there."""


async def follow_place_week(
    tx: AsyncSession, speaker: Actor, name: str, offer_id: UUID, day0: date, now: datetime
) -> None:
    """Let an offer follow its week, if it has one."""
    week = PLACE_WEEKS.get(name)
    if week is None:
        return
    await set_week(tx, speaker, SetWeek(offer_id, week.capacities(), day0, None), now)
    if week.closed_week is not None:
        first = day0 + week.closed_week * _WEEK
        span = SpanOfDays(first, first + 6 * _DAY, frozenset(Half))
        await except_days(tx, speaker, ExceptDays(offer_id, span, 0, StatusReason.PLANNED_CLOSURE), now)


async def follow_volunteer_week(
    tx: AsyncSession, speaker: Actor, name: str, volunteer_id: UUID, day0: date, now: datetime
) -> None:
    """Let somebody follow their week, if they have one, from the end of the calendar stated by hand."""
    hours = VOLUNTEER_WEEKS.get(name)
    if hours is None:
        return
    monday = day0 - timedelta(days=day0.weekday())
    first = monday + WEEKS_BY_HAND * _WEEK
    await staff.set_week(tx, speaker, SetVolunteerWeek(volunteer_id, hours, first, None), now)
    if name in AWAY_IN_WEEK:
        away = monday + AWAY_IN_WEEK[name] * _WEEK
        await staff.say_away(tx, speaker, DatesAway(volunteer_id, away, away + 6 * _DAY), now)
