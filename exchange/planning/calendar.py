"""The horizon of a run: a Monday, days, and the wall minutes in which the matcher reckons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from exchange.kernel.periods import Half, date_of, segment_of
from exchange.planning.ground import Slot

LONGEST_HORIZON_DAYS = 60
WEEK_DAYS = 7
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Horizon:
    """`monday` is the first date. Minutes are wall minutes from its 00:00: every day has 1,440 of them.

    Two shifts on either side of a clock change are therefore an hour off true time; whoever promises judges them
    again on instants.
    """

    zone: ZoneInfo
    monday: date
    days: int

    @property
    def first_segment(self) -> int:
        """The kernel's number of the horizon's segment 0."""
        return segment_of(self.monday, Half.DAY)

    @property
    def weeks(self) -> int:
        return -(-self.days // WEEK_DAYS)

    def segment(self, stored: int) -> int | None:
        """Return a stored segment counted from the horizon's first, nothing outside."""
        relative = stored - self.first_segment
        return relative if 0 <= relative < 2 * self.days else None

    def minute(self, at: datetime) -> int:
        """Return the wall minute of an instant; negative before the horizon."""
        wall = at.astimezone(self.zone).replace(tzinfo=None)
        return int((wall - datetime.combine(self.monday, datetime.min.time())).total_seconds()) // 60

    def period(self, slot: Slot) -> tuple[int, int]:
        """Return a slot in wall minutes, never empty: an hour repeated in autumn keeps its true length."""
        start, end = self.minute(slot[0]), self.minute(slot[1])
        if end <= start:
            end = start + max(1, int((slot[1] - slot[0]).total_seconds()) // 60)
        return start, end

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies within the horizon."""
        return 0 <= self.minute(at) < self.days * 24 * 60


def monday_of(on: date) -> date:
    """Return the Monday of a date's civil week."""
    return on - timedelta(days=on.weekday())


def horizon_for(zone: ZoneInfo, first_segment: int, segments: Iterable[int], instants: Iterable[datetime]) -> Horizon:
    """Return the horizon from the Monday of `first_segment`'s week to the end of what is wanted, 60 days at most.

    Whole weeks, one at least, so that each weekly ceiling is whole too.
    """
    today = date_of(first_segment)
    monday = monday_of(today)
    last = max(
        (today, *(date_of(segment) for segment in segments), *(at.astimezone(zone).date() for at in instants)),
    )
    wanted = (last - monday).days + 1
    weeks = -(-wanted // WEEK_DAYS)
    return Horizon(zone, monday, min(weeks * WEEK_DAYS, LONGEST_HORIZON_DAYS))


def union(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the same time as disjoint slots, ascending; touching ones become one."""
    joined: list[Slot] = []
    for start, end in sorted(slots):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def minus(slots: Iterable[Slot], removed: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return what is left of `slots` outside `removed`, ascending."""
    left = list(union(slots))
    for start, end in union(removed):
        left = [
            piece
            for slot in left
            for piece in ((slot[0], min(slot[1], start)), (max(slot[0], end), slot[1]))
            if piece[0] < piece[1]
        ]
    return tuple(left)


@dataclass(frozen=True, slots=True)
class OwnTime:
    """Working time with the employer. `released` are among `shifts`; `besides`: freed although no shift was told."""

    shifts: tuple[Slot, ...]
    released: tuple[Slot, ...]
    besides: tuple[Slot, ...]


def own_time(own: Iterable[Slot], released: Iterable[Slot], busy: Iterable[Slot]) -> OwnTime:
    """Return own shifts with those that the employer frees, whole windows: a loan must lie inside one of them.

    A window is usually a little wider than the shift that it frees, and then counts whole against the week: too much
    rather than too little. `busy`: time already lent, which nobody frees again.
    """
    own, busy = tuple(own), tuple(busy)
    windows: list[Slot] = []
    besides: list[Slot] = []
    for window in union(released):
        frees_a_shift = any(window[0] < end and start < window[1] for start, end in own)
        (windows if frees_a_shift else besides).append(window)
    freed = minus(windows, busy)
    return OwnTime((*minus(own, windows), *freed, *busy), freed, tuple(besides))
