"""Staff needs, their shifts and their seats, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import Database, constraint_of, now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import CardVersion, Event
from exchange.kernel.record import Card
from exchange.staffing import queries
from exchange.staffing.commands import (
    ShiftAsked,
    announce_covered,
    cancel_need,
    declare_need,
    give_back_seats,
    lock_shifts,
    take_seats,
)
from exchange.staffing.errors import NeedHasAgreedLoans, SeatsAlreadyTaken
from exchange.staffing.models import Shift, StaffNeed
from exchange.staffing.rules import NeedState
from tests.factories.ground import a_community, a_facility, a_ground, a_living_area, database_of, ground
from tests.factories.situations import coordinating
from tests.factories.staffing import a_need, need_form, shifts_of, speaker_for
from tests.servers import FreshDatabase

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def committed_need(fresh: FreshDatabase, *headcounts: int) -> tuple[Database, UUID, UUID, list[UUID]]:
    """A need with one shift per headcount, seen by every connection."""
    db = database_of(fresh)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        start = now_of(tx) + DAY
        shifts = tuple(
            ShiftAsked(start + step * DAY, start + step * DAY + 8 * HOUR, count)
            for step, count in enumerate(headcounts)
        )
        need_id = await a_need(tx, await a_facility(tx), shifts=shifts)
        return db, community_id, need_id, await shifts_of(tx, need_id)


async def test_a_declared_need_is_on_the_board_with_its_shifts_and_without_a_person(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        area_id = await a_living_area(tx, name="Velay")
        facility_id = await a_facility(tx, name="Foyer des Essais")
        need_id = await a_need(tx, facility_id, urgency=4)
        card = (await tx.execute(select(CardVersion).where(CardVersion.subject_id == need_id))).scalar_one()
        (shift,) = card.card.pop("shifts")
        assert card.card == {
            "kind": "need",
            "facility": "Foyer des Essais",
            "facility_id": str(facility_id),
            "living_area": "Velay",
            "qualifications_any": ["care_support_worker"],
            "urgency": 4,
            "is_coupled": False,
            "reason": "unplanned_absence",
            "impact": "unit_unsafe",
            "state": "open",
        }
        assert (shift["headcount"], shift["seats_agreed"]) == (1, 0)
        assert (card.living_area_id, card.facility_id) == (area_id, facility_id)


async def test_a_shift_tells_its_own_team_and_the_floor_that_it_asks_for(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        start = now_of(tx) + DAY
        below = ShiftAsked(start, start + HOUR, permanent_staff=1, min_permanent_staff=2)
        untold = ShiftAsked(start + DAY, start + DAY + HOUR)
        facility_id = await a_facility(tx)
        need_id = await a_need(tx, facility_id, shifts=(below, untold))
        view = await queries.need(tx, await speaker_for(tx, facility_id), need_id)
        told = [(1, 2), (None, None)]
        assert [(shift.permanent_staff, shift.min_permanent_staff) for shift in view.shifts] == told
        card = (await tx.scalars(select(CardVersion))).one()
        assert card.card is not None
        shown = card.card["shifts"]
        assert [(each["permanent_staff"], each["min_permanent_staff"]) for each in shown] == told


@pytest.mark.parametrize("team", [{"min_permanent_staff": 1}, {"permanent_staff": -1}], ids=["untold", "negative"])
async def test_the_database_holds_no_floor_without_its_team(database: FreshDatabase, team: dict[str, int]) -> None:
    async with a_ground(database) as (_, _, tx):
        await a_need(tx, await a_facility(tx))
        with pytest.raises(IntegrityError):
            await tx.execute(update(Shift).values(**team))


async def test_only_the_facility_asks_for_itself(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        for actor in (await speaker_for(tx, other), await coordinating(tx, Role.COORDINATOR)):
            with pytest.raises(ActForbidden):
                await declare_need(tx, actor, need_form(own, now_of(tx)), now_of(tx))
        with pytest.raises(NotFound):
            await a_need(tx, new_id())
        need_id = await a_need(tx, own)
        with pytest.raises(ActForbidden):
            await cancel_need(tx, await speaker_for(tx, other), need_id, now_of(tx))
        with pytest.raises(NotFound):
            await cancel_need(tx, await speaker_for(tx, own), new_id(), now_of(tx))


async def test_a_refused_need_leaves_nothing_behind(database: FreshDatabase) -> None:
    db = database_of(database)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        facility_id = await a_facility(tx)
        start = now_of(tx) + DAY
    too_long = (ShiftAsked(start, start + HOUR), ShiftAsked(start, start + 17 * HOUR))
    with pytest.raises(InvalidValue):
        async with db.write(community_id) as tx:
            await a_need(tx, facility_id, shifts=too_long)
    async with db.read(community_id) as reader:
        for table in (StaffNeed, Shift, Event, CardVersion):
            assert await reader.scalar(select(func.count()).select_from(table)) == 0


async def test_seats_cover_a_need_and_giving_one_back_opens_it_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        start = now_of(tx) + DAY
        shifts = (ShiftAsked(start, start + 8 * HOUR, 2), ShiftAsked(start + DAY, start + DAY + 8 * HOUR))
        facility_id = await a_facility(tx)
        need_id = await a_need(tx, facility_id, shifts=shifts)
        first, second = await shifts_of(tx, need_id)
        actor = await speaker_for(tx, facility_id)
        for taken, state in (((first,), "open"), ((second,), "open"), ((first,), "covered")):
            (card,) = await take_seats(tx, taken)
            assert card.content is not None
            assert card.content["state"] == state
        assert (await queries.need(tx, actor, need_id)).state is NeedState.COVERED
        locked = await lock_shifts(tx, (first,))
        assert (locked[first].seats_agreed, locked[first].is_covered) == (2, True)
        (card,) = await give_back_seats(tx, (first, second))
        assert card.content is not None
        assert card.content["state"] == "open"
        view = await queries.need(tx, actor, need_id)
        assert [(shift.seats_agreed, shift.is_covered) for shift in view.shifts] == [(1, False), (0, False)]


async def test_the_card_of_a_need_counts_the_seats_just_taken_even_where_its_shifts_were_read_before(
    database: FreshDatabase,
) -> None:
    db, community_id, _, (shift_id,) = await committed_need(database, 2)
    async with db.write(community_id) as tx:
        # As whoever agrees to a loan does: the shifts are in the hands of the caller already.
        held = await lock_shifts(tx, (shift_id,))
        (card,) = await take_seats(tx, held)
        (later,) = await give_back_seats(tx, held)
    assert [_seats_on(one) for one in (card, later)] == [[1], [0]]


async def test_a_full_shift_gives_no_more_seats_and_takes_none_of_the_others(database: FreshDatabase) -> None:
    db, community_id, need_id, (first, second) = await committed_need(database, 1, 1)
    async with db.write(community_id) as tx:
        await take_seats(tx, (second,))
    with pytest.raises(SeatsAlreadyTaken) as refused:
        async with db.write(community_id) as tx:
            await take_seats(tx, (first, second))
    assert refused.value.facts == {"shift_id": str(second)}
    async with db.read(community_id) as reader:
        view = await queries.need(reader, Actor.system(community_id), need_id)
    assert [shift.seats_agreed for shift in view.shifts] == [0, 1]


async def test_a_seat_nobody_took_cannot_be_given_back(database: FreshDatabase) -> None:
    db, community_id, _, shift_ids = await committed_need(database, 1)
    with pytest.raises(IntegrityError) as broken:
        async with db.write(community_id) as tx:
            await give_back_seats(tx, shift_ids)
    assert constraint_of(broken.value) == "ck_shifts_seats"


async def test_two_loans_racing_for_the_last_seat_leave_one_winner(database: FreshDatabase) -> None:
    db, community_id, need_id, shift_ids = await committed_need(database, 1)

    async def take() -> str:
        try:
            async with db.write(community_id) as tx:
                await take_seats(tx, shift_ids)
        except SeatsAlreadyTaken:
            return "refused"
        return "taken"

    assert sorted(await asyncio.gather(take(), take())) == ["refused", "taken"]
    async with db.read(community_id) as reader:
        view = await queries.need(reader, Actor.system(community_id), need_id)
    assert (view.shifts[0].seats_agreed, view.state) == (1, NeedState.COVERED)


async def test_the_last_two_seats_of_a_need_taken_at_once_cover_it(database: FreshDatabase) -> None:
    db, community_id, need_id, (first, second) = await committed_need(database, 1, 1)
    first_counted, second_waits = asyncio.Event(), asyncio.Event()

    async def take_first() -> None:
        async with db.write(community_id) as tx:
            await take_seats(tx, (first,))
            first_counted.set()
            await second_waits.wait()

    async def take_second() -> None:
        await first_counted.wait()
        async with db.write(community_id) as tx:
            taking = asyncio.ensure_future(take_seats(tx, (second,)))
            try:
                await somebody_waits_for_a_lock(db)
            finally:
                second_waits.set()
                await taking

    await asyncio.gather(take_first(), take_second())
    async with db.read(community_id) as reader:
        assert (await queries.need(reader, Actor.system(community_id), need_id)).state is NeedState.COVERED


async def somebody_waits_for_a_lock(db: Database) -> None:
    """Return once a session of the database is blocked; `TimeoutError` where none ever is."""
    async with asyncio.timeout(10):
        while True:
            async with db.read(None) as reader:
                if await reader.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    return


async def test_cancelling_takes_a_need_off_the_board_and_moves_its_terms(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await a_facility(tx), await a_facility(tx)
        need_id = await a_need(tx, own)
        actor = await speaker_for(tx, own)
        await cancel_need(tx, actor, need_id, now_of(tx))
        live = select(func.count()).where(CardVersion.subject_id == need_id, text("shown_until = 'infinity'"))
        assert await tx.scalar(live) == 0
        view = await queries.need(tx, actor, need_id)
        assert (view.state, view.terms_version) == (NeedState.CANCELLED, 2)
        assert await queries.needs(tx, actor) == ()
        with pytest.raises(NotFound):
            await queries.need(tx, await speaker_for(tx, other), need_id)
        with pytest.raises(IllegalTransition):
            await cancel_need(tx, actor, need_id, now_of(tx))


async def test_a_need_with_somebody_promised_is_not_cancelled(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        need_id = await a_need(tx, facility_id)
        await take_seats(tx, await shifts_of(tx, need_id))
        with pytest.raises(NeedHasAgreedLoans):
            await cancel_need(tx, await speaker_for(tx, facility_id), need_id, now_of(tx))


async def test_coverage_is_announced_for_covered_needs_alone(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        facility_id = await a_facility(tx)
        covered, still_open = await a_need(tx, facility_id), await a_need(tx, facility_id)
        both = [*await shifts_of(tx, covered), *await shifts_of(tx, still_open)]
        await take_seats(tx, both[:1])
        await announce_covered(tx, await speaker_for(tx, facility_id), both, now_of(tx))
        told = await tx.scalars(select(Event.subject_id).where(Event.kind == "need_covered"))
        assert list(told) == [covered]


async def test_another_community_sees_and_takes_nothing(database: FreshDatabase) -> None:
    db, here, need_id, shift_ids = await committed_need(database, 1)
    there = await a_community(db)
    async with db.write(there) as tx:
        coordinator = await coordinating(tx, Role.COORDINATOR)
        assert await queries.needs(tx, coordinator) == ()
        for attempt in (queries.need(tx, coordinator, need_id), take_seats(tx, shift_ids)):
            with pytest.raises(NotFound):
                await attempt
    async with db.read(here) as reader:
        assert len(await queries.needs(reader, Actor.system(here))) == 1


def _seats_on(card: Card) -> list[int]:
    assert card.content is not None
    shifts = card.content["shifts"]
    assert isinstance(shifts, list)
    return [shift["seats_agreed"] for shift in shifts]
