"""Writing a volunteer's week, confirming it, and the dates on which it does not count."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor
from exchange.kernel.periods import local_instant, next_extension
from exchange.kernel.record import record
from exchange.kernel.versions import bump, require_seen
from exchange.organisations import queries as organisations
from exchange.staffing.commands import lock_volunteer
from exchange.staffing.errors import NoVolunteerWeek
from exchange.staffing.models import LoanVolunteer, VolunteerTime
from exchange.staffing.policies import require_times_of
from exchange.staffing.rules import TimeKind
from exchange.staffing.weeks.events import VolunteerWeekChanged, VolunteerWeekConfirmed, VolunteerWeekExtended
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek
from exchange.staffing.weeks.models import VolunteerPattern, VolunteerPatternException, VolunteerPatternHour
from exchange.staffing.weeks.rules import Spell, check_away, check_week
from exchange.staffing.weeks.unrolling import Followed, except_dates, follow_week, week_of

__all__ = ["confirm_week", "end_week", "extend_week", "say_away", "say_back", "set_week"]

_DAY = timedelta(days=1)


async def set_week(tx: AsyncSession, actor: Actor, form: SetVolunteerWeek, now: datetime) -> None:
    """State a volunteer's hours of each week; it is the word of whoever says it, fresh as any other.

    What was stated by hand, what has begun and what a loan promises stay as they are. Raises `NotFound`,
    `ActForbidden`, `InvalidValue`.
    """
    volunteer = await lock_volunteer(tx, form.volunteer_id)
    require_times_of(actor, volunteer.id, volunteer.facility_id, TimeKind.AVAILABLE)
    require_seen(tx, volunteer)
    zone = await organisations.zone(tx)
    week = check_week(form, now.astimezone(zone).date())
    row = await tx.get(VolunteerPattern, volunteer.id, populate_existing=True)
    known = () if row is None else (await week_of(tx, row)).spells
    changed = {kind for kind in TimeKind if _of(kind, known) != _of(kind, week.spells)}
    for kind in sorted(changed):
        require_times_of(actor, volunteer.id, volunteer.facility_id, kind)
    row = row or VolunteerPattern(volunteer_id=volunteer.id, extend_at=now)
    row.during = Range(week.first, None if week.last is None else week.last + _DAY, bounds="[)")
    row.attested_at, row.fresh_until = now, await _fresh_until(tx, now)
    tx.add(row)
    await tx.flush()
    await _write_hours(tx, volunteer.id, week.spells)
    await _follow(tx, actor, volunteer, row, "set", now)


async def confirm_week(tx: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> datetime:
    """Say that nothing has changed; return until when it is fresh. Raises as `set_week`, and `NoVolunteerWeek`."""
    volunteer, row = await _own_week(tx, actor, volunteer_id)
    was_stale = row.fresh_until <= now
    row.attested_at, row.fresh_until = now, await _fresh_until(tx, now)
    fact = VolunteerWeekConfirmed(
        subject_id=volunteer.id,
        facility_id=volunteer.facility_id,
        fresh_until=row.fresh_until,
        was_stale=was_stale,
    )
    await record(tx, actor, fact, now)
    return row.fresh_until


async def say_away(tx: AsyncSession, actor: Actor, form: DatesAway, now: datetime) -> None:
    """Say that somebody is not there on dates: nothing that starts on them counts, stated by hand or by the week.

    A night bears the date of its evening. What has begun, and what a loan promises, stays. Raises as `confirm_week`.
    """
    volunteer, row = await _own_week(tx, actor, form.volunteer_id)
    zone = await organisations.zone(tx)
    dates = check_away(form, now.astimezone(zone).date())
    await except_dates(tx, volunteer.id, {(kind, on) for kind in TimeKind for on in dates})
    starts_at, ends_at = local_instant(dates[0], time(0), zone), local_instant(dates[-1] + _DAY, time(0), zone)
    gone = await tx.execute(
        delete(VolunteerTime)
        .where(
            VolunteerTime.volunteer_id == volunteer.id,
            func.lower(VolunteerTime.slot) >= starts_at,
            func.lower(VolunteerTime.slot) < ends_at,
            func.lower(VolunteerTime.slot) > now,
        )
        .returning(VolunteerTime.id)
    )
    await _follow(tx, actor, volunteer, row, "away", now, already_withdrawn=len(gone.all()))


async def say_back(tx: AsyncSession, actor: Actor, form: DatesAway, now: datetime) -> None:
    """Let dates follow the week again. Raises as `confirm_week`."""
    volunteer, row = await _own_week(tx, actor, form.volunteer_id)
    zone = await organisations.zone(tx)
    dates = check_away(form, now.astimezone(zone).date())
    await tx.execute(
        delete(VolunteerPatternException).where(
            VolunteerPatternException.volunteer_id == volunteer.id,
            VolunteerPatternException.on_date.between(dates[0], dates[-1]),
        )
    )
    await _follow(tx, actor, volunteer, row, "back", now)


async def end_week(tx: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> None:
    """Forget the week: its times that have not begun go with it, what was stated by hand stays. Raises as
    `confirm_week`."""
    volunteer, row = await _own_week(tx, actor, volunteer_id)
    await tx.delete(row)
    await tx.flush()
    await _follow(tx, actor, volunteer, None, "end", now)


async def extend_week(tx: AsyncSession, actor: Actor, volunteer_id: UUID, now: datetime) -> None:
    """State what a week says further ahead, as far as it is from now, however long nobody did.

    Repeatable: once done, nothing is due before the next date. Without a week, its clock ends. Attests nothing.
    """
    volunteer = await lock_volunteer(tx, volunteer_id)
    row = await tx.get(VolunteerPattern, volunteer_id, populate_existing=True)
    if row is None or row.extend_at > now:
        return
    followed = await follow_week(tx, volunteer_id, now)
    if followed.may_break:
        volunteer.terms_version += 1
    row.extend_at = next_extension(now, await organisations.zone(tx))
    fact = VolunteerWeekExtended(
        subject_id=volunteer_id,
        facility_id=volunteer.facility_id,
        stated=followed.stated,
        extend_at=row.extend_at,
    )
    await record(tx, actor, fact, now)


async def _own_week(tx: AsyncSession, actor: Actor, volunteer_id: UUID) -> tuple[LoanVolunteer, VolunteerPattern]:
    """Lock a volunteer for who may speak of all that a week holds."""
    volunteer = await lock_volunteer(tx, volunteer_id)
    row = await tx.get(VolunteerPattern, volunteer_id, populate_existing=True)
    kinds = {TimeKind.AVAILABLE} if row is None else {spell.kind for spell in (await week_of(tx, row)).spells}
    for kind in sorted(kinds):
        require_times_of(actor, volunteer.id, volunteer.facility_id, kind)
    require_seen(tx, volunteer)
    if row is None:
        raise NoVolunteerWeek
    return volunteer, row


async def _write_hours(tx: AsyncSession, volunteer_id: UUID, spells: tuple[Spell, ...]) -> None:
    await tx.execute(delete(VolunteerPatternHour).where(VolunteerPatternHour.volunteer_id == volunteer_id))
    tx.add_all(
        VolunteerPatternHour(
            volunteer_id=volunteer_id,
            kind=spell.kind.value,
            weekday=spell.weekday,
            from_minute=spell.starts.hour * 60 + spell.starts.minute,
            until_minute=spell.ends.hour * 60 + spell.ends.minute,
        )
        for spell in spells
    )
    await tx.flush()


async def _follow(
    tx: AsyncSession,
    actor: Actor,
    volunteer: LoanVolunteer,
    row: VolunteerPattern | None,
    act: str,
    now: datetime,
    already_withdrawn: int = 0,
) -> None:
    """Unroll what an act leaves of a week, start its clock where none runs, and tell it."""
    followed = await follow_week(tx, volunteer.id, now)
    followed = Followed(followed.stated, followed.withdrawn + already_withdrawn, followed.shifts)
    if followed.may_break:
        volunteer.terms_version += 1
    bump(volunteer)
    starts = row is not None and row.extend_at <= now
    if row is not None and starts:
        row.extend_at = next_extension(now, await organisations.zone(tx))
    fact = VolunteerWeekChanged(
        subject_id=volunteer.id,
        facility_id=volunteer.facility_id,
        act=act,
        stated=followed.stated,
        withdrawn=followed.withdrawn,
        extend_at=row.extend_at if row is not None and starts else None,
    )
    await record(tx, actor, fact, now)


async def _fresh_until(tx: AsyncSession, now: datetime) -> datetime:
    return now + timedelta(days=(await organisations.parameters(tx)).staff_fresh_days)


def _of(kind: TimeKind, spells: tuple[Spell, ...]) -> tuple[Spell, ...]:
    return tuple(spell for spell in spells if spell.kind is kind)
