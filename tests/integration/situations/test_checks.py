"""The next check of a situation: it rings until somebody answers, and stays silent once it is closed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.journals import Event
from exchange.situations import queries
from exchange.situations.commands import (
    CloseSituation,
    check_situation,
    close_situation,
)
from exchange.situations.transitions import SituationState
from tests.factories.ground import a_ground
from tests.factories.situations import a_situation, an_adviser
from tests.integration.situations.following import brought_to, events_of
from tests.servers import FreshDatabase

S = SituationState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def test_a_check_says_that_nobody_answers_and_rings_again(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        received = await a_situation(tx)
        clock, now = Actor.system(community_id), now_of(tx)
        due = now + 15 * MINUTE
        assert await check_situation(tx, clock, received.id, due - timedelta(microseconds=1)) == due
        assert await events_of(tx, received.id) == ["situation_received"]
        assert await check_situation(tx, clock, received.id, due) == due + 15 * MINUTE
        assert await check_situation(tx, clock, received.id, due) == due + 15 * MINUTE
        assert await events_of(tx, received.id) == ["situation_received", "situation_unanswered"]
        late = now + 4 * HOUR
        await check_situation(tx, clock, received.id, late)
        facts = await tx.scalar(
            select(Event.facts).where(Event.kind == "situation_unanswered").order_by(Event.id.desc()).limit(1)
        )
        assert facts == {
            "urgency": 4,
            "next_check_at": (late + 15 * MINUTE).isoformat(),
            "is_past_deadline": True,
        }


async def test_a_check_of_an_answered_situation_says_so_and_a_closed_one_is_left_alone(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, community_id, tx):
        received = await a_situation(tx)
        clock, now = Actor.system(community_id), now_of(tx)
        await brought_to(tx, received.id, S.HELD)
        await check_situation(tx, clock, received.id, now + 15 * MINUTE)
        assert (await events_of(tx, received.id))[-1] == "situation_checked"
        await close_situation(tx, await an_adviser(tx), CloseSituation(received.id, "hospitalised"), now)
        assert await check_situation(tx, clock, received.id, now + DAY) is None
        assert (await events_of(tx, received.id))[-1] == "situation_closed"


async def test_the_sweep_finds_open_situations_whose_check_is_due_alone(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        urgent, planned, closed = await a_situation(tx), await a_situation(tx, urgency=1), await a_situation(tx)
        now = now_of(tx)
        await close_situation(tx, await an_adviser(tx), CloseSituation(closed.id, "hospitalised"), now)
        assert await queries.due_for_check(tx, now) == ()
        assert await queries.due_for_check(tx, now + HOUR) == (urgent.id,)
        assert await queries.due_for_check(tx, now + 8 * DAY) == (urgent.id, planned.id)
        assert await queries.due_for_check(tx, now + 8 * DAY, at_most=1) == (urgent.id,)


async def test_a_situation_for_tonight_left_untouched_for_two_hours_is_red(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        tonight, later = await a_situation(tx), await a_situation(tx, urgency=3)
        adviser, now = await an_adviser(tx), now_of(tx)
        view = await queries.situation(tx, adviser, tonight.id)
        assert [queries.is_red(view, 120, now + wait) for wait in (119 * MINUTE, 120 * MINUTE)] == [False, True]
        calmer = await queries.situation(tx, adviser, later.id)
        assert [queries.is_red(calmer, 120, now + wait) for wait in (47 * HOUR, 48 * HOUR)] == [False, True]
        await brought_to(tx, tonight.id, S.HELD)
        held = await queries.situation(tx, adviser, tonight.id)
        assert not queries.is_red(held, 120, now + DAY)
