"""Averages over weeks look back: what was worked before the horizon counts against the next loan."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.db import now_of
from exchange.kernel.periods import local_instant
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import LoanState
from exchange.planning.calendar import monday_of
from exchange.planning.lanes import Lane
from exchange.planning.past_weeks import past_week_minutes
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.staffing.models import Shift, VolunteerTime
from tests.factories.ground import ZONE, a_facility, an_operator
from tests.factories.loans import a_proposed_loan
from tests.factories.rule_figures import a_figure
from tests.factories.staffing import a_need, a_volunteer, stated
from tests.integration.planning.territory import Territory, run
from tests.servers import FreshDatabase


def this_monday(now: datetime) -> date:
    return monday_of(now.astimezone(ZONE).date())


async def worked(tx: AsyncSession, volunteer_id: UUID, on: date, *, minutes: int, kind: str = "own_shift") -> None:
    """A period from 09:00 on, as it was stated in its time."""
    starts_at = local_instant(on, time(9), ZONE)
    slot = Range(starts_at, starts_at + timedelta(minutes=minutes), bounds="[)")
    tx.add(VolunteerTime(volunteer_id=volunteer_id, kind=kind, slot=slot, stated_at=starts_at))
    await tx.flush()


async def test_own_shifts_less_what_was_released_and_loans_make_the_minutes_of_a_week(territory: Territory) -> None:
    async with territory.db.write(territory.community_id) as tx:
        monday = this_monday(now_of(tx))
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        one, idle, lent = [await a_volunteer(tx, lender) for _ in range(3)]
        await worked(tx, one, monday - timedelta(days=21), minutes=99)
        await worked(tx, one, monday - timedelta(days=14), minutes=300)
        await worked(tx, one, monday - timedelta(days=8), minutes=400)
        await worked(tx, one, monday - timedelta(days=8), minutes=150, kind="released")
        await worked(tx, one, monday - timedelta(days=7), minutes=60)
        await worked(tx, one, monday, minutes=480)
        await worked(tx, idle, monday - timedelta(days=7), minutes=480, kind="available")
        loan_id = await a_proposed_loan(tx, lent, await a_need(tx, territory.facility_id))
        await tx.execute(update(Shift).values(slot=slot_on(monday - timedelta(days=1), minutes=500)))
    async with territory.db.write(territory.community_id) as tx:
        assert await past_week_minutes(tx, ZONE, monday, 2) == {one: (550, 60)}
        found = await tx.get_one(StaffLoan, loan_id)
        found.state = LoanState.AGREED.value
        found.asked_at = found.released_at = found.consented_at = found.accepted_at = now_of(tx)
        await tx.flush()
        assert await past_week_minutes(tx, ZONE, monday, 2) == {one: (550, 60), lent: (0, 500)}
        assert await past_week_minutes(tx, ZONE, monday, 0) == {}


def slot_on(on: date, *, minutes: int) -> Range[datetime]:
    starts_at = local_instant(on, time(22), ZONE)
    return Range(starts_at, starts_at + timedelta(minutes=minutes), bounds="[)")


@pytest.mark.parametrize(("last_week", "is_lent"), [(600, True), (601, False)])
async def test_a_loan_that_would_exceed_an_average_with_past_weeks_is_not_proposed(
    database: FreshDatabase, territory: Territory, solver: SolverProcess, last_week: int, *, is_lent: bool
) -> None:
    """18 h over three weeks, with 8 h to lend: at most 10 h worked in the week before."""
    await a_figure(database.owner_url, "strict", "average_week_minutes", 360, "[2020-01-01,)")
    await a_figure(database.owner_url, "strict", "average_weeks", 3, "[2020-01-01,)")
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx, agreement_code="strict"))
        volunteer_id = await a_volunteer(tx, lender)
        await worked(tx, volunteer_id, this_monday(now) - timedelta(days=5), minutes=last_week)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert bool((await reader.scalars(select(LoanShift.shift_id))).all()) is is_lent
