"""Repeating what was stated by hand in the last seven days: told line by line, then applied as told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.periods import local_instant, wall_shifted
from exchange.organisations import queries as organisations
from exchange.staffing.commands import lock_volunteer, state_times
from exchange.staffing.errors import TimesRepetitionChanged
from exchange.staffing.inputs import Period, StateTimes
from exchange.staffing.models import LoanVolunteer, VolunteerTime
from exchange.staffing.policies import require_times_of, visible_volunteers
from exchange.staffing.rules import TimeKind, cut_out, joined, overlaps
from exchange.staffing.values import check_between, fingerprint
from exchange.staffing.weeks.rules import Excepted
from exchange.staffing.weeks.unrolling import exceptions_from

MOST_WEEKS = 4
LAST_DAYS = 7


class Repeat(StrEnum):
    """What becomes of one line. All but `states` leave things as they are."""

    STATES = "states"
    EXISTS = "exists"
    OVERLAPS = "overlaps"
    WORKS = "works"
    AWAY = "away"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class RepeatedTime:
    """`source`: when it began in the last seven days; then the period, half-open, where it would be repeated."""

    kind: TimeKind
    source: datetime
    starts_at: datetime
    ends_at: datetime
    outcome: Repeat


@dataclass(frozen=True, slots=True)
class RepeatTimes:
    """`seen`: the fingerprint of the lines that were shown."""

    volunteer_id: UUID
    weeks: int
    seen: str


def repeated(
    stated: Mapping[TimeKind, Collection[Period]],
    known: Mapping[TimeKind, Collection[Period]],
    excepted: Excepted,
    weeks: int,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[RepeatedTime, ...]:
    """Return what each period of the last seven days would become at the same wall hours of the coming weeks.

    `stated`: by hand, in the last seven days; `known`: what is already there from now on. Ascending.
    """
    there = {kind: list(known.get(kind, ())) for kind in TimeKind}
    lines: list[RepeatedTime] = []
    # Work first: it wins over an availability repeated beside it.
    for kind in (TimeKind.OWN_SHIFT, TimeKind.RELEASED, TimeKind.AVAILABLE):
        for period in stated.get(kind, ()):
            for week in range(1, weeks + 1):
                moved = Period(
                    wall_shifted(period.starts_at, 7 * week, zone), wall_shifted(period.ends_at, 7 * week, zone)
                )
                outcome = _outcome(kind, moved, there, excepted, now, zone)
                if outcome is Repeat.STATES:
                    there[kind].append(moved)
                lines.append(RepeatedTime(kind, period.starts_at, moved.starts_at, moved.ends_at, outcome))
    return tuple(sorted(lines, key=lambda line: (line.starts_at, line.kind)))


def _outcome(
    kind: TimeKind,
    moved: Period,
    there: Mapping[TimeKind, Collection[Period]],
    excepted: Excepted,
    now: datetime,
    zone: ZoneInfo,
) -> Repeat:
    # Hours that a clock change skips are empty: nothing is left to state of them.
    if moved.starts_at <= now or moved.ends_at <= moved.starts_at:
        return Repeat.BEGUN
    if (kind, moved.starts_at.astimezone(zone).date()) in excepted:
        return Repeat.AWAY
    if not cut_out((moved,), joined(there[kind])):
        return Repeat.EXISTS
    if _meets(moved, there[kind]):
        return Repeat.OVERLAPS
    if kind is TimeKind.AVAILABLE and _meets(moved, there[TimeKind.OWN_SHIFT]):
        return Repeat.WORKS
    return Repeat.STATES


def _meets(period: Period, others: Iterable[Period]) -> bool:
    return any(overlaps(period, other) for other in others)


async def repetition(
    reader: AsyncSession, actor: Actor, volunteer_id: UUID, weeks: int, now: datetime
) -> tuple[RepeatedTime, ...]:
    """Return what repeating a volunteer's last seven days would do, line by line.

    Raises `NotFound` to whoever may not know of them, `InvalidValue` (`weeks`).
    """
    known = select(LoanVolunteer.id).where(LoanVolunteer.id == volunteer_id, visible_volunteers(actor))
    if await reader.scalar(known) is None:
        raise NotFound
    return await _lines(reader, volunteer_id, weeks, now)


async def repeat_times(tx: AsyncSession, actor: Actor, form: RepeatTimes, now: datetime) -> tuple[RepeatedTime, ...]:
    """State by hand the periods that a repetition states, and return what became of each line.

    Raises `NotFound`, `ActForbidden`, `InvalidValue` (`weeks`), and `TimesRepetitionChanged` where the lines are no
    longer those that were shown.
    """
    volunteer = await lock_volunteer(tx, form.volunteer_id)
    require_times_of(actor, volunteer.id, volunteer.facility_id, TimeKind.AVAILABLE)
    lines = await _lines(tx, volunteer.id, form.weeks, now)
    states = [line for line in lines if line.outcome is Repeat.STATES]
    if form.seen != fingerprint(lines):
        raise TimesRepetitionChanged(field="seen")
    for kind in (TimeKind.OWN_SHIFT, TimeKind.RELEASED, TimeKind.AVAILABLE):
        periods = tuple(Period(line.starts_at, line.ends_at) for line in states if line.kind is kind)
        for first in range(0, len(periods), _AT_ONCE):
            await state_times(tx, actor, StateTimes(volunteer.id, kind, periods[first : first + _AT_ONCE]), now)
    return lines


_AT_ONCE = 50
"""Fewer than one form may state."""


async def _lines(reader: AsyncSession, volunteer_id: UUID, weeks: int, now: datetime) -> tuple[RepeatedTime, ...]:
    check_between(weeks, 1, MOST_WEEKS, "weeks")
    zone = await organisations.zone(reader)
    today = now.astimezone(zone).date()
    since = local_instant(today - timedelta(days=LAST_DAYS), time(0), zone)
    until = local_instant(today, time(0), zone)
    rows = await reader.execute(
        select(VolunteerTime.kind, VolunteerTime.slot, VolunteerTime.is_weekly)
        .where(VolunteerTime.volunteer_id == volunteer_id, func.upper(VolunteerTime.slot) > since)
        .order_by(func.lower(VolunteerTime.slot))
    )
    stated: dict[TimeKind, list[Period]] = {kind: [] for kind in TimeKind}
    known: dict[TimeKind, list[Period]] = {kind: [] for kind in TimeKind}
    for kind, slot, is_weekly in rows:
        if slot.lower is None or slot.upper is None:
            continue
        period = Period(slot.lower, slot.upper)
        if since <= period.starts_at < until and not is_weekly:
            stated[TimeKind(kind)].append(period)
        if period.ends_at > now:
            known[TimeKind(kind)].append(period)
    excepted = await exceptions_from(reader, volunteer_id, date.min)
    return repeated(stated, known, excepted, weeks, now, zone)
