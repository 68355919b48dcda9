"""The week's sheet: what it tells, that it never changes, and that its clock renews itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, NotFound
from exchange.kernel.journals import OutboxRow
from exchange.loans.rules import LoanParty
from exchange.meetings.commands.weekly import JOB, await_weekly_sheet, make_due_sheet, make_sheet
from exchange.meetings.documents import freeze
from exchange.meetings.models import Task, WeeklySheet
from exchange.meetings.queries.weekly_sheets import SheetView, sheet, sheets
from exchange.meetings.rules import week_of
from exchange.meetings.weekly_document import SheetArea, WeeklyDocument
from exchange.organisations import queries as organisations
from exchange.organisations.models import Facility
from exchange.placements.commands import confirm_arrival
from exchange.placements.inputs import ConfirmArrival
from exchange.placements.models import Placement
from exchange.reactions import reactions
from exchange.situations.commands.calls import plan_call_back
from exchange.situations.inputs_following import PlanCallBack
from exchange.situations.models import Situation
from exchange.situations.models_following import CallBack
from tests.factories.availability import from_tonight, tonight
from tests.factories.ground import BRIOUDE, a_living_area, ground
from tests.factories.loans import a_lending, agree, asked
from tests.factories.meetings import a_task, aged, as_coordinator, refused, today
from tests.factories.placements import ALL_YESES, Stage, a_stage, hold, proposed, say, the_placement
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


async def made(stage: Stage) -> UUID:
    async with stage.db.write(stage.community_id) as tx:
        return await make_sheet(tx, as_coordinator(stage.adviser), now_of(tx))


async def read(stage: Stage, sheet_id: UUID) -> SheetView:
    async with stage.db.read(stage.community_id) as reader:
        return await sheet(reader, stage.adviser, sheet_id)


def everywhere(document: WeeklyDocument, what: str) -> list[object]:
    return [line for area in document.areas for line in getattr(area, what)]


async def a_stay(stage: Stage, *, exit_in_days: int) -> UUID:
    """Somebody who arrived today and leaves that many days from now."""
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx, blocks=((await tonight(tx),),))
        await proposed(tx, situation.id, stage.house.offer_id)
    await hold(stage, situation.id)
    placement_id = await the_placement(stage, situation.id)
    await say(stage, placement_id, *ALL_YESES)
    async with stage.db.write(stage.community_id) as tx:
        exit_on = await today(tx) + timedelta(days=2)
        await confirm_arrival(tx, stage.adviser, ConfirmArrival(placement_id, exit_on), now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        leaves = await today(tx) + timedelta(days=exit_in_days)
        await tx.execute(update(Placement).where(Placement.id == placement_id).values(exit_on=leaves))
    return situation.id


async def a_stage_tonight(database: FreshDatabase) -> Stage:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        from tests.factories.availability import an_offer

        offer_id = await an_offer(tx, stage.house.facility_id, spans=await from_tonight(tx, capacity=5))
    return replace(stage, house=replace(stage.house, offer_id=offer_id))


async def test_a_sheet_tells_who_waits_who_leaves_and_what_is_late(database: FreshDatabase) -> None:
    stage = await a_stage_tonight(database)
    thrice = await refused(stage, 3)
    async with stage.db.write(stage.community_id) as tx:
        old, young = (await a_situation(tx)).id, (await a_situation(tx)).id
        await aged(tx, old, days=8)
        await aged(tx, young, days=6)
        late = await a_task(tx, stage.adviser, situation_id=young)
        await a_task(tx, stage.adviser)
        await tx.execute(update(Task).where(Task.id == late).values(due_on=await today(tx) - timedelta(days=1)))
    soon, later = await a_stay(stage, exit_in_days=7), await a_stay(stage, exit_in_days=8)
    document = (await read(stage, await made(stage))).document
    assert [line.id for line in everywhere(document, "unsolved")] == [old]  # type: ignore[attr-defined]
    assert [line.id for line in everywhere(document, "declined_often")] == [thrice]  # type: ignore[attr-defined]
    assert [line.situation_id for line in everywhere(document, "exits")] == [soon]  # type: ignore[attr-defined]
    assert [line.id for line in everywhere(document, "overdue")] == [late]  # type: ignore[attr-defined]
    assert later not in {line.situation_id for line in everywhere(document, "exits")}  # type: ignore[attr-defined]


async def test_a_loan_that_ends_within_the_week_is_on_the_sheet_of_its_host(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await agree(lending, loan_id, *LoanParty)
    async with lending.db.write(lending.community_id) as tx:
        coordinator = replace(lending.host, role=Role.COORDINATOR, facility_ids=frozenset())
        sheet_id = await make_sheet(tx, coordinator, now_of(tx))
    async with lending.db.read(lending.community_id) as reader:
        document = (await sheet(reader, coordinator, sheet_id)).document
    (line,) = everywhere(document, "loans")
    assert line.loan_id == loan_id  # type: ignore[attr-defined]
    assert "Camille" not in freeze(document).text


async def test_a_call_back_whose_hour_has_come_is_on_the_sheet(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx)
        now = now_of(tx)
        late = await plan_call_back(
            tx, stage.adviser, PlanCallBack(situation.id, "carer", now + timedelta(hours=1)), now
        )
        await plan_call_back(tx, stage.adviser, PlanCallBack(situation.id, "guardian", now + timedelta(hours=2)), now)
        await tx.execute(update(CallBack).where(CallBack.id == late).values(due_at=now - timedelta(hours=1)))
    document = (await read(stage, await made(stage))).document
    told = [(line.reference, line.party) for line in everywhere(document, "call_backs")]  # type: ignore[attr-defined]
    assert told == [(situation.reference, "carer")]


async def test_each_line_is_in_its_living_area(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        velay = await a_living_area(tx)
        lafayette = await a_living_area(tx, slug="lafayette", name="Lafayette", commune_codes=(BRIOUDE,))
    async with stage.db.write(stage.community_id) as tx:
        here = (await a_situation(tx)).id
        there = (await a_situation(tx, commune_code=BRIOUDE)).id
        nowhere = (await a_situation(tx, commune_code="43268")).id
        for situation_id in (here, there, nowhere):
            await aged(tx, situation_id, days=9)
        await tx.execute(update(Facility).values(living_area_id=lafayette))
        community = await a_task(tx, stage.adviser)
        site = await a_task(tx, stage.adviser, facility_id=stage.house.facility_id)
        await tx.execute(update(Task).values(due_on=await today(tx) - timedelta(days=1)))
    document = (await read(stage, await made(stage))).document
    by_area: dict[UUID | None, SheetArea] = {area.id: area for area in document.areas}
    assert list(by_area) == [lafayette, velay, None]
    told = {area_id: [line.id for line in area.unsolved] for area_id, area in by_area.items()}
    assert told == {lafayette: [there], velay: [here], None: [nowhere]}
    late = {area_id: [line.id for line in area.overdue] for area_id, area in by_area.items()}
    assert late == {lafayette: [site], velay: [], None: [community]}


async def test_the_same_sheet_later_is_identical(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        old = (await a_situation(tx)).id
        await aged(tx, old, days=9)
    sheet_id = await made(stage)
    before = await read(stage, sheet_id)
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(update(Situation).values(urgency=1, level=3))
        await a_task(tx, stage.adviser, weekly_sheet_id=sheet_id, situation_id=old)
    after = await read(stage, sheet_id)
    assert after == before
    # What is read back is what was frozen: its hash says so.
    assert freeze(after.document).content_hash == before.line.content_hash


async def test_the_clock_makes_one_sheet_a_week_and_asks_for_the_next_once(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    async with stage.db.write(stage.community_id) as tx:
        assert await await_weekly_sheet(tx, stage.system, now_of(tx))
        assert not await await_weekly_sheet(tx, stage.system, now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        zone = await organisations.zone(tx)
        first = await tx.scalar(select(OutboxRow.due_at).where(OutboxRow.job == JOB))
        assert first is not None
        assert first.astimezone(zone).time() == time(7)
        assert first.astimezone(zone).weekday() == 0
        for _ in range(3):
            await make_due_sheet(tx, stage.system, first)
        await tx.execute(update(OutboxRow).where(OutboxRow.due_at == first).values(done_at=first))
        weeks = list(await tx.scalars(select(WeeklySheet.week_of)))
        assert weeks == [week_of(first, zone)]
        waiting = await tx.scalars(select(OutboxRow.due_at).where(OutboxRow.job == JOB, OutboxRow.done_at.is_(None)))
        following = list(waiting)
        assert [each.astimezone(zone).date() for each in following] == [weeks[0] + timedelta(days=7)]
        await make_due_sheet(tx, stage.system, following[0])
        assert await tx.scalar(select(func.count()).select_from(WeeklySheet)) == 2


async def test_a_sheet_on_demand_stands_beside_that_of_monday(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        await make_due_sheet(tx, stage.system, now_of(tx))
    for _ in range(2):
        await made(stage)
    async with stage.db.read(stage.community_id) as reader:
        lines = await sheets(reader, stage.adviser)
    assert [line.by_clock for line in lines] == [False, False, True]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
async def test_only_a_coordinator_makes_a_sheet(database: FreshDatabase, role: Role) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        with pytest.raises(ActForbidden):
            await make_sheet(tx, replace(stage.adviser, role=role), now_of(tx))


async def test_a_sheet_is_read_by_the_coordination_of_its_community_alone(database: FreshDatabase) -> None:
    stage, other = await a_stage(database), await a_stage(database)
    sheet_id = await made(stage)
    for of, actor in (
        (stage, stage.house.manager),
        (stage, replace(stage.adviser, role=Role.OBSERVER)),
        (other, other.adviser),
    ):
        async with of.db.read(of.community_id) as reader:
            assert await sheets(reader, actor) == ()
            with pytest.raises(NotFound):
                await sheet(reader, actor, sheet_id)


def test_a_document_thawed_and_frozen_again_has_the_same_hash() -> None:
    document = WeeklyDocument("entraide-week/1", datetime(2026, 11, 30, 6, 0, 0, 123456, tzinfo=UTC),
                              datetime(2026, 11, 30, tzinfo=UTC).date(), 7, 3, ())  # fmt: skip
    from exchange.meetings.documents import thaw

    frozen = freeze(document)
    assert thaw(frozen.text, WeeklyDocument) == document
    assert freeze(thaw(frozen.text, WeeklyDocument)) == frozen
