"""Repeating a volunteer's last seven days, on a real database."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.periods import local_instant
from exchange.organisations import queries as organisations
from exchange.staffing.errors import TimesRepetitionChanged
from exchange.staffing.models import VolunteerTime
from exchange.staffing.values import fingerprint
from exchange.staffing.weeks.commands import set_week
from exchange.staffing.weeks.inputs import SetVolunteerWeek, WeeklyHours
from exchange.staffing.weeks.repetition import RepeatTimes, repeat_times, repetition
from tests.factories.ground import a_facility, a_ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_volunteer, speaker_for
from tests.servers import FreshDatabase

DAY = timedelta(days=1)


async def at(tx: AsyncSession, days: int, hour: int) -> datetime:
    zone = await organisations.zone(tx)
    return local_instant(now_of(tx).astimezone(zone).date() + days * DAY, time(hour), zone)


async def a_last_week(tx: AsyncSession) -> tuple[Actor, UUID]:
    """An own shift three days ago, an availability two days ago, and one that the week said, by nobody's hand."""
    facility_id = await a_facility(tx)
    volunteer_id = await a_volunteer(tx, facility_id)
    for kind, day, hours, is_weekly in (
        ("own_shift", -3, (9, 16), False),
        ("available", -2, (9, 18), False),
        ("available", -5, (9, 18), True),
        ("available", -8, (9, 18), False),
    ):
        slot = Range(await at(tx, day, hours[0]), await at(tx, day, hours[1]), bounds="[)")
        tx.add(
            VolunteerTime(
                volunteer_id=volunteer_id, kind=kind, slot=slot, stated_at=now_of(tx) - 9 * DAY, is_weekly=is_weekly
            )
        )
    await tx.flush()
    return await speaker_for(tx, facility_id), volunteer_id


async def confirmed(tx: AsyncSession, actor: Actor, volunteer_id: UUID, weeks: int = 1) -> list[tuple[str, str]]:
    lines = await repetition(tx, actor, volunteer_id, weeks, now_of(tx))
    done = await repeat_times(tx, actor, RepeatTimes(volunteer_id, weeks, fingerprint(lines)), now_of(tx))
    assert done == lines
    return [(line.kind.value, line.outcome.value) for line in lines]


async def coming(tx: AsyncSession, volunteer_id: UUID) -> list[tuple[str, datetime, datetime]]:
    rows = await tx.execute(
        select(VolunteerTime.kind, VolunteerTime.slot)
        .where(VolunteerTime.volunteer_id == volunteer_id, func.lower(VolunteerTime.slot) > now_of(tx))
        .order_by(func.lower(VolunteerTime.slot))
    )
    return [(kind, slot.lower, slot.upper) for kind, slot in rows if slot.lower and slot.upper]


async def test_what_was_said_by_hand_is_said_again_and_twice_is_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await a_last_week(tx)
        assert (
            await confirmed(tx, speaker, volunteer_id, weeks=2)
            == [
                ("own_shift", "states"),
                ("available", "states"),
            ]
            * 2
        )
        expected = [
            (kind, await at(tx, day, 9), await at(tx, day, until))
            for week in (0, 7)
            for kind, day, until in (("own_shift", 4 + week, 16), ("available", 5 + week, 18))
        ]
        assert await coming(tx, volunteer_id) == expected
        assert {outcome for _, outcome in await confirmed(tx, speaker, volunteer_id, weeks=2)} == {"exists"}
        assert await coming(tx, volunteer_id) == expected


async def test_a_list_that_has_changed_is_to_be_read_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await a_last_week(tx)
        seen = fingerprint(await repetition(tx, speaker, volunteer_id, 1, now_of(tx)))
        await confirmed(tx, speaker, volunteer_id)
        with pytest.raises(TimesRepetitionChanged):
            await repeat_times(tx, speaker, RepeatTimes(volunteer_id, 1, seen), now_of(tx))


async def test_the_week_s_own_hours_are_neither_repeated_nor_doubled(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        speaker, volunteer_id = await a_last_week(tx)
        zone = await organisations.zone(tx)
        today = now_of(tx).astimezone(zone).date()
        hours = tuple(WeeklyHours("available", weekday, time(8), time(20)) for weekday in range(7))
        await set_week(tx, speaker, SetVolunteerWeek(volunteer_id, hours, today, None), now_of(tx))
        before = await coming(tx, volunteer_id)
        assert await confirmed(tx, speaker, volunteer_id) == [("own_shift", "states"), ("available", "exists")]
        assert len(await coming(tx, volunteer_id)) == len(before) + 2  # the shift, and the week cut around it


async def test_who_may_repeat(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        speaker, volunteer_id = await a_last_week(tx)
        seen = fingerprint(await repetition(tx, speaker, volunteer_id, 1, now_of(tx)))
        herself = Actor(community_id, Role.LOAN_VOLUNTEER, Via.LINK, volunteer_id=volunteer_id)
        stranger = await speaker_for(tx, await a_facility(tx))
        for actor, refusal in (
            (await coordinating(tx, Role.COORDINATOR), ActForbidden),
            (herself, ActForbidden),  # her work of last week is her employer's to say
            (stranger, NotFound),
        ):
            with pytest.raises(refusal):
                await repeat_times(tx, actor, RepeatTimes(volunteer_id, 1, seen), now_of(tx))
        with pytest.raises(NotFound):
            await repetition(tx, stranger, volunteer_id, 1, now_of(tx))
        with pytest.raises(InvalidValue):
            await repetition(tx, speaker, volunteer_id, 5, now_of(tx))
