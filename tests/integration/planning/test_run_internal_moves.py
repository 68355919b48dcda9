"""Runs that propose somebody of the same association, before anybody is lent by another one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.kernel.db import now_of
from exchange.loans.models import StaffLoan
from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.staffing.models import LoanVolunteer
from tests.factories.ground import YSSINGEAUX, a_facility, an_operator
from tests.factories.staffing import a_need, a_volunteer, stated
from tests.integration.planning.territory import Territory, run


async def somebody_free(territory: Territory, facility_id: UUID, **over: object) -> UUID:
    """A volunteer of a site, free for the need of these tests."""
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        volunteer_id = await a_volunteer(tx, facility_id, **over)
        await stated(tx, facility_id, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
    return volunteer_id


async def proposed(territory: Territory) -> list[StaffLoan]:
    async with territory.db.read(territory.community_id) as reader:
        return list(await reader.scalars(select(StaffLoan).where(StaffLoan.state == "proposed")))


@pytest.mark.parametrize("is_public", [False, True], ids=["private", "public"])
async def test_a_colleague_of_another_site_is_proposed_before_a_nearer_person_of_another_association(
    territory: Territory, solver: SolverProcess, *, is_public: bool
) -> None:
    """Nor does the move ask for a loan file, or for an employer whose staff may be lent."""
    async with territory.db.write(territory.community_id) as tx:
        association = await an_operator(tx, is_public=is_public)
        asks, lends = [await a_facility(tx, operator_id=association) for _ in range(2)]
        neighbour = await a_facility(tx, operator_id=await an_operator(tx))
    colleague = await somebody_free(territory, lends, commune_code=YSSINGEAUX, max_travel_minutes=120, ready_until=None)
    await somebody_free(territory, neighbour)
    async with territory.db.write(territory.community_id) as tx:
        await a_need(tx, asks)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    (line,) = await proposed(territory)
    assert (line.volunteer_id, line.kind) == (colleague, "internal_move")
    assert {"code": "internal_move"} in line.reasons
    # The next run, which sees it among the open proposals, leaves it where it is.
    await territory.due_now()
    async with territory.db.write(territory.community_id) as tx:
        await a_need(tx, neighbour)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert colleague in {each.volunteer_id for each in await proposed(territory)}


async def test_nobody_moves_to_their_own_site(territory: Territory, solver: SolverProcess) -> None:
    await somebody_free(territory, territory.facility_id)
    async with territory.db.write(territory.community_id) as tx:
        await a_need(tx, territory.facility_id)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert await proposed(territory) == []


@pytest.mark.parametrize("obstacle", ["public", "file not ready"])
async def test_another_association_gets_a_person_by_a_loan_alone(
    territory: Territory, solver: SolverProcess, obstacle: str
) -> None:
    """A sister site that asks too lets the colleague into the problem; they still serve nobody else."""
    async with territory.db.write(territory.community_id) as tx:
        association = await an_operator(tx, is_public=obstacle == "public")
        sister, lends = [await a_facility(tx, operator_id=association) for _ in range(2)]
    colleague = await somebody_free(territory, lends)
    async with territory.db.write(territory.community_id) as tx:
        if obstacle == "file not ready":
            (await tx.get_one(LoanVolunteer, colleague)).ready_until = None
        await a_need(tx, sister, qualifications_any=("nurse",))
        await a_need(tx, territory.facility_id)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert await proposed(territory) == []
