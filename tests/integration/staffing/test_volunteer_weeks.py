"""A volunteer's week, on a real database."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.journals import Event, OutboxRow
from exchange.kernel.periods import local_instant
from exchange.organisations import queries as organisations
from exchange.planning.load_ground import load_ground
from exchange.reactions import reactions
from exchange.staffing.commands import Period, StateTimes, WithdrawTimes, state_times, withdraw_times
from exchange.staffing.errors import NoVolunteerWeek
from exchange.staffing.models import LoanVolunteer, VolunteerTime
from exchange.staffing.rules import TimeKind, overlaps
from exchange.staffing.weeks import queries
from exchange.staffing.weeks.commands import confirm_week, end_week, extend_week, say_away, say_back, set_week
from exchange.staffing.weeks.inputs import DatesAway, SetVolunteerWeek, WeeklyHours
from exchange.staffing.weeks.models import VolunteerPattern, VolunteerPatternException
from exchange.staffing.weeks.unrolling import follow_week
from migrations.metadata import METADATA
from tests.factories.ground import a_facility, a_ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_volunteer, speaker_for, stated
from tests.servers import FreshDatabase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTS = tuple(WeeklyHours("available", weekday, time(21), time(7)) for weekday in range(7))
OFFICE = tuple(WeeklyHours("own_shift", weekday, time(9), time(16, 30)) for weekday in range(5))


async def today_of(tx: AsyncSession) -> date:
    return now_of(tx).astimezone(await organisations.zone(tx)).date()


async def at(tx: AsyncSession, days: int, hour: int) -> datetime:
    return local_instant(await today_of(tx) + days * DAY, time(hour), await organisations.zone(tx))


async def somebody(tx: AsyncSession, hours: tuple[WeeklyHours, ...] = NIGHTS, **over: Any) -> tuple[Actor, UUID]:
    """An employer and one of its volunteers, whose week is set from today on."""
    facility_id = await a_facility(tx)
    speaker, volunteer_id = await speaker_for(tx, facility_id), await a_volunteer(tx, facility_id)
    form = {"hours": hours, "first": await today_of(tx), "last": None, **over}
    await set_week(tx, speaker, SetVolunteerWeek(volunteer_id=volunteer_id, **form), now_of(tx))
    return speaker, volunteer_id


async def times(tx: AsyncSession, volunteer_id: UUID, kind: str = "available") -> list[tuple[datetime, datetime]]:
    rows = await tx.scalars(
        select(VolunteerTime.slot)
        .where(VolunteerTime.volunteer_id == volunteer_id, VolunteerTime.kind == kind)
        .order_by(func.lower(VolunteerTime.slot))
    )
    return [(slot.lower, slot.upper) for slot in rows if slot.lower and slot.upper]


async def terms(tx: AsyncSession, volunteer_id: UUID) -> int:
    found = await tx.scalar(select(LoanVolunteer.terms_version).where(LoanVolunteer.id == volunteer_id))
    assert found is not None
    return found


async def nights(tx: AsyncSession, first: int, last: int) -> list[tuple[datetime, datetime]]:
    return [(await at(tx, day, 21), await at(tx, day + 1, 7)) for day in range(first, last + 1)]


async def test_a_week_states_eight_weeks_of_ordinary_times(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        _, volunteer_id = await somebody(tx)
        found = await times(tx, volunteer_id)
        assert found == [each for each in await nights(tx, 0, 55) if each[0] > now_of(tx)]
        assert await tx.scalar(select(func.count()).where(VolunteerTime.is_weekly.is_(False))) == 0


async def test_work_wins_over_availability_whoever_said_it_first(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        whole_days = tuple(WeeklyHours("available", weekday, time(0), time(0)) for weekday in range(7))
        speaker, volunteer_id = await somebody(tx, (*whole_days, WeeklyHours("own_shift", 2, time(9), time(17))))
        before = await terms(tx, volunteer_id)
        shift = (await at(tx, 9, 22), await at(tx, 10, 6))
        await state_times(tx, speaker, StateTimes(volunteer_id, "own_shift", (Period(*shift),)), now_of(tx))
        assert await terms(tx, volunteer_id) == before + 1
        work = [Period(*each) for each in await times(tx, volunteer_id, "own_shift")]
        assert len(work) in (8, 9)
        free = [Period(*each) for each in await times(tx, volunteer_id)]
        assert not any(overlaps(one, other) for one in free for other in work)
        assert Period(await at(tx, 9, 0), shift[0]).ends_at in {each.ends_at for each in free}


async def test_twice_is_once_and_the_clock_catches_up_after_an_outage(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        tx.info["reactions"] = reactions
        speaker, volunteer_id = await somebody(tx)
        system = Actor.system(speaker.community_id)
        due = await tx.scalar(select(OutboxRow.due_at).where(OutboxRow.job == "staffing.extend_week"))
        assert due is not None
        assert now_of(tx) < due <= now_of(tx) + DAY
        found = await times(tx, volunteer_id)
        await follow_week(tx, volunteer_id, now_of(tx))
        await extend_week(tx, system, volunteer_id, now_of(tx))
        assert await times(tx, volunteer_id) == found
        before = await terms(tx, volunteer_id)
        late = now_of(tx) + 20 * DAY
        await extend_week(tx, system, volunteer_id, late)
        assert await times(tx, volunteer_id) == [*found, *await nights(tx, 56, 75)]
        assert await terms(tx, volunteer_id) == before  # more time breaks no promise
        events = await tx.scalar(select(func.count()).select_from(Event))
        await extend_week(tx, system, volunteer_id, late)
        assert await tx.scalar(select(func.count()).select_from(Event)) == events
        clocks = select(func.count()).where(OutboxRow.job == "staffing.extend_week")
        assert await tx.scalar(clocks) == 2


async def test_changing_a_week_moves_its_coming_times_and_the_terms_when_it_takes_away(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await somebody(tx)
        before, today = await terms(tx, volunteer_id), await today_of(tx)
        await set_week(tx, speaker, SetVolunteerWeek(volunteer_id, NIGHTS, today, None), now_of(tx))
        assert await terms(tx, volunteer_id) == before
        await set_week(tx, speaker, SetVolunteerWeek(volunteer_id, NIGHTS, today, today + 6 * DAY), now_of(tx))
        assert await terms(tx, volunteer_id) == before + 1
        assert await times(tx, volunteer_id) == [each for each in await nights(tx, 0, 6) if each[0] > now_of(tx)]
        await end_week(tx, speaker, volunteer_id, now_of(tx))
        assert await times(tx, volunteer_id) == []
        assert await terms(tx, volunteer_id) == before + 2


async def test_what_has_begun_and_what_was_said_by_hand_is_never_touched(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await somebody(tx)
        night = (await at(tx, 5, 21), await at(tx, 6, 7))
        by_hand = (await at(tx, 5, 18), await at(tx, 5, 23))
        await state_times(tx, speaker, StateTimes(volunteer_id, "available", (Period(*by_hand),)), now_of(tx))
        assert (by_hand[1], night[1]) in await times(tx, volunteer_id)
        later = by_hand[1] + HOUR  # the rest of the night has begun
        zone = await organisations.zone(tx)
        other = tuple(WeeklyHours("available", weekday, time(22), time(9)) for weekday in range(7))
        form = SetVolunteerWeek(volunteer_id, other, later.astimezone(zone).date(), None)
        await set_week(tx, speaker, form, later)
        found = await times(tx, volunteer_id)
        assert by_hand in found
        assert (by_hand[1], night[1]) in found
        await end_week(tx, speaker, volunteer_id, later)
        assert [each for each in await times(tx, volunteer_id) if each[0] > by_hand[0]] == [(by_hand[1], night[1])]


async def test_a_time_taken_back_by_hand_does_not_come_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await somebody(tx)
        (night,) = await nights(tx, 4, 4)
        part = Period(night[0], night[0] + 2 * HOUR)
        await withdraw_times(tx, speaker, WithdrawTimes(volunteer_id, "available", (part,)), now_of(tx))
        left = (night[0] + 2 * HOUR, night[1])
        await extend_week(tx, Actor.system(speaker.community_id), volunteer_id, now_of(tx) + 2 * DAY)
        found = await times(tx, volunteer_id)
        assert left in found
        assert night not in found
        today = await today_of(tx)
        seen = await queries.week(tx, speaker, volunteer_id, now_of(tx))
        assert seen is not None
        assert [(run.first, run.kinds) for run in seen.away] == [(today + 4 * DAY, (TimeKind.AVAILABLE,))]
        await withdraw_times(tx, speaker, WithdrawTimes(volunteer_id, "available", (Period(*left),)), now_of(tx))
        await say_back(tx, speaker, DatesAway(volunteer_id, today, today + 9 * DAY), now_of(tx))
        assert night in await times(tx, volunteer_id)


async def test_an_own_shift_stated_over_one_of_the_week_is_refused(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        days = tuple(WeeklyHours("own_shift", weekday, time(9), time(16, 30)) for weekday in range(7))
        speaker, volunteer_id = await somebody(tx, days)
        over = StateTimes(volunteer_id, "own_shift", (Period(await at(tx, 3, 16), await at(tx, 3, 20)),))
        with pytest.raises(InvalidValue) as refused:
            await state_times(tx, speaker, over, now_of(tx))
        assert refused.value.facts["rule"] == "overlap"


async def test_somebody_away_is_there_for_nothing_until_back(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_days = tuple(WeeklyHours("own_shift", weekday, time(9), time(16, 30)) for weekday in range(7))
        speaker, volunteer_id = await somebody(tx, (*NIGHTS, *facility_days))
        (facility_id,) = speaker.facility_ids
        await stated(tx, facility_id, volunteer_id, "released", await at(tx, 4, 9), await at(tx, 4, 12))
        before, today = await terms(tx, volunteer_id), await today_of(tx)
        away = DatesAway(volunteer_id, today + 3 * DAY, today + 5 * DAY)
        await say_away(tx, speaker, away, now_of(tx))
        assert await terms(tx, volunteer_id) == before + 1
        span = Period(await at(tx, 3, 7), await at(tx, 6, 0))
        for kind in TimeKind:
            assert [each for each in await times(tx, volunteer_id, kind) if overlaps(Period(*each), span)] == []
        assert (await nights(tx, 2, 2))[0] in await times(tx, volunteer_id)  # the night before bears its evening's date
        await say_back(tx, speaker, away, now_of(tx))
        assert set(await nights(tx, 3, 5)) <= set(await times(tx, volunteer_id))
        assert await times(tx, volunteer_id, "released") == []
        assert await tx.scalar(select(func.count()).select_from(VolunteerPatternException)) == 0


def test_no_column_holds_why_somebody_is_away() -> None:
    columns = {column.name for column in METADATA.tables["volunteer_pattern_exceptions"].columns}
    assert columns == {"community_id", "volunteer_id", "kind", "on_date"}


async def test_a_week_nobody_confirms_is_not_proposed_and_one_tap_brings_it_back(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        days = tuple(WeeklyHours("own_shift", weekday, time(9), time(16, 30)) for weekday in range(7))
        speaker, volunteer_id = await somebody(tx, (*NIGHTS, *days))
        by_hand = (await at(tx, 6, 17), await at(tx, 6, 20))
        await state_times(tx, speaker, StateTimes(volunteer_id, "available", (Period(*by_hand),)), now_of(tx))
        seen = (await load_ground(tx, community_id)).volunteers[volunteer_id]
        assert len(seen.free) >= 56
        row = await tx.get_one(VolunteerPattern, volunteer_id)
        assert row.fresh_until == now_of(tx) + 7 * DAY
        await tx.execute(update(VolunteerPattern).values(fresh_until=now_of(tx)))
        seen = (await load_ground(tx, community_id)).volunteers[volunteer_id]
        assert seen.free == (by_hand,)
        assert len(seen.own_shifts) >= 20  # somebody works them, confirmed or not
        view = await queries.week(tx, speaker, volunteer_id, now_of(tx))
        assert view is not None
        assert view.is_stale
        before = await times(tx, volunteer_id)
        assert await confirm_week(tx, speaker, volunteer_id, now_of(tx)) == now_of(tx) + 7 * DAY
        assert await times(tx, volunteer_id) == before
        assert len((await load_ground(tx, community_id)).volunteers[volunteer_id].free) >= 56
        facts = await tx.scalar(select(Event.facts).where(Event.kind == "volunteer_week_confirmed"))
        assert facts is not None
        assert facts["was_stale"] is True


async def test_time_going_by_attests_nothing(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await somebody(tx)
        row = await tx.get_one(VolunteerPattern, volunteer_id)
        word = (row.attested_at, row.fresh_until)
        await extend_week(tx, Actor.system(speaker.community_id), volunteer_id, now_of(tx) + 9 * DAY)
        assert (row.attested_at, row.fresh_until) == word
        assert await tx.scalar(select(func.max(VolunteerTime.stated_at))) == word[0]


async def test_who_may_say_what_of_a_week(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        speaker, volunteer_id = await somebody(tx, (*NIGHTS, *OFFICE))
        today = await today_of(tx)
        away = DatesAway(volunteer_id, today, today + DAY)
        herself = Actor(community_id, Role.LOAN_VOLUNTEER, Via.LINK, volunteer_id=volunteer_id)
        mine = SetVolunteerWeek(volunteer_id, (*NIGHTS[:3], *OFFICE), today, None)
        await set_week(tx, herself, mine, now_of(tx))  # her own availability, her work as it stood
        for hours in (NIGHTS, (*NIGHTS, *OFFICE[:4])):
            with pytest.raises(ActForbidden):
                await set_week(tx, herself, SetVolunteerWeek(volunteer_id, hours, today, None), now_of(tx))
        for actor, refusal in (
            (herself, ActForbidden),
            (await coordinating(tx, Role.COORDINATOR), ActForbidden),
            (await speaker_for(tx, await a_facility(tx)), NotFound),
        ):
            for attempt in (
                confirm_week(tx, actor, volunteer_id, now_of(tx)),
                say_away(tx, actor, away, now_of(tx)),
                say_back(tx, actor, away, now_of(tx)),
                end_week(tx, actor, volunteer_id, now_of(tx)),
            ):
                with pytest.raises(refusal):
                    await attempt
        await end_week(tx, speaker, volunteer_id, now_of(tx))
        with pytest.raises(NoVolunteerWeek):
            await confirm_week(tx, speaker, volunteer_id, now_of(tx))
        assert await queries.week(tx, speaker, volunteer_id, now_of(tx)) is None
        with pytest.raises(NotFound):
            await queries.week(tx, await speaker_for(tx, await a_facility(tx)), volunteer_id, now_of(tx))


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_acts_leaves_the_times_of_its_last_words(database: FreshDatabase, seed: int) -> None:
    """The weekly times after any acts are those that a week unrolled afresh would state: no act leaves a trace."""
    draw = random.Random(seed)
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await somebody(tx)
        today, now = await today_of(tx), now_of(tx)
        for _ in range(20):
            first = today + draw.randrange(1, 30) * DAY
            span = DatesAway(volunteer_id, first, first + draw.randrange(0, 6) * DAY)
            start = await at(tx, draw.randrange(1, 30), draw.randrange(0, 24))
            period = (Period(start, start + draw.randrange(1, 14) * HOUR),)
            kind = draw.choice(("available", "released", "own_shift"))
            spells = {
                (kind, weekday): WeeklyHours(kind, weekday, time(draw.randrange(24)), time(draw.randrange(24)))
                for kind in TimeKind
                for weekday in draw.sample(range(7), 3)
            }
            try:
                async with tx.begin_nested():
                    match draw.choice(("set", "away", "back", "state", "withdraw", "clock")):
                        case "set":
                            form = SetVolunteerWeek(volunteer_id, tuple(spells.values()), today, None)
                            await set_week(tx, speaker, form, now)
                        case "away":
                            await say_away(tx, speaker, span, now)
                        case "back":
                            await say_back(tx, speaker, span, now)
                        case "state":
                            await state_times(tx, speaker, StateTimes(volunteer_id, kind, period), now)
                        case "withdraw":
                            await withdraw_times(tx, speaker, WithdrawTimes(volunteer_id, kind, period), now)
                        case _:
                            await extend_week(tx, Actor.system(speaker.community_id), volunteer_id, now)
            except InvalidValue as refused:
                rule = refused.facts["rule"]
                if rule not in ("overlap", "too-long", "nothing-there"):
                    raise
            found = {each: await times(tx, volunteer_id, each) for each in TimeKind}
            await tx.execute(VolunteerTime.__table__.delete().where(VolunteerTime.is_weekly))  # type: ignore[attr-defined]
            await follow_week(tx, volunteer_id, now)
            assert {each: await times(tx, volunteer_id, each) for each in TimeKind} == found
            work = [Period(*each) for each in found[TimeKind.OWN_SHIFT]]
            weekly = await tx.scalars(
                select(VolunteerTime.slot).where(VolunteerTime.is_weekly, VolunteerTime.kind == "available")
            )
            free = [Period(slot.lower, slot.upper) for slot in weekly if slot.lower and slot.upper]
            assert not any(overlaps(one, other) for one in free for other in work)
