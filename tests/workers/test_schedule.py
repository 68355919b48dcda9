"""The net under the clocks: what lost its row in the outbox is found again, and old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from exchange.kernel.db import now_of
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event, OutboxRow
from exchange.situations.models import Situation
from tests.factories.situations import a_situation
from tests.workers.workshop import Workshop
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
        assert set(await reader.scalars(select(OutboxRow.id))) == kept
