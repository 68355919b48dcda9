"""What a volunteer's week says of each date, in instants. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from exchange.kernel.errors import InvalidValue
from exchange.kernel.periods import WEEKS_AHEAD, wall_period
from exchange.staffing.inputs import Period
from exchange.staffing.rules import FARTHEST_START, LONGEST_SHIFT, TimeKind, cut_out
from exchange.staffing.values import check_between, check_count, code_of
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours

MOST_HOURS = 42
"""Two spells a day of each kind."""

DAY_MINUTES = 24 * 60
_DAY = timedelta(days=1)

Excepted = frozenset[tuple[TimeKind, date]]
"""A kind of time and a date on which the week does not count for it."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One line of a week. `weekday`: 0 is Monday; `ends` not later than `starts` is the next day."""

    kind: TimeKind
    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class VolunteerWeek:
    """The spells of each week from `first` to `last`, both included, no end where there is no `last`."""

    spells: tuple[Spell, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class AwayRun:
    """Consecutive dates on which the same kinds of time do not count; both included."""

    first: date
    last: date
    kinds: tuple[TimeKind, ...]


def check_week(form: SetVolunteerWeek, today: date) -> VolunteerWeek:
    """Return the week that a form sets. Raises `InvalidValue` (`hours`, `first`, `last`)."""
    check_count(form.hours, 1, MOST_HOURS, "hours")
    spells = tuple(sorted((_spell(each) for each in form.hours), key=_place))
    for kind in TimeKind:
        _check_apart([spell for spell in spells if spell.kind is kind])
    if form.last is not None and form.last < form.first:
        raise InvalidValue(field="last", rule="ends-before-start")
    if form.last is not None and form.last < today:
        raise InvalidValue(field="last", rule="in-the-past")
    if form.first > today + FARTHEST_START:
        raise InvalidValue(field="first", rule="too-far")
    return VolunteerWeek(spells, form.first, form.last)


def check_away(form: DatesAway, today: date) -> tuple[date, ...]:
    """Return the dates of an absence that are not over. Raises `InvalidValue` (`last`)."""
    if form.last < form.first:
        raise InvalidValue(field="last", rule="ends-before-start")
    if form.last < today:
        raise InvalidValue(field="last", rule="in-the-past")
    if form.last > today + FARTHEST_START:
        raise InvalidValue(field="last", rule="too-far")
    first = max(form.first, today)
    return tuple(first + offset * _DAY for offset in range((form.last - first).days + 1))


def _spell(hours: WeeklyHours) -> Spell:
    kind = code_of(TimeKind, hours.kind, "hours")
    check_between(hours.weekday, 0, 6, "hours")
    spell = Spell(kind, hours.weekday, hours.starts, hours.ends)
    if kind is not TimeKind.AVAILABLE and _length(spell) > LONGEST_SHIFT:
        raise InvalidValue(field="hours", rule="too-long", most=int(LONGEST_SHIFT.total_seconds()) // 3600)
    return spell


def _check_apart(spells: list[Spell]) -> None:
    """Refuse two spells of one kind that overlap on the wall, the week turning from Sunday to Monday."""
    if not spells:
        return
    bounds = [(_place(spell), _place(spell) + _length(spell)) for spell in spells]
    first, _ = bounds[0]
    for (_, end), (start, _) in pairwise([*bounds, (first + 7 * _DAY, first + 7 * _DAY)]):
        if start < end:
            raise InvalidValue(field="hours", rule="overlap")


def _place(spell: Spell) -> timedelta:
    return timedelta(days=spell.weekday, hours=spell.starts.hour, minutes=spell.starts.minute)


def _length(spell: Spell) -> timedelta:
    minutes = (spell.ends.hour - spell.starts.hour) * 60 + spell.ends.minute - spell.starts.minute
    return timedelta(minutes=minutes if minutes > 0 else minutes + DAY_MINUTES)


def dated(week: VolunteerWeek, kind: TimeKind, dates: Iterable[date], zone: ZoneInfo) -> Iterator[tuple[date, Period]]:
    """Yield what a week says of dates, ascending, exceptions aside: the date that each spell starts on, and when it is.

    Wall hours: the same spell lasts an hour less or more in the nights when clocks change; one that the change leaves
    without a minute is not. Spells that are apart on the wall are apart in time.
    """
    for on in dates:
        if on < week.first or (week.last is not None and on > week.last):
            continue
        for spell in week.spells:
            if spell.kind is kind and spell.weekday == on.weekday():
                starts_at, ends_at = wall_period(on, spell.starts, spell.ends, zone)
                if starts_at < ends_at:
                    yield on, Period(starts_at, ends_at)


def unrolled(
    week: VolunteerWeek,
    excepted: Excepted,
    fixed: Mapping[TimeKind, Collection[Period]],
    dates: Collection[date],
    now: datetime,
    zone: ZoneInfo,
) -> dict[TimeKind, tuple[Period, ...]]:
    """Return the times that a week opens on dates, by kind, ascending and disjoint, none that has begun.

    `fixed`: what was stated by hand or has begun, by kind, around which the week is cut. Nobody is available during an
    own shift, whoever said so.
    """
    told = {
        kind: cut_out(
            (period for on, period in dated(week, kind, dates, zone) if (kind, on) not in excepted),
            fixed.get(kind, ()),
        )
        for kind in TimeKind
    }
    working = (*told[TimeKind.OWN_SHIFT], *fixed.get(TimeKind.OWN_SHIFT, ()))
    told[TimeKind.AVAILABLE] = cut_out(told[TimeKind.AVAILABLE], working)
    return {kind: tuple(each for each in periods if each.starts_at > now) for kind, periods in told.items()}


def dates_ahead(now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the dates over which a week is unrolled: eight weeks from today's on."""
    today = now.astimezone(zone).date()
    return tuple(today + offset * _DAY for offset in range(7 * WEEKS_AHEAD))


def runs_of(excepted: Excepted) -> tuple[AwayRun, ...]:
    """Return exceptions as people say them: runs of dates that are alike, by first date."""
    kinds_on = {on: tuple(kind for kind in TimeKind if (kind, on) in excepted) for _, on in excepted}
    runs: list[AwayRun] = []
    for on, kinds in sorted(kinds_on.items()):
        if runs and runs[-1].kinds == kinds and runs[-1].last + _DAY == on:
            runs[-1] = AwayRun(runs[-1].first, on, kinds)
        else:
            runs.append(AwayRun(on, on, kinds))
    return tuple(runs)
