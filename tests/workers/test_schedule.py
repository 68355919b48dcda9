"""The net under the clocks: what lost its row in the outbox is found again, and old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event, OutboxRow
from exchange.meetings.commands.weekly import JOB
from exchange.meetings.models import Task, WeeklySheet
from exchange.situations.commands import check_situation
from exchange.situations.models import Situation
from tests.factories.meetings import a_task, today
from tests.factories.situations import a_situation
from tests.workers.workshop import Workshop
from workers.outbox_row import run_row
from workers.schedule import KEPT_AFTER_DONE, LATE, sweep


async def a_late_situation(workshop: Workshop, late: timedelta) -> UUID:
    """A situation whose check is due since `late`, and whose clock was lost."""
    async with workshop.stage.db.write(workshop.stage.community_id) as tx:
        received = await a_situation(tx)
        await tx.execute(delete(OutboxRow).where(OutboxRow.job == "situations.check"))
        await tx.execute(update(Situation).values(next_check_at=now_of(tx) - late))
        return received.id


async def test_a_situation_that_lost_its_clock_is_checked_within_the_minute(workshop: Workshop) -> None:
    situation_id = await a_late_situation(workshop, LATE * 2)
    assert await sweep(workshop.stage.db) == 1
    assert await sweep(workshop.stage.db) == 0
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        next_check = await reader.scalar(select(Situation.next_check_at).where(Situation.id == situation_id))
        assert isinstance(next_check, datetime)
        assert next_check > now_of(reader)
        told = await reader.scalars(select(Event.kind).where(Event.subject_id == situation_id))
        assert "situation_unanswered" in list(told)
        clocks = await reader.scalars(select(OutboxRow.due_at).where(OutboxRow.job == "situations.check"))
        assert list(clocks) == [next_check]


async def refuse_in_the_database(workshop: Workshop, poisoned: UUID) -> None:
    """Let PostgreSQL itself refuse whatever changes this situation."""
    connection = await asyncpg.connect(workshop.database.owner_url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;"
            f"CREATE TRIGGER poison BEFORE UPDATE ON situations FOR EACH ROW WHEN (OLD.id = '{poisoned}')"
            " EXECUTE FUNCTION poison()"
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("refused_by", ["the database", "a rule"])
async def test_a_situation_that_cannot_be_checked_does_not_stop_the_others(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, refused_by: str
) -> None:
    before, poisoned, after = [await a_late_situation(workshop, LATE * late) for late in (4, 3, 2)]

    async def ruled(tx: AsyncSession, actor: Actor, situation_id: UUID, now: datetime) -> None:
        if situation_id == poisoned:
            raise NotFound
        await check_situation(tx, actor, situation_id, now)

    if refused_by == "a rule":
        monkeypatch.setattr("workers.schedule.check_situation", ruled)
    else:
        await refuse_in_the_database(workshop, poisoned)
    with capture_logs() as logs:
        assert await sweep(workshop.stage.db) == 2
    assert [line["situation_id"] for line in logs if line["event"] == "situation_unchecked"] == [str(poisoned)]
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        due = dict((await reader.execute(select(Situation.id, Situation.next_check_at))).all())
        assert {each for each, at in due.items() if at < now_of(reader)} == {poisoned}
        assert set(due) == {before, poisoned, after}


async def test_a_clock_about_to_ring_is_left_to_the_outbox(workshop: Workshop) -> None:
    await a_late_situation(workshop, timedelta(seconds=1))
    assert await sweep(workshop.stage.db) == 0


async def test_rows_long_done_go_and_failures_stay(workshop: Workshop) -> None:
    kept: set[UUID] = set()
    async with workshop.stage.db.write(workshop.stage.community_id) as tx:
        await tx.execute(delete(OutboxRow))
        now = now_of(tx)
        long_ago, lately = now - KEPT_AFTER_DONE - timedelta(hours=1), now - KEPT_AFTER_DONE + timedelta(hours=1)
        for done_at, failed_with in ((long_ago, None), (long_ago, "smtp-550"), (lately, None), (None, None)):
            row = OutboxRow(
                id=new_id(),
                fact_id=new_id(),
                job="notifications.deliver",
                subject_id=new_id(),
                due_at=long_ago,
                done_at=done_at,
                failed_with=failed_with,
            )
            tx.add(row)
            if (done_at, failed_with) != (long_ago, None):
                kept.add(row.id)
    await sweep(workshop.stage.db)
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        assert set(await reader.scalars(select(OutboxRow.id).where(OutboxRow.job == "notifications.deliver"))) == kept


async def weekly_clocks(workshop: Workshop) -> list[OutboxRow]:
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        return list(await reader.scalars(select(OutboxRow).where(OutboxRow.job == JOB).order_by(OutboxRow.due_at)))


async def test_a_community_without_a_weekly_clock_is_given_one_which_renews_itself(workshop: Workshop) -> None:
    for _ in range(2):
        await sweep(workshop.stage.db)
    (clock,) = await weekly_clocks(workshop)
    async with workshop.stage.db.write(workshop.stage.community_id) as tx:
        await tx.execute(update(OutboxRow).where(OutboxRow.id == clock.id).values(due_at=now_of(tx)))
    assert await run_row(workshop.equipment(), clock.id, clock.fence)
    first, following = await weekly_clocks(workshop)
    assert (first.id, first.failed_with) == (clock.id, None)
    assert first.done_at is not None
    assert following.done_at is None
    assert following.due_at > first.done_at
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        assert len(list(await reader.scalars(select(WeeklySheet.id)))) == 1
    await sweep(workshop.stage.db)
    assert len(await weekly_clocks(workshop)) == 2


async def test_a_task_due_is_told_by_its_clock_without_anybody_asking(workshop: Workshop) -> None:
    stage = workshop.stage
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser, due_on=await today(tx))
    (clock,) = await workshop.unsettled("meetings.ring_task")
    assert await run_row(workshop.equipment(), clock.id, clock.fence)
    (told,) = await workshop.unsettled("notifications.fan_out")
    assert await run_row(workshop.equipment(), told.id, told.fence)
    for row in await workshop.unsettled("notifications.deliver"):
        assert await run_row(workshop.equipment(), row.id, row.fence)
    (mail,) = workshop.sink.received
    assert "Faire le point" in mail.subject
    async with stage.db.read(stage.community_id) as reader:
        assert (await reader.get_one(Task, task_id)).reminded_at is not None
