"""Keeping a volunteer's weekly times equal to the week; the volunteer is already locked by whoever writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.organisations import queries as organisations
from exchange.staffing.inputs import Period
from exchange.staffing.models import VolunteerTime
from exchange.staffing.rules import TimeKind, cut_out, overlaps
from exchange.staffing.weeks.models import VolunteerPattern, VolunteerPatternException, VolunteerPatternHour
from exchange.staffing.weeks.rules import Excepted, Spell, VolunteerWeek, dated, dates_ahead, unrolled

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Followed:
    """How many periods a week now states more, and less; `shifts`: how many own shifts are among the former."""

    stated: int = 0
    withdrawn: int = 0
    shifts: int = 0

    @property
    def may_break(self) -> bool:
        """Whether what was proposed may no longer hold: less time, or one more own shift."""
        return bool(self.withdrawn or self.shifts)


async def week_of(reader: AsyncSession, row: VolunteerPattern) -> VolunteerWeek:
    """Return the week that a row holds; PostgreSQL keeps its dates half-open."""
    hours = await reader.scalars(
        select(VolunteerPatternHour)
        .where(VolunteerPatternHour.volunteer_id == row.volunteer_id)
        .order_by(VolunteerPatternHour.weekday, VolunteerPatternHour.from_minute, VolunteerPatternHour.kind)
    )
    if row.during.lower is None:
        raise ValueError("a week has a first date")
    spells = tuple(
        Spell(TimeKind(each.kind), each.weekday, _wall(each.from_minute), _wall(each.until_minute)) for each in hours
    )
    return VolunteerWeek(spells, row.during.lower, None if row.during.upper is None else row.during.upper - _DAY)


async def exceptions_from(reader: AsyncSession, volunteer_id: UUID, first: date) -> Excepted:
    """Return the dates from `first` on that do not follow the week, by kind of time."""
    rows = await reader.execute(
        select(VolunteerPatternException.kind, VolunteerPatternException.on_date).where(
            VolunteerPatternException.volunteer_id == volunteer_id, VolunteerPatternException.on_date >= first
        )
    )
    return frozenset((TimeKind(row.kind), row.on_date) for row in rows)


async def follow_week(tx: AsyncSession, volunteer_id: UUID, now: datetime) -> Followed:
    """Make the weekly times that have not begun what the week says ahead; none where there is no week. Repeatable."""
    zone = await organisations.zone(tx)
    row = await tx.get(VolunteerPattern, volunteer_id, populate_existing=True)
    wanted: dict[TimeKind, tuple[Period, ...]] = {}
    if row is not None:
        excepted = await exceptions_from(tx, volunteer_id, now.astimezone(zone).date())
        fixed = await _fixed(tx, volunteer_id, now)
        wanted = unrolled(await week_of(tx, row), excepted, fixed, dates_ahead(now, zone), now, zone)
    known = await _stored(tx, volunteer_id, is_of_week(now))
    total = Followed()
    for kind in TimeKind:
        before, after = set(known[kind]), set(wanted.get(kind, ()))
        await _delete(tx, volunteer_id, kind, before - after)
        tx.add_all(
            VolunteerTime(
                volunteer_id=volunteer_id,
                kind=kind.value,
                slot=Range(period.starts_at, period.ends_at, bounds="[)"),
                stated_at=now if row is None else row.attested_at,
                is_weekly=True,
            )
            for period in sorted(after - before, key=lambda each: each.starts_at)
        )
        more, less = len(after - before), len(before - after)
        shifts = more if kind is TimeKind.OWN_SHIFT else 0
        total = Followed(total.stated + more, total.withdrawn + less, total.shifts + shifts)
    await tx.flush()
    return total


async def has_week(tx: AsyncSession, volunteer_id: UUID) -> bool:
    """Whether a volunteer has a week: without one, none of their coming times is weekly."""
    found = select(VolunteerPattern.volunteer_id).where(VolunteerPattern.volunteer_id == volunteer_id)
    return await tx.scalar(found) is not None


async def coming_of_week(tx: AsyncSession, volunteer_id: UUID, kind: TimeKind, now: datetime) -> tuple[Period, ...]:
    """Return the weekly times of a kind that have not begun."""
    return tuple((await _stored(tx, volunteer_id, is_of_week(now)))[kind])


async def make_room(
    tx: AsyncSession, volunteer_id: UUID, kind: TimeKind, stated: Collection[Period], now: datetime
) -> None:
    """Take away the weekly times that what is stated by hand overlaps; `follow_week` cuts them around it afterwards."""
    coming = await coming_of_week(tx, volunteer_id, kind, now)
    await _delete(tx, volunteer_id, kind, {each for each in coming if any(overlaps(each, other) for other in stated)})


async def except_by_hand(
    tx: AsyncSession, volunteer_id: UUID, kind: TimeKind, withdrawn: Collection[Period], now: datetime
) -> tuple[Period, ...] | None:
    """Except the dates whose weekly times lose something, and return what is left of them, to be kept by hand.

    Nothing where no weekly time is touched. A date changed by hand keeps what the hand said.
    """
    coming = await coming_of_week(tx, volunteer_id, kind, now)
    if not any(overlaps(each, gap) for each in coming for gap in withdrawn):
        return None
    row = await tx.get_one(VolunteerPattern, volunteer_id)
    zone = await organisations.zone(tx)
    spells = list(dated(await week_of(tx, row), kind, dates_ahead(now, zone), zone))
    dates = {on for on, spell in spells if any(overlaps(spell, gap) for gap in withdrawn)}
    lost = [spell for on, spell in spells if on in dates]
    touched = {each for each in coming if any(overlaps(each, spell) for spell in lost)}
    await _delete(tx, volunteer_id, kind, touched)
    await except_dates(tx, volunteer_id, {(kind, on) for on in dates})
    return cut_out(touched, withdrawn)


async def except_dates(tx: AsyncSession, volunteer_id: UUID, wanted: Iterable[tuple[TimeKind, date]]) -> None:
    """Say of dates that the week does not count for a kind of time."""
    known = await exceptions_from(tx, volunteer_id, date.min)
    tx.add_all(
        VolunteerPatternException(volunteer_id=volunteer_id, kind=kind.value, on_date=on)
        for kind, on in sorted(set(wanted) - known)
    )
    await tx.flush()


def is_of_week(now: datetime) -> ColumnElement[bool]:
    """The filter of the times that the week alone writes: weekly, and not begun."""
    return and_(VolunteerTime.is_weekly, func.lower(VolunteerTime.slot) > now)


def is_proposable(now: datetime) -> ColumnElement[bool]:
    """The filter of the times that a search may look at: all but the coming offers of a week that nobody confirmed.

    Own shifts stay: somebody works them, whether or not the week was confirmed; and what is over is over.
    """
    fresh = select(VolunteerPattern.volunteer_id).where(VolunteerPattern.fresh_until > now)
    return or_(
        VolunteerTime.is_weekly.is_(False),
        VolunteerTime.kind == TimeKind.OWN_SHIFT.value,
        func.upper(VolunteerTime.slot) <= now,
        VolunteerTime.volunteer_id.in_(fresh),
    )


async def _fixed(tx: AsyncSession, volunteer_id: UUID, now: datetime) -> dict[TimeKind, list[Period]]:
    return await _stored(tx, volunteer_id, and_(~is_of_week(now), func.upper(VolunteerTime.slot) > now))


async def _stored(tx: AsyncSession, volunteer_id: UUID, which: ColumnElement[bool]) -> dict[TimeKind, list[Period]]:
    rows = await tx.execute(
        select(VolunteerTime.kind, VolunteerTime.slot)
        .where(VolunteerTime.volunteer_id == volunteer_id, which)
        .order_by(func.lower(VolunteerTime.slot))
    )
    found: dict[TimeKind, list[Period]] = defaultdict(list)
    for kind, slot in rows:
        if slot.lower and slot.upper:
            found[TimeKind(kind)].append(Period(slot.lower, slot.upper))
    return found


async def _delete(tx: AsyncSession, volunteer_id: UUID, kind: TimeKind, periods: Collection[Period]) -> None:
    if periods:
        slots = [Range(each.starts_at, each.ends_at, bounds="[)") for each in periods]
        await tx.execute(
            delete(VolunteerTime).where(
                VolunteerTime.volunteer_id == volunteer_id,
                VolunteerTime.kind == kind.value,
                VolunteerTime.slot.in_(slots),
            )
        )


def _wall(minute: int) -> time:
    return time(minute // 60, minute % 60)
