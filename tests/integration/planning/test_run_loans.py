"""Runs that lend staff, and places that a loan opens."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from exchange.availability.commands import CapacitySpan
from exchange.kernel.db import now_of
from exchange.kernel.periods import local_instant
from exchange.loans.models import LoanShift, StaffLoan
from exchange.organisations import queries as organisations
from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.planning.unmet import unmet_of_need
from exchange.staffing.commands import ShiftAsked
from exchange.staffing.models import LoanVolunteer
from tests.factories.availability import NIGHTS, an_offer, local_date
from tests.factories.ground import a_facility, an_operator
from tests.factories.rule_figures import a_figure
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, a_volunteer, need_form, shifts_of, speaker_for, stated
from tests.integration.planning.territory import Territory, proposals, run
from tests.servers import FreshDatabase


async def test_a_loan_and_the_place_that_it_opens_are_proposed_together(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now, zone = now_of(tx), await organisations.zone(tx)
        evening = local_instant(local_date(now, zone), time(22, 0), zone)
        shift = ShiftAsked(evening, evening + timedelta(hours=9))
        need = need_form(territory.facility_id, now, is_coupled=True, shifts=(shift,))
        first = local_date(now, zone)
        offer_id = await an_offer(
            tx,
            territory.facility_id,
            kind="conditional",
            coupled_need=need,
            spans=(CapacitySpan(first, first, NIGHTS, 1),),
        )
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", evening - timedelta(hours=1), evening + timedelta(hours=10))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (place,) = await proposals(territory)
    async with territory.db.read(territory.community_id) as reader:
        loan = (await reader.scalars(select(StaffLoan))).one()
    assert (place.offer_id, loan.volunteer_id, loan.state) == (offer_id, volunteer_id, "proposed")
    assert {"code": "opened_by_loan", "need_id": str(loan.need_id)} in place.reasons
    assert {"code": "opens_places", "places": 1} in loan.reasons


@pytest.mark.parametrize("obstacle", ["public employer", "file not ready", "paused", "does not wish to be asked"])
async def test_only_people_who_may_be_lent_tonight_are_proposed(
    territory: Territory, solver: SolverProcess, obstacle: str
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        public = obstacle == "public employer"
        lender = await a_facility(tx, operator_id=await an_operator(tx, is_public=public))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        changes = {
            "file not ready": {"ready_until": now - timedelta(hours=1)},
            "paused": {"paused_until": now + timedelta(days=3)},
            "does not wish to be asked": {"agrees_to_be_asked": False},
        }
        if obstacle in changes:
            await tx.execute(update(LoanVolunteer).values(**changes[obstacle]))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert list(await reader.scalars(select(StaffLoan.id))) == []


async def test_the_same_person_without_obstacle_is_proposed(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert list(await reader.scalars(select(StaffLoan.volunteer_id))) == [volunteer_id]


@pytest.mark.parametrize(("present", "is_lent"), [(2, True), (1, False)])
async def test_nobody_is_lent_to_a_shift_below_its_floor(
    territory: Territory, solver: SolverProcess, present: int, *, is_lent: bool
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        shift = ShiftAsked(now + timedelta(hours=24), now + timedelta(hours=32), 1, present, min_permanent_staff=2)
        need_id = await a_need(tx, territory.facility_id, shifts=(shift,))
        manager = await speaker_for(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert bool((await reader.scalars(select(StaffLoan.id))).all()) is is_lent
        unmet = await unmet_of_need(reader, manager, need_id, territory.facility_id)
    told = {obstacle.code for shortfall in (unmet.shortfalls if unmet else ()) for obstacle in shortfall.obstacles}
    assert ("permanent-staff" in told) is not is_lent


async def test_a_night_already_lent_and_begun_does_not_silence_the_next_one(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        begun = ShiftAsked(now - timedelta(hours=2), now + timedelta(hours=6))
        coming = ShiftAsked(now + timedelta(hours=24), now + timedelta(hours=32))
        need_id = await a_need(tx, territory.facility_id, shifts=(begun, coming))
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        first, second = [await a_volunteer(tx, lender) for _ in range(2)]
        lent = StaffLoan(
            volunteer_id=first,
            need_id=need_id,
            mission_key="begun",
            state="proposed",
            volunteer_terms_version=1,
            need_terms_version=1,
            travel_minutes=5,
            created_at=now,
        )
        tx.add(lent)
        await tx.flush()
        tx.add(
            LoanShift(
                loan_id=lent.id,
                shift_id=(await shifts_of(tx, need_id))[0],
                volunteer_id=first,
                slot_with_travel=Range(begun.starts_at, begun.ends_at),
            )
        )
        await stated(tx, lender, second, "available", coming.starts_at, coming.ends_at)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        proposed = await reader.scalars(select(StaffLoan.volunteer_id).where(StaffLoan.volunteer_id == second))
        assert list(proposed) == [second]


@pytest.mark.parametrize("side", ["lender", "host"])
@pytest.mark.parametrize(
    ("amount", "validity", "is_lent"),
    [(420, "[2020-01-01,)", False), (480, "[2020-01-01,)", True), (420, "[2020-01-01,2021-01-01)", True)],
    ids=["shorter days than the shift", "days as long", "no longer in force"],
)
async def test_the_stricter_agreement_of_lender_and_host_holds_while_in_force(
    database: FreshDatabase,
    territory: Territory,
    solver: SolverProcess,
    side: str,
    amount: int,
    validity: str,
    *,
    is_lent: bool,
) -> None:
    await a_figure(database.owner_url, "strict", "shift_minutes", amount, validity)
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx, agreement_code=code_of("lender", side)))
        host = await a_facility(tx, operator_id=await an_operator(tx, agreement_code=code_of("host", side)))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        await a_need(tx, host)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert bool((await reader.scalars(select(StaffLoan.id))).all()) is is_lent


def code_of(party: str, strict: str) -> str:
    return "strict" if party == strict else "66"


async def test_a_week_keeps_its_thirty_five_hours_of_rest(territory: Territory, solver: SolverProcess) -> None:
    """The law's weekly rest, which the file's defaults do not ask for: seven short shifts leave no such pause."""
    async with territory.db.write(territory.community_id) as tx:
        now, zone = now_of(tx), await organisations.zone(tx)
        monday = local_date(now, zone)
        monday += timedelta(days=(7 - monday.weekday()) % 7)
        mornings = [local_instant(monday + timedelta(days=day), time(9), zone) for day in range(7)]
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", mornings[0], mornings[-1] + timedelta(hours=8))
        shifts = tuple(ShiftAsked(at, at + timedelta(hours=4)) for at in mornings)
        await a_need(tx, territory.facility_id, shifts=shifts)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert len((await reader.scalars(select(LoanShift.shift_id))).all()) == 6
