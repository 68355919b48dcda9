"""Tasks, meetings and situations that have waited; what matters to a test is said in the test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.meetings.commands.tasks import give_task
from exchange.meetings.inputs import GiveTask
from exchange.organisations import queries as organisations
from exchange.placements.commands import HoldAnswer, RefusePlacement, hold_answer, refuse_placement
from exchange.reference.answers import RefusalReason
from exchange.situations.models import Situation
from tests.factories.placements import House, Stage, a_house, placements_of, proposed
from tests.factories.situations import a_situation


async def today(tx: AsyncSession) -> date:
    """The territory's date."""
    return now_of(tx).astimezone(await organisations.zone(tx)).date()


async def a_task(tx: AsyncSession, actor: Actor, **over: object) -> UUID:
    """A point to make within the week, by the actor unless somebody else is named."""
    form = GiveTask("follow_up", await today(tx) + timedelta(days=7), assignee_account_id=actor.account_id)
    if over.keys() & {"assignee_facility_id", "assignee_body"}:
        form = replace(form, assignee_account_id=None)
    return await give_task(tx, actor, replace(form, **over), now_of(tx))  # type: ignore[arg-type]


def as_coordinator(actor: Actor) -> Actor:
    """The same person with the coordinator's role."""
    return replace(actor, role=Role.COORDINATOR)


async def aged(tx: AsyncSession, situation_id: UUID, *, days: int, level: int = 1) -> None:
    """Let a situation have been received, and its answer due, that many days ago."""
    now = now_of(tx)
    await tx.execute(
        update(Situation)
        .where(Situation.id == situation_id)
        .values(
            created_at=now - timedelta(days=days),
            deadline_at=now - timedelta(days=days) + timedelta(hours=4),
            level=level,
        )
    )


async def refused(stage: Stage, times: int, **over: object) -> UUID:
    """A committed situation that as many houses in turn could not host, none for the same reason as the one before."""
    reasons = (RefusalReason.SKILL_MISSING, RefusalReason.STAFFING_INSUFFICIENT, RefusalReason.PREMISES_UNSUITABLE)
    async with stage.db.write(stage.community_id) as tx:
        situation = await a_situation(tx, **over)
    for turn in range(times):
        house = await _one_more_house(stage)
        async with stage.db.write(stage.community_id) as tx:
            await proposed(tx, situation.id, house.offer_id)
        async with stage.db.write(stage.community_id) as tx:
            await hold_answer(tx, stage.adviser, HoldAnswer(situation.id, 1), now_of(tx))
        placement_id = (await placements_of(stage, situation.id))[1][-1][0]
        async with stage.db.write(stage.community_id) as tx:
            refusal = RefusePlacement(placement_id, reasons[turn % 3], "Mme Essai l'a dit au téléphone.")
            await refuse_placement(tx, house.manager, refusal, now_of(tx))
    return situation.id


async def _one_more_house(stage: Stage) -> House:
    from tests.factories.ground import ground

    async with ground(stage.db, stage.community_id) as tx:
        return await a_house(tx)
