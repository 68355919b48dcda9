"""The overflow by its own clocks: rung by rows, three days late, each step taken and told once, then quiet."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, update

from exchange.identity.models import Membership
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.journals import OutboxRow
from exchange.notifications.models import Message
from exchange.organisations.models import DatedParameters
from exchange.situations.commands import TellOutside, tell_outside
from exchange.situations.models import Situation
from exchange.situations.models_alerts import Escalation
from exchange.situations.models_following import ReferentHandOver
from tests.factories.ground import actor_for, ground
from tests.factories.situations import a_situation
from tests.workers.workshop import Workshop
from workers.outbox_row import run_row
from workers.schedule import sweep

OUTAGE = timedelta(hours=72)
STEPS = ["second_on_call", "referent", "coordinator", "outside_service"]


AGED = (
    "UPDATE outbox SET due_at = due_at - $1::interval",
    "UPDATE situations SET created_at = created_at - $1::interval, deadline_at = deadline_at - $1::interval,"
    " next_check_at = next_check_at - $1::interval, alert_since = alert_since - $1::interval",
    "UPDATE escalations SET due_at = due_at - $1::interval",
)


async def three_days_pass(workshop: Workshop) -> None:
    """What was written is three days older, as its owner alone may say: every row that waits falls due."""
    connection = await asyncpg.connect(workshop.database.owner_url.replace("+asyncpg", ""))
    try:
        for statement in AGED:
            await connection.execute(statement, OUTAGE)
    finally:
        await connection.close()


async def run_all(workshop: Workshop, *jobs: str) -> None:
    """Run what is due of some jobs, and what that makes due, twice each: a bell may ring twice."""
    while rows := [row for job in jobs for row in await workshop.unsettled(job)]:
        for row in rows:
            assert await run_row(workshop.equipment(), row.id, row.fence)
            assert not await run_row(workshop.equipment(), row.id, row.fence)


async def steps(workshop: Workshop, situation_id: UUID) -> list[str]:
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        rows = await reader.scalars(
            select(Escalation.step).where(Escalation.situation_id == situation_id).order_by(Escalation.due_at)
        )
        return list(rows)


async def told(workshop: Workshop) -> dict[tuple[str, UUID], int]:
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        rows = await reader.execute(
            select(Message.template, Message.recipient_id, func.count())
            .where(Message.template.in_(("escalated", "outside_to_call")))
            .group_by(Message.template, Message.recipient_id)
        )
        return {(template, recipient): count for template, recipient, count in rows}


async def test_three_days_later_each_step_is_taken_and_told_once_until_a_service_is_told(workshop: Workshop) -> None:
    stage = workshop.stage
    async with ground(stage.db, stage.community_id) as tx:
        second = await actor_for(tx, Role.PATHWAY_ADVISER, on_call_rank=2)
        coordinator = await actor_for(tx, Role.COORDINATOR)
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx)
        (await tx.get_one(Situation, received.id)).referent_account_id = stage.adviser.account_id
    assert second.account_id is not None
    assert coordinator.account_id is not None
    assert stage.adviser.account_id is not None
    await three_days_pass(workshop)
    await run_all(workshop, "situations", "notifications.fan_out")
    assert await steps(workshop, received.id) == STEPS
    referent, answers = stage.adviser.account_id, await told(workshop)
    assert answers == {
        ("escalated", second.account_id): 1,
        ("escalated", referent): 1,
        ("escalated", coordinator.account_id): 1,
        ("outside_to_call", referent): 1,
        ("outside_to_call", coordinator.account_id): 1,
    }
    await three_days_pass(workshop)
    await run_all(workshop, "situations", "notifications.fan_out")
    assert await steps(workshop, received.id) == STEPS
    again = await told(workshop)
    assert {key for key in again if again[key] != answers[key]} == {
        ("outside_to_call", referent),
        ("outside_to_call", coordinator.account_id),
    }
    async with stage.db.write(stage.community_id) as tx:
        voice = TellOutside(received.id, "homeless", "Mme Essai", "écoutante")
        await tell_outside(tx, stage.adviser, voice, now_of(tx))
    await run_all(workshop, "situations", "notifications.fan_out")
    assert await told(workshop) == again


async def test_a_message_of_an_overflow_that_has_ended_does_not_leave(workshop: Workshop) -> None:
    stage = workshop.stage
    async with ground(stage.db, stage.community_id) as tx:
        await actor_for(tx, Role.COORDINATOR, on_call_rank=2)
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx)
    await three_days_pass(workshop)
    await run_all(workshop, "situations", "notifications.fan_out")
    async with stage.db.write(stage.community_id) as tx:
        voice = TellOutside(received.id, "homeless", "Mme Essai", "écoutante")
        await tell_outside(tx, stage.adviser, voice, now_of(tx))
    await run_all(workshop, "notifications.deliver")
    sent = [mail.subject for mail in workshop.sink.received if "URGENT" in mail.subject]
    assert sent == []


async def test_a_silent_on_call_is_noticed_by_the_clock_of_the_hold(workshop: Workshop) -> None:
    await workshop.hold()
    async with workshop.stage.db.write(workshop.stage.community_id) as tx:
        quarter = timedelta(minutes=16)
        await tx.execute(
            update(OutboxRow).where(OutboxRow.job == "placements.on_call_silent").values(due_at=now_of(tx) - quarter)
        )
    await run_all(workshop, "placements.on_call_silent")
    async with workshop.stage.db.read(workshop.stage.community_id) as reader:
        assert list(await reader.scalars(select(Situation.alert_reason))) == ["on_call_silent"]


async def test_the_round_comes_at_the_community_s_own_pace_and_gives_the_left_ones_a_referent(
    workshop: Workshop,
) -> None:
    stage = workshop.stage
    async with ground(stage.db, stage.community_id) as tx:
        coordinator = await actor_for(tx, Role.COORDINATOR)
        await tx.execute(update(DatedParameters).values(parameters={"check_seconds": 600}))
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx)
        (await tx.get_one(Situation, received.id)).referent_account_id = stage.adviser.account_id
    due: dict[UUID, float] = {}
    await sweep(stage.db, due)
    async with ground(stage.db, stage.community_id) as tx:
        await tx.execute(
            update(Membership).where(Membership.id == stage.adviser.membership_id).values(ended_at=now_of(tx))
        )
    await sweep(stage.db, due)
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(func.count()).select_from(ReferentHandOver)) == 0
    await sweep(stage.db)
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(Situation.referent_account_id)) == coordinator.account_id
        assert list(await reader.scalars(select(ReferentHandOver.state))) == ["imposed"]
