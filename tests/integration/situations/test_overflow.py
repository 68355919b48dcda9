"""Nobody answers: each step once, in order, however late; it ends at once when somebody does, and never in silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue
from exchange.kernel.journals import Event, OutboxRow
from exchange.reactions import reactions
from exchange.reference.following import AlertReason, EscalationStep
from exchange.situations.commands import (
    CloseSituation,
    ReviewUrgency,
    TellOutside,
    check_situation,
    climb_alert,
    close_situation,
    lock_situation,
    review_urgency,
    set_escalation_plan,
    start_alert,
    tell_outside,
)
from exchange.situations.errors import NoAlertRuns
from exchange.situations.models import Situation
from exchange.situations.models_alerts import Escalation, OutsideHandOver, OutsideService
from exchange.situations.overflow import NATIONAL_SERVICES, USUAL_PLAN, PlanLine
from exchange.situations.queries_alerts import outside_services, plan_of, services_to_call
from exchange.situations.transitions import SituationState
from tests.factories.ground import ZONE, a_community, a_ground, actor_for, database_of, ground
from tests.factories.situations import a_situation, an_adviser, coordinating
from tests.integration.situations.following import brought_to, events_of
from tests.servers import FreshDatabase

S, E = SituationState, EscalationStep
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STEPS = ["second_on_call", "referent", "coordinator", "outside_service"]


async def an_alerted_situation(tx: AsyncSession) -> UUID:
    """A situation whose deadline has just passed, with a referent, a coordinator and a second on call in office."""
    await actor_for(tx, Role.COORDINATOR)
    referent = await actor_for(tx, Role.PATHWAY_ADVISER, on_call_rank=2)
    received = await a_situation(tx)
    situation = await tx.get_one(Situation, received.id)
    situation.referent_account_id = referent.account_id
    await tx.flush()
    await start_alert(tx, clock(tx), await lock_situation(tx, received.id), AlertReason.DEADLINE_PASSED, now_of(tx))
    return received.id


def clock(tx: AsyncSession) -> Actor:
    community_id = tx.info["clock_of"]
    assert isinstance(community_id, UUID)
    return Actor.system(community_id)


async def steps_taken(tx: AsyncSession, situation_id: UUID) -> list[str]:
    rows = await tx.scalars(
        select(Escalation.step).where(Escalation.situation_id == situation_id).order_by(Escalation.due_at)
    )
    return list(rows)


async def after(tx: AsyncSession, situation_id: UUID, wait: timedelta) -> list[str]:
    """The steps taken once the clock has rung at an instant."""
    await climb_alert(tx, clock(tx), situation_id, now_of(tx) + wait)
    return await steps_taken(tx, situation_id)


async def test_each_step_is_taken_at_its_minute_and_once(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        assert await steps_taken(tx, situation_id) == STEPS[:1]
        for wait, taken in ((14, 1), (15, 2), (15, 2), (29, 2), (30, 3), (44, 3), (45, 4), (60, 4)):
            assert await after(tx, situation_id, wait * MINUTE) == STEPS[:taken], wait
        told = [kind for kind in await events_of(tx, situation_id) if kind.endswith(("_called", "_due"))]
        assert told == ["second_on_call_called", "referent_called", "coordinator_called", "outside_service_due"]


async def test_after_three_days_of_outage_every_step_due_is_taken_once_and_in_order(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        late = now_of(tx) + 72 * HOUR
        assert await climb_alert(tx, clock(tx), situation_id, late) == 3
        assert await climb_alert(tx, clock(tx), situation_id, late) == 0
        assert await steps_taken(tx, situation_id) == STEPS
        rows = (await tx.scalars(select(Escalation).order_by(Escalation.due_at))).all()
        waits = [row.due_at - now_of(tx) for row in rows]
        assert waits == [0 * MINUTE, 15 * MINUTE, 30 * MINUTE, 45 * MINUTE]
        assert {row.taken_at for row in rows[1:]} == {late}


async def test_the_net_alone_catches_up_when_every_clock_was_lost(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        await actor_for(tx, Role.COORDINATOR, on_call_rank=2)
        received = await a_situation(tx)
        late = now_of(tx) + 72 * HOUR
        await check_situation(tx, clock(tx), received.id, late)
        assert await steps_taken(tx, received.id) == STEPS
        due = await tx.scalar(select(Escalation.due_at).where(Escalation.step == "second_on_call"))
        assert due == now_of(tx) + 4 * HOUR
        await check_situation(tx, clock(tx), received.id, late + 72 * HOUR)
        assert await steps_taken(tx, received.id) == STEPS


async def test_a_step_behind_which_nobody_stands_does_not_wait(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        received = await a_situation(tx)
        situation = await lock_situation(tx, received.id)
        await start_alert(tx, clock(tx), situation, AlertReason.DEADLINE_PASSED, now_of(tx))
        assert await steps_taken(tx, received.id) == STEPS
        found = await tx.scalars(select(Escalation.found_somebody).order_by(Escalation.id))
        assert list(found) == [False, False, False, True]


ANSWERS = [S.CONFIRMED, S.EFFECTIVE]


@pytest.mark.parametrize("answered", [*ANSWERS, S.CLOSED])
async def test_it_stops_at_once_when_an_answer_arrives(database: FreshDatabase, answered: SituationState) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        if answered is S.CLOSED:
            await close_situation(tx, await an_adviser(tx), CloseSituation(situation_id, "death"), now_of(tx))
        else:
            await brought_to(tx, situation_id, S.HELD)
            assert (await tx.get_one(Situation, situation_id)).alert_since is not None
            await brought_to(tx, situation_id, *ANSWERS[: ANSWERS.index(answered) + 1])
        assert (await tx.get_one(Situation, situation_id)).alert_since is None
        assert await after(tx, situation_id, 72 * HOUR) == STEPS[:1]


async def test_it_repeats_until_an_outside_service_is_told_by_voice(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        at = now_of(tx) + HOUR
        await climb_alert(tx, clock(tx), situation_id, at)
        for _ in range(3):
            due = await check_situation(tx, clock(tx), situation_id, at)
            assert due is not None
            assert due - at <= 15 * MINUTE
            at = due
        kinds = await events_of(tx, situation_id)
        assert kinds.count("alert_repeated") == 3
        told = TellOutside(situation_id, "homeless", "Mme Essai", "écoutante", at)
        await tell_outside(tx, await an_adviser(tx), told, at)
        situation = await tx.get_one(Situation, situation_id)
        assert (situation.alert_since, situation.outcome, situation.deadline_at) == (None, None, at + 4 * HOUR)
        quiet = await check_situation(tx, clock(tx), situation_id, at + HOUR)
        assert quiet is not None
        assert (await events_of(tx, situation_id)).count("alert_repeated") == 3
        # Told is not found: the usual time passes without an answer, and the question comes back as a new round.
        await check_situation(tx, clock(tx), situation_id, at + 5 * HOUR)
        assert (await tx.get_one(Situation, situation_id)).alert_round == 2


async def test_who_took_over_is_one_line_without_a_number_and_only_while_somebody_is_called(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        adviser, now = await an_adviser(tx), now_of(tx)
        calm = await a_situation(tx)
        told = TellOutside(calm.id, "homeless", "Mme Essai\n", " écoutante ")
        with pytest.raises(NoAlertRuns):
            await tell_outside(tx, adviser, told, now)
        situation_id = await an_alerted_situation(tx)
        wrong = (
            ({"service_code": "pizza"}, "service_code"),
            ({"spoken_with": "  "}, "spoken_with"),
            ({"spoken_with": "M. Essai 06 12 34 56 78"}, "spoken_with"),
            ({"function": "x" * 121}, "function"),
            ({"at": now + MINUTE}, "at"),
        )
        for over, field in wrong:
            fields = {"service_code": "homeless", "spoken_with": "Mme Essai", "function": "écoutante", **over}
            with pytest.raises(InvalidValue) as refused:
                await tell_outside(tx, adviser, TellOutside(situation_id, **fields), now)  # type: ignore[arg-type]
            assert refused.value.field == field
        await tell_outside(tx, adviser, TellOutside(situation_id, "homeless", "Mme\nEssai", " écoutante "), now)
        row = (await tx.scalars(select(OutsideHandOver))).one()
        assert (row.spoken_with, row.spoken_function, row.service_name) == ("Mme Essai", "écoutante", "115, sans-abri")


@pytest.mark.parametrize("state", list(S))
async def test_no_alert_starts_where_an_answer_stands(database: FreshDatabase, state: SituationState) -> None:
    ways = {
        S.RECEIVED: (),
        S.SEARCHING: (S.SEARCHING,),
        S.HELD: (S.HELD,),
        S.CONFIRMED: (S.HELD, S.CONFIRMED),
        S.EFFECTIVE: (S.HELD, S.CONFIRMED, S.EFFECTIVE),
        S.CLOSED: (),
    }
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        received = await a_situation(tx)
        await brought_to(tx, received.id, *ways[state])
        if state is S.CLOSED:
            await close_situation(tx, await an_adviser(tx), CloseSituation(received.id, "death"), now_of(tx))
        situation = await lock_situation(tx, received.id)
        started = await start_alert(tx, clock(tx), situation, AlertReason.DEADLINE_PASSED, now_of(tx))
        assert started == (state in (S.RECEIVED, S.SEARCHING, S.HELD))
        again = await start_alert(tx, clock(tx), situation, AlertReason.ON_CALL_SILENT, now_of(tx))
        assert not again
        if not started:
            told = TellOutside(received.id, "homeless", "Mme Essai", "écoutante")
            with pytest.raises(IllegalTransition):
                await tell_outside(tx, await an_adviser(tx), told, now_of(tx))


async def test_lowering_the_urgency_ends_it_and_saying_the_same_does_not(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        adviser, now = await an_adviser(tx), now_of(tx)
        await review_urgency(tx, adviser, ReviewUrgency(situation_id, 4), now)
        assert (await tx.get_one(Situation, situation_id)).alert_since == now
        await review_urgency(tx, adviser, ReviewUrgency(situation_id, 2), now)
        situation = await tx.get_one(Situation, situation_id)
        assert (situation.alert_since, situation.urgency) == (None, 2)


async def test_a_community_has_its_own_order_and_it_never_ends_in_the_network(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        coordinator = await coordinating(tx, Role.COORDINATOR)
        own = (PlanLine(E.COORDINATOR, 5), PlanLine(E.OUTSIDE_SERVICE, 10))
        for role in (Role.PATHWAY_ADVISER, Role.FACILITY_MANAGER, Role.OBSERVER):
            with pytest.raises(ActForbidden):
                await set_escalation_plan(tx, await coordinating(tx, role), own)
        await set_escalation_plan(tx, coordinator, own)
        situation_id = await an_alerted_situation(tx)
        assert await steps_taken(tx, situation_id) == []
        assert await after(tx, situation_id, 5 * MINUTE) == ["coordinator"]
        assert await after(tx, situation_id, 15 * MINUTE) == ["coordinator", "outside_service"]
        for wrong in ((own[0],), (*own, own[0]), (own[1], own[1]), (PlanLine(E.OUTSIDE_SERVICE, 1441),)):
            with pytest.raises(InvalidValue) as refused:
                await set_escalation_plan(tx, coordinator, wrong)
            assert refused.value.field == "steps"
        await set_escalation_plan(tx, coordinator, ())
        assert await plan_of(tx) == USUAL_PLAN


async def test_the_services_are_the_community_s_own_that_suit_and_answer_now(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        local = now_of(tx).astimezone(ZONE)
        assert await outside_services(tx) == NATIONAL_SERVICES
        told = [service.code for service in await services_to_call(tx, situation_id, now_of(tx), ZONE)]
        assert told == ["samu", "police", "homeless"]
        for position, (code, audiences, opens, closes) in enumerate(
            (
                ("360", ["adult", "child"], local - HOUR, local + HOUR),
                ("closed", ["adult"], local + HOUR, local + 2 * HOUR),
                ("ase", ["child"], None, None),
            )
        ):
            tx.add(
                OutsideService(
                    code=code,
                    name=code,
                    phone="04 65 71 00 00",
                    audiences=audiences,
                    opens_at=None if opens is None else opens.time().replace(tzinfo=None),
                    closes_at=None if closes is None else closes.time().replace(tzinfo=None),
                    position=position,
                )
            )
        await tx.flush()
        told = [service.code for service in await services_to_call(tx, situation_id, now_of(tx), ZONE)]
        assert told == ["360"]


async def test_each_step_writes_its_own_clock_for_the_next_one(database: FreshDatabase) -> None:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        tx.info["clock_of"] = community_id
        situation_id = await an_alerted_situation(tx)
        now = now_of(tx)
        for wait in (15, 30, 45):
            due: list[datetime] = list(
                await tx.scalars(
                    select(OutboxRow.due_at)
                    .join(Event, Event.fact_id == OutboxRow.fact_id)
                    .where(OutboxRow.job == "situations.climb_alert", OutboxRow.subject_id == situation_id)
                    .order_by(OutboxRow.due_at.desc())
                )
            )
            assert due[0] == now + wait * MINUTE
            await climb_alert(tx, clock(tx), situation_id, due[0])
        rows = await tx.scalars(select(OutboxRow.id).where(OutboxRow.job == "situations.climb_alert"))
        assert len(list(rows)) == 3
