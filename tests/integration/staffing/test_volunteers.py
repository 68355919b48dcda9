"""Volunteers and their times, on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.staffing import queries
from exchange.staffing.commands import (
    Period,
    RegisterVolunteer,
    StateTimes,
    WithdrawTimes,
    register_volunteer,
    state_times,
    withdraw_times,
)
from exchange.staffing.errors import VolunteerEmailAlreadyListed
from exchange.staffing.models import LoanVolunteer, VolunteerIdentity
from exchange.staffing.rules import TimeKind
from tests.factories.ground import a_community, a_facility, a_ground, a_living_area, database_of, ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_volunteer, speaker_for, stated
from tests.servers import FreshDatabase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def times_of(tx: AsyncSession, actor: Actor, volunteer_id: UUID) -> list[tuple[str, datetime, datetime]]:
    view = await queries.volunteer(tx, actor, volunteer_id, now_of(tx))
    return [(each.kind.value, each.starts_at, each.ends_at) for each in view.times]


async def terms_of(tx: AsyncSession, volunteer_id: UUID) -> int:
    found = await tx.scalar(select(LoanVolunteer.terms_version).where(LoanVolunteer.id == volunteer_id))
    assert found is not None
    return found


async def test_a_registered_volunteer_is_known_by_name_to_the_employer_alone(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        volunteer_id = await a_volunteer(tx, own, full_name="  Camille Essai ", email="Camille@Essai.Invalid")
        employer = await queries.volunteer(tx, await speaker_for(tx, own), volunteer_id, now_of(tx))
        assert (employer.full_name, employer.email) == ("Camille Essai", "camille@essai.invalid")
        assert employer.commune_code is not None
        coordinator = await queries.volunteer(tx, await coordinating(tx, Role.COORDINATOR), volunteer_id, now_of(tx))
        assert (coordinator.full_name, coordinator.email, coordinator.commune_code) == (None, None, None)
        assert coordinator.qualifications == ("care_support_worker",)
        with pytest.raises(NotFound):
            await queries.volunteer(tx, await speaker_for(tx, other), volunteer_id, now_of(tx))
        assert await queries.volunteers(tx, await speaker_for(tx, other), now_of(tx)) == ()
        assert await queries.volunteers(tx, await coordinating(tx, Role.OBSERVER), now_of(tx)) == ()
        assert (await queries.contact_of(tx, volunteer_id)).email == "camille@essai.invalid"


async def test_nobody_registers_a_volunteer_for_a_facility_without_its_word(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        with pytest.raises(NotFound):
            await a_volunteer(tx, new_id())
        wanted = RegisterVolunteer(
            facility_id=other,
            commune_code="43157",
            qualifications=("nurse",),
            living_area_ids=(new_id(),),
            max_travel_minutes=30,
            max_loan_minutes=600,
            night12h_derogation=False,
            ready_until=None,
            full_name="Camille Essai",
            email="autre@essai.invalid",
        )
        for actor in (await speaker_for(tx, own), await coordinating(tx, Role.COORDINATOR)):
            with pytest.raises(ActForbidden):
                await register_volunteer(tx, actor, wanted, now_of(tx))


@pytest.mark.parametrize(
    ("over", "field"),
    [({"commune_code": "43999"}, "commune_code"), ({"living_area_ids": (new_id(),)}, "living_area_ids")],
)
async def test_a_refused_volunteer_leaves_nothing_behind(
    database: FreshDatabase, over: dict[str, object], field: str
) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        await a_living_area(tx)
    with pytest.raises(InvalidValue) as refused:
        async with db.write(community_id) as tx:
            await a_volunteer(tx, facility_id, **over)
    assert refused.value.field == field
    async with db.read(community_id) as reader:
        for table in (LoanVolunteer, VolunteerIdentity, Event):
            assert await reader.scalar(select(func.count()).select_from(table)) == 0


async def test_one_facility_lists_an_address_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        await a_volunteer(tx, own, email="camille@essai.invalid")
        await a_volunteer(tx, other, email="camille@essai.invalid")
        with pytest.raises(VolunteerEmailAlreadyListed):
            await a_volunteer(tx, own, email="CAMILLE@essai.invalid")


@pytest.mark.parametrize("kind", [TimeKind.AVAILABLE, TimeKind.RELEASED])
async def test_offered_times_that_overlap_or_touch_become_one(database: FreshDatabase, kind: TimeKind) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        volunteer_id = await a_volunteer(tx, facility_id)
        start = now_of(tx) + DAY
        await stated(tx, facility_id, volunteer_id, kind, start, start + 4 * HOUR)
        await stated(tx, facility_id, volunteer_id, kind, start + 8 * HOUR, start + 10 * HOUR)
        await stated(tx, facility_id, volunteer_id, kind, start + 4 * HOUR, start + 9 * HOUR)
        await stated(tx, facility_id, volunteer_id, kind, start + 12 * HOUR, start + 13 * HOUR)
        actor = await speaker_for(tx, facility_id)
        assert await times_of(tx, actor, volunteer_id) == [
            (kind, start, start + 10 * HOUR),
            (kind, start + 12 * HOUR, start + 13 * HOUR),
        ]
        assert await terms_of(tx, volunteer_id) == 1


async def test_two_own_shifts_may_touch_but_not_overlap_and_each_moves_the_terms(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        volunteer_id = await a_volunteer(tx, facility_id)
        start = now_of(tx) + DAY
        await stated(tx, facility_id, volunteer_id, "own_shift", start, start + 8 * HOUR)
        await stated(tx, facility_id, volunteer_id, "own_shift", start + 8 * HOUR, start + 9 * HOUR)
        with pytest.raises(InvalidValue) as refused:
            await stated(tx, facility_id, volunteer_id, "own_shift", start + 7 * HOUR, start + 8 * HOUR)
        assert (refused.value.field, refused.value.facts["rule"]) == ("periods", "overlap")
        assert len(await times_of(tx, await speaker_for(tx, facility_id), volunteer_id)) == 2
        assert await terms_of(tx, volunteer_id) == 3


async def test_times_of_different_kinds_live_side_by_side(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        volunteer_id = await a_volunteer(tx, facility_id)
        start = now_of(tx) + DAY
        for kind in TimeKind:
            await stated(tx, facility_id, volunteer_id, kind, start, start + 8 * HOUR)
        actor = await speaker_for(tx, facility_id)
        assert {each[0] for each in await times_of(tx, actor, volunteer_id)} == set(TimeKind)


async def test_withdrawing_cuts_a_hole_and_moves_the_terms(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        volunteer_id = await a_volunteer(tx, facility_id)
        actor, start = await speaker_for(tx, facility_id), now_of(tx) + DAY
        await stated(tx, facility_id, volunteer_id, "available", start, start + 10 * HOUR)
        hole = WithdrawTimes(volunteer_id, "available", (Period(start + 2 * HOUR, start + 3 * HOUR),))
        await withdraw_times(tx, actor, hole, now_of(tx))
        assert await times_of(tx, actor, volunteer_id) == [
            ("available", start, start + 2 * HOUR),
            ("available", start + 3 * HOUR, start + 10 * HOUR),
        ]
        assert await terms_of(tx, volunteer_id) == 2
        with pytest.raises(InvalidValue) as refused:
            await withdraw_times(tx, actor, hole, now_of(tx))
        assert refused.value.facts["rule"] == "nothing-there"


async def test_who_may_state_which_kind_of_time(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        volunteer_id = await a_volunteer(tx, own)
        on_her_link = Actor(community_id, Role.LOAN_VOLUNTEER, Via.LINK, volunteer_id=volunteer_id)
        employer = await speaker_for(tx, own)
        actors = {
            "employer": employer,
            "herself": on_her_link,
            "herself, not by her link": replace(on_her_link, via=Via.API),
            "another volunteer": replace(on_her_link, volunteer_id=new_id()),
            "another employer": await speaker_for(tx, other),
            "coordinator": await coordinating(tx, Role.COORDINATOR),
            "observer": await coordinating(tx, Role.OBSERVER),
        }
        allowed = {("employer", kind) for kind in TimeKind} | {("herself", TimeKind.AVAILABLE)}
        start = now_of(tx) + DAY
        outcomes = set()
        for name, actor in actors.items():
            for kind in TimeKind:
                times = StateTimes(volunteer_id, kind, (Period(start, start + HOUR),))
                start += 2 * HOUR
                if (name, kind) in allowed:
                    await state_times(tx, actor, times, now_of(tx))
                    continue
                with pytest.raises((ActForbidden, NotFound)) as refused:
                    await state_times(tx, actor, times, now_of(tx))
                outcomes.add((name, refused.type))
        assert outcomes == {
            ("herself", ActForbidden),
            ("herself, not by her link", NotFound),
            ("another volunteer", NotFound),
            ("another employer", NotFound),
            ("coordinator", ActForbidden),
            ("observer", NotFound),
        }
        assert await queries.volunteers(tx, on_her_link, now_of(tx)) != ()


async def test_another_community_knows_no_volunteer(database: FreshDatabase) -> None:
    db = database_of(database)
    here, there = await a_community(db), await a_community(db)
    async with ground(db, here) as tx:
        facility_id = await a_facility(tx)
        volunteer_id = await a_volunteer(tx, facility_id)
    async with db.write(there) as tx:
        foreign_word = await speaker_for(tx, facility_id)
        assert await queries.volunteers(tx, await coordinating(tx, Role.COORDINATOR), now_of(tx)) == ()
        with pytest.raises(NotFound):
            await queries.contact_of(tx, volunteer_id)
        with pytest.raises(NotFound):
            await a_volunteer(tx, facility_id)
        times = StateTimes(volunteer_id, "available", (Period(now_of(tx) + DAY, now_of(tx) + 2 * DAY),))
        with pytest.raises(NotFound):
            await state_times(tx, foreign_word, times, now_of(tx))
