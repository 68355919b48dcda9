"""Tasks on a real database: who gives, sees and settles them, and the two mornings of their clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.adapters.smtp import SmtpChannel
from exchange.identity.models import Membership
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import Event, OutboxRow
from exchange.meetings.commands.tasks import complete_task, drop_task, ring_task
from exchange.meetings.inputs import DropTask
from exchange.meetings.models import Task
from exchange.meetings.queries.tasks import own_tasks, tasks, tasks_of_situation
from exchange.notifications.commands import MAIL, fan_out
from exchange.notifications.deliver import Delivered, deliver_message
from exchange.notifications.models import Message
from exchange.organisations import queries as organisations
from exchange.reactions import reactions
from exchange.reference.follow_up import TaskDropReason
from tests.factories.ground import actor_for, ground
from tests.factories.meetings import a_task, as_coordinator, today
from tests.factories.placements import Stage, a_house, a_stage
from tests.factories.situations import a_situation
from tests.integration.notifications.test_deliver import PUBLIC_URL
from tests.servers import FreshDatabase
from tests.smtp_sink import SmtpSink


async def events_of(tx: AsyncSession, task_id: UUID) -> list[str]:
    return list(await tx.scalars(select(Event.kind).where(Event.subject_id == task_id).order_by(Event.id)))


async def morning(tx: AsyncSession, *, days: int) -> datetime:
    """Seven o'clock that many days from today, local."""
    zone = await organisations.zone(tx)
    return datetime.combine(await today(tx) + timedelta(days=days), time(7), zone).astimezone(UTC)


async def test_a_task_asks_for_its_clock_in_the_morning_of_its_date(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser)
        due_at = await tx.scalar(select(OutboxRow.due_at).where(OutboxRow.subject_id == task_id))
        assert due_at == await morning(tx, days=7)


async def test_a_clock_reminds_once_then_says_once_that_it_is_over(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser, due_on=await today(tx) + timedelta(days=1))
    mornings = []
    async with stage.db.write(stage.community_id) as tx:
        mornings = [await morning(tx, days=days) for days in (1, 2, 3)]
        early = mornings[0] - timedelta(seconds=1)
        for at in (early, mornings[0], mornings[0], mornings[1] - timedelta(seconds=1), *mornings[1:], mornings[2]):
            await ring_task(tx, stage.system, task_id, at)
        assert await events_of(tx, task_id) == ["task_given", "task_due", "task_overdue"]
        jobs = await tx.scalars(
            select(OutboxRow.due_at).where(OutboxRow.job == "meetings.ring_task").order_by(OutboxRow.due_at)
        )
        assert list(jobs) == mornings[:2]


async def test_a_clock_that_comes_days_late_still_reminds_before_it_says_overdue(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions)
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser)
        late = await morning(tx, days=20)
        await ring_task(tx, stage.system, task_id, late)
        assert await events_of(tx, task_id) == ["task_given", "task_due"]
        await ring_task(tx, stage.system, task_id, late)
        assert await events_of(tx, task_id) == ["task_given", "task_due", "task_overdue"]


@pytest.mark.parametrize("how", ["done", "dropped"])
async def test_a_settled_task_rings_no_more(database: FreshDatabase, how: str) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser)
        if how == "done":
            await complete_task(tx, stage.adviser, task_id, now_of(tx))
        else:
            reason = TaskDropReason.REPLACED.value
            await drop_task(tx, stage.adviser, DropTask(task_id, reason), now_of(tx))
        await ring_task(tx, stage.system, task_id, await morning(tx, days=30))
        assert await events_of(tx, task_id) == ["task_given", "task_settled"]
        with pytest.raises(IllegalTransition):
            await complete_task(tx, stage.adviser, task_id, now_of(tx))


async def recipients(stage: Stage, task_id: UUID, kind: str) -> set[UUID]:
    async with stage.db.write(stage.community_id) as tx:
        fact_id = await tx.scalar(select(Event.fact_id).where(Event.subject_id == task_id, Event.kind == kind))
        assert fact_id is not None
        for _ in range(2):
            await fan_out(tx, fact_id, now_of(tx))
        return set(await tx.scalars(select(Message.recipient_id).where(Message.fact_id == fact_id)))


@pytest.mark.parametrize("whose", ["account", "facility", "body"])
async def test_whoever_has_a_task_is_reminded_and_coordinators_hear_of_delays(
    database: FreshDatabase, whose: str
) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        coordinators = {(await actor_for(tx, Role.COORDINATOR)).account_id for _ in range(2)}
    over: dict[str, object] = {
        "account": {},
        "facility": {"assignee_facility_id": stage.house.facility_id},
        "body": {"assignee_body": "mdph"},
    }[whose]  # type: ignore[assignment]
    expected = {
        "account": {stage.adviser.account_id},
        "facility": {stage.house.manager.account_id},
        "body": coordinators,
    }[whose]
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser, **over)
        for _ in range(2):
            await ring_task(tx, stage.system, task_id, await morning(tx, days=9))
    assert await recipients(stage, task_id, "task_due") == expected
    assert await recipients(stage, task_id, "task_overdue") == coordinators


async def test_a_reminder_leaves_without_its_note_and_not_at_all_once_the_task_is_done(
    database: FreshDatabase, smtp_sink: SmtpSink
) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx)
        ids = [await a_task(tx, stage.adviser, situation_id=situation.id, note="chambre double") for _ in range(2)]
        for task_id in ids:
            await ring_task(tx, stage.system, task_id, await morning(tx, days=7))
    for task_id in ids:
        await recipients(stage, task_id, "task_due")
    async with stage.db.write(stage.community_id) as tx:
        await complete_task(tx, stage.adviser, ids[0], now_of(tx))
        messages = (await tx.scalars(select(Message.id).order_by(Message.id))).all()
    channels = {MAIL: SmtpChannel(smtp_sink.url, "Entraide <essai@entraide.invalid>")}
    for message_id in messages:
        assert await deliver_message(stage.db, stage.community_id, message_id, channels, PUBLIC_URL) == Delivered()
    (mail,) = smtp_sink.received
    assert f"Faire le point ({situation.reference})" in mail.subject
    assert f"{PUBLIC_URL}/taches" in mail.text
    assert "chambre double" not in mail.text


@pytest.mark.parametrize("role", Role)
async def test_only_coordination_gives_tasks(database: FreshDatabase, role: Role) -> None:
    stage = await a_stage(database)
    actor = replace(stage.adviser, role=role)
    async with stage.db.write(stage.community_id) as tx:
        if role in (Role.COORDINATOR, Role.PATHWAY_ADVISER):
            assert await a_task(tx, actor)
        else:
            with pytest.raises(ActForbidden):
                await a_task(tx, actor)


async def seen(stage: Stage, actor: Actor) -> set[UUID]:
    async with stage.db.read(stage.community_id) as reader:
        return {task.id for task in await tasks(reader, actor, now_of(reader))}


async def test_a_manager_sees_their_own_tasks_and_those_of_their_site(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    async with stage.db.write(stage.community_id) as tx:
        own = await a_task(tx, stage.adviser, assignee_account_id=stage.house.manager.account_id)
        site = await a_task(tx, stage.adviser, assignee_facility_id=stage.house.facility_id)
        theirs = await a_task(tx, stage.adviser, assignee_facility_id=other.facility_id)
        body = await a_task(tx, stage.adviser, assignee_body="mdph", facility_id=stage.house.facility_id)
    assert await seen(stage, stage.house.manager) == {own, site}
    assert await seen(stage, other.manager) == {theirs}
    assert await seen(stage, stage.adviser) == {own, site, theirs, body}
    assert await seen(stage, replace(stage.adviser, role=Role.OBSERVER)) == set()
    async with stage.db.read(stage.community_id) as reader:
        assert await own_tasks(reader, stage.adviser, now_of(reader)) == ()
        assert await own_tasks(reader, replace(stage.adviser, account_id=None), now_of(reader)) == ()
    async with stage.db.write(stage.community_id) as tx:
        await complete_task(tx, stage.house.manager, site, now_of(tx))
        for task_id in (theirs, body, uuid4()):
            with pytest.raises(NotFound):
                await complete_task(tx, stage.house.manager, task_id, now_of(tx))


async def test_a_task_is_given_to_somebody_in_office_about_something_that_exists(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        observer = await actor_for(tx, Role.OBSERVER)
        gone = await actor_for(tx, Role.COORDINATOR)
        ended = update(Membership).where(Membership.account_id == gone.account_id)
        await tx.execute(ended.values(ended_at=now_of(tx)))
    for over, field in (
        ({"assignee_account_id": uuid4()}, "assignee_account_id"),
        ({"assignee_account_id": observer.account_id}, "assignee_account_id"),
        ({"assignee_account_id": gone.account_id}, "assignee_account_id"),
        ({"assignee_facility_id": uuid4()}, "assignee_facility_id"),
        ({"situation_id": uuid4()}, "situation_id"),
        ({"facility_id": uuid4()}, "facility_id"),
    ):
        async with stage.db.write(stage.community_id) as tx:
            with pytest.raises(InvalidValue) as refused:
                await a_task(tx, stage.adviser, **over)
            assert refused.value.field == field


async def test_another_community_sees_no_task_and_settles_none(database: FreshDatabase) -> None:
    stage, other = await a_stage(database), await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx)
        task_id = await a_task(tx, stage.adviser, situation_id=situation.id)
    assert await seen(other, other.adviser) == set()
    async with other.db.write(other.community_id) as tx:
        assert await tasks_of_situation(tx, other.adviser, situation.id, now_of(tx)) == ()
        with pytest.raises(NotFound):
            await complete_task(tx, as_coordinator(other.adviser), task_id, now_of(tx))
        await ring_task(tx, other.system, task_id, now_of(tx) + timedelta(days=30))
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(Task).where(Task.state == "open")) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"assignee_body": "mdph"},
        {"assignee_account_id": None},
        {"state": "done"},
        {"state": "dropped", "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"overdue_told_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"note": "x" * 301},
    ],
)
async def test_the_database_refuses_a_task_that_means_nothing(
    database: FreshDatabase, values: dict[str, object]
) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        task_id = await a_task(tx, stage.adviser)
        await tx.flush()
        with pytest.raises(DBAPIError, match="ck_tasks"):
            async with tx.begin_nested():
                await tx.execute(update(Task).where(Task.id == task_id).values(**values))
