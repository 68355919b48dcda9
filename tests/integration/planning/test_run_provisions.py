"""What a place provides, where a team goes and whose file is ready are rules of the solve, and told without a need."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from exchange.kernel.db import now_of
from exchange.loans.models import StaffLoan
from exchange.planning.lanes import Lane
from exchange.planning.models import MatchRun
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.reference.code_lists import NeedCode, Provision
from exchange.staffing.commands import ShiftAsked
from exchange.staffing.models import LoanVolunteer
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import BRIVES, LE_PUY, a_facility, an_operator
from tests.factories.situations import a_situation
from tests.factories.staffing import a_need, a_volunteer, stated
from tests.integration.planning.territory import Territory, proposals, run


async def unmet_codes(territory: Territory) -> dict[str, int]:
    """Why the last run left something without an answer."""
    async with territory.db.read(territory.community_id) as reader:
        plan = await reader.scalar(select(MatchRun.plan).order_by(MatchRun.started_at.desc()).limit(1))
    assert plan is not None
    return {reason["code"]: reason["count"] for item in plan["unmet"] for reason in item["reasons"]}


@pytest.mark.parametrize(
    ("provides", "serves"),
    [
        ((Provision.AWAKE_NIGHT,), True),
        ((Provision.AWAKE_NIGHT, Provision.HOIST), True),
        ((Provision.SLEEP_IN_NIGHT,), False),
        ((), False),
    ],
)
async def test_a_night_is_served_where_somebody_is_awake(
    territory: Territory, solver: SolverProcess, provides: tuple[Provision, ...], *, serves: bool
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, provides=provides)
        needs = (NeedCode.INTELLECTUAL_DISABILITY, NeedCode.NIGHT_WAKING)
        await a_situation(tx, need_codes=needs, blocks=((await tomorrow_night(tx),),))
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert bool(await proposals(territory)) is serves
    assert await unmet_codes(territory) == ({} if serves else {"provision": 1})


async def test_a_day_asks_for_nobody_awake_at_night(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, provides=())
        needs = (NeedCode.INTELLECTUAL_DISABILITY, NeedCode.NIGHT_WAKING)
        await a_situation(tx, need_codes=needs, blocks=((await tomorrow_night(tx) - 1,),))
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert len(await proposals(territory)) == 1


async def test_the_file_tells_no_need_beside_a_person(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, provides=(Provision.TUBE_FEEDING_TRAINED, Provision.HOIST))
        await a_situation(tx, need_codes=(NeedCode.INTELLECTUAL_DISABILITY, NeedCode.TUBE_FEEDING))
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        problem, plan = (await reader.execute(select(MatchRun.problem, MatchRun.plan))).one()
    told = json.dumps([problem, plan])
    assert problem["situations"][0]["needs"]
    assert [code for code in (*Provision, *NeedCode) if f'"{code.value}"' in told] == []


@pytest.mark.parametrize(("zone", "serves"), [(BRIVES, True), (LE_PUY, False)])
async def test_a_team_without_beds_goes_where_it_goes_and_however_far(
    territory: Territory, solver: SolverProcess, zone: str, *, serves: bool
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        team = await an_offer(
            tx, territory.facility_id, kind="caseload", care_mode="home_support", zone_communes=(zone,)
        )
        await an_offer(tx, await a_facility(tx))
        await a_situation(tx, care_mode="home_support", commune_code=BRIVES, max_travel_minutes=5)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert [line.offer_id for line in await proposals(territory)] == ([team] if serves else [])
    assert await unmet_codes(territory) == ({} if serves else {"care-mode": 1, "zone": 1})


async def test_a_file_that_is_not_ready_is_counted_as_such(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        await tx.execute(update(LoanVolunteer).values(ready_until=None))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await unmet_codes(territory) == {"file-not-ready": 1}


async def lent(territory: Territory, solver: SolverProcess, *, releases: bool) -> bool:
    """Whether somebody at work from the 22nd hour to the 34th is lent from the 24th to the 32nd."""
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        work = now + timedelta(hours=23), now + timedelta(hours=33)
        await stated(tx, lender, volunteer_id, "own_shift", *work)
        if releases:
            window = now + timedelta(hours=22), now + timedelta(hours=34)
            await stated(tx, lender, volunteer_id, "released", *window)
        await a_need(
            tx,
            territory.facility_id,
            shifts=(ShiftAsked(now + timedelta(hours=24), now + timedelta(hours=32)),),
        )
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        return bool((await reader.scalars(select(StaffLoan.id))).all())


@pytest.mark.parametrize("releases", [True, False])
async def test_working_time_is_lent_where_the_employer_frees_it(
    territory: Territory, solver: SolverProcess, *, releases: bool
) -> None:
    assert await lent(territory, solver, releases=releases) is releases
