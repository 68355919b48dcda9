"""Levels, statements, calls, the caller's name, urgency, the referent, and what a duplicate leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.ids import new_id
from exchange.notifications.recipients import recipients_of
from exchange.notifications.rules import About, Whom
from exchange.situations import queries
from exchange.situations.commands import (
    ChangeLevel,
    CloseSituation,
    HandOver,
    LogCall,
    PlanCallBack,
    ReviewUrgency,
    StateNoSolution,
    accept_hand_over,
    change_level,
    check_situation,
    close_situation,
    decline_hand_over,
    identify_caller,
    impose_hand_over,
    log_call,
    offer_hand_over,
    plan_call_back,
    reopen_situation,
    replace_absent_referent,
    review_urgency,
    state_no_solution,
)
from exchange.situations.errors import (
    CallBackSettled,
    LevelOneStep,
    NoHandOverOffered,
    NotAReferent,
    ReferentStillThere,
)
from exchange.situations.models import Situation
from exchange.situations.models_following import CallBack, LevelChange
from exchange.situations.queries_following import due_call_backs, following_of, offered_to
from exchange.situations.transitions import SituationState
from tests.factories.ground import ZONE, a_ground, actor_for
from tests.factories.situations import a_situation, an_adviser, coordinating
from tests.integration.situations.following import brought_to, events_of
from tests.servers import FreshDatabase

S = SituationState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def the(tx: AsyncSession, situation_id: UUID) -> Situation:
    return await tx.get_one(Situation, situation_id, populate_existing=True)


async def left(tx: AsyncSession, actor: Actor) -> None:
    """Somebody's role has ended."""
    await tx.execute(update(Membership).where(Membership.id == actor.membership_id).values(ended_at=now_of(tx)))


LEVELS = [(was, to) for was in (1, 2, 3) for to in (1, 2, 3)]


@pytest.mark.parametrize(("was", "to"), LEVELS)
async def test_a_level_moves_one_step_at_a_time_and_any_other_is_refused(
    database: FreshDatabase, was: int, to: int
) -> None:
    async with a_ground(database) as (_, _, tx):
        received, adviser, now = await a_situation(tx), await an_adviser(tx), now_of(tx)
        for level in range(2, was + 1):
            await change_level(tx, adviser, ChangeLevel(received.id, level, "several_partners"), now)
        change = ChangeLevel(received.id, to, "answer_found", "Dit en réunion.")
        if abs(to - was) == 1:
            await change_level(tx, adviser, change, now)
            followed = await following_of(tx, received.id, now)
            assert (followed.levels[-1].was, followed.levels[-1].level) == (was, to)
            assert (await the(tx, received.id)).level == to
        else:
            with pytest.raises(LevelOneStep):
                await change_level(tx, adviser, change, now)


async def test_the_database_itself_forbids_a_level_of_two_steps(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        received = await a_situation(tx)
        tx.add(LevelChange(situation_id=received.id, at=now_of(tx), was=1, level=3, reason="pag_requested"))
        with pytest.raises(IntegrityError, match="ck_level_changes_one_step"):
            await tx.flush()
        await tx.rollback()


async def test_no_solution_to_date_is_said_of_an_open_unanswered_situation_and_never_ends_it(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        received, adviser, now = await a_situation(tx), await an_adviser(tx), now_of(tx)
        statement = StateNoSolution(received.id, ("network_searched",), "Trois lieux appelés.")
        for wrong, rule in (
            (replace(statement, tried=()), "too-few"),
            (replace(statement, tried=("prayer",)), "unknown-code"),
            (replace(statement, note="voir m@essai.example"), "no-email"),
        ):
            with pytest.raises(InvalidValue) as refused:
                await state_no_solution(tx, adviser, wrong, now)
            assert refused.value.facts["rule"] == rule
        await state_no_solution(tx, adviser, statement, now)
        await state_no_solution(tx, adviser, statement, now)
        assert len((await following_of(tx, received.id, now)).statements) == 2
        assert ((await the(tx, received.id)).state, (await the(tx, received.id)).outcome) == ("received", None)
        await brought_to(tx, received.id, S.HELD, S.CONFIRMED)
        with pytest.raises(IllegalTransition):
            await state_no_solution(tx, adviser, statement, now)


async def test_a_planned_call_rises_once_its_hour_has_come_and_a_call_settles_it(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        own, other = await actor_for(tx, Role.PATHWAY_ADVISER), await actor_for(tx, Role.COORDINATOR)
        received, now = await a_situation(tx), now_of(tx)
        for due_at in (now, now + 91 * DAY):
            with pytest.raises(InvalidValue):
                await plan_call_back(tx, own, PlanCallBack(received.id, "caller", due_at), now)
        later = await plan_call_back(tx, other, PlanCallBack(received.id, "carer", now + MINUTE), now)
        mine = await plan_call_back(tx, own, PlanCallBack(received.id, "caller", now + HOUR), now)
        assert await due_call_backs(tx, own, now) == ()
        risen = await due_call_backs(tx, own, now + HOUR)
        assert [(each.id, each.is_own) for each in risen] == [(mine, True), (later, False)]
        for role in (Role.FACILITY_MANAGER, Role.ON_CALL_MANAGER, Role.OBSERVER):
            assert await due_call_backs(tx, replace(own, role=role), now + HOUR) == ()
        call = LogCall(received.id, "made", "caller", "not_reached", call_back_id=mine)
        await log_call(tx, own, call, now + HOUR)
        with pytest.raises(CallBackSettled):
            await log_call(tx, own, call, now + HOUR)
        with pytest.raises(NotFound):
            await log_call(tx, own, replace(call, call_back_id=new_id()), now + HOUR)
        await log_call(tx, own, replace(call, outcome="spoken", call_back_id=later), now + HOUR)
        states = dict((await tx.execute(select(CallBack.id, CallBack.state))).all())
        assert states == {mine: "not_reached", later: "done"}


async def test_an_anonymous_caller_is_named_later_and_the_search_never_waited(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        adviser, now = await an_adviser(tx), now_of(tx)
        received = await a_situation(tx, is_anonymous=True, call_back_at=now + HOUR)
        assert (await the(tx, received.id)).state == "received"
        assert (await events_of(tx, received.id))[0] == "situation_received"
        await identify_caller(tx, adviser, received.id, now)
        assert not (await the(tx, received.id)).is_anonymous
        with pytest.raises(InvalidValue):
            await identify_caller(tx, adviser, received.id, now)
        for over in ({"is_anonymous": True}, {"call_back_impossible": True}):
            with pytest.raises(InvalidValue):
                await a_situation(tx, **over)


async def test_tonight_is_asked_again_the_next_morning_even_once_a_place_is_confirmed(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        received, now = await a_situation(tx), now_of(tx)
        await brought_to(tx, received.id, S.HELD, S.CONFIRMED)
        due = (await the(tx, received.id)).next_check_at
        assert due is not None
        assert due.astimezone(ZONE).hour == 8
        assert due - now < DAY
        await check_situation(tx, Actor.system(community_id), received.id, due)
        await review_urgency(tx, await an_adviser(tx), ReviewUrgency(received.id, 3), due)
        assert ((await the(tx, received.id)).urgency, (await the(tx, received.id)).deadline_at) == (3, due + 2 * DAY)


async def test_the_referent_stays_until_the_other_accepts_and_only_they_can(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        first, second, third = [await actor_for(tx, Role.PATHWAY_ADVISER) for _ in range(3)]
        received, now = await a_situation(tx), now_of(tx)
        (await the(tx, received.id)).referent_account_id = first.account_id
        assert second.account_id is not None
        assert third.account_id is not None
        assert first.account_id is not None
        asked = HandOver(received.id, second.account_id, "absence")
        for nobody in (new_id(), first.account_id):
            with pytest.raises(NotAReferent):
                await offer_hand_over(tx, first, replace(asked, to_account_id=nobody), now)
        await offer_hand_over(tx, first, asked, now)
        await offer_hand_over(tx, first, replace(asked, to_account_id=third.account_id), now)
        assert (await the(tx, received.id)).referent_account_id == first.account_id
        assert await offered_to(tx, third) == (received.reference,)
        told = await recipients_of(tx, About.SITUATION, received.id, Whom.ASKED_TO_FOLLOW)
        assert [one.id for one in told] == [third.account_id]
        for other in (first, second):
            with pytest.raises(NoHandOverOffered):
                await accept_hand_over(tx, other, received.id, now)
        await accept_hand_over(tx, third, received.id, now)
        assert (await the(tx, received.id)).referent_account_id == third.account_id
        await offer_hand_over(tx, third, asked, now)
        await decline_hand_over(tx, second, received.id, now)
        assert (await the(tx, received.id)).referent_account_id == third.account_id
        passed = (await following_of(tx, received.id, now)).hand_overs
        assert [line.state for line in passed] == ["replaced", "accepted", "declined"]


async def test_a_referent_who_left_is_replaced_by_a_coordinator_or_by_the_clock(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, community_id, tx):
        referent, busy, free = (
            await actor_for(tx, Role.PATHWAY_ADVISER),
            await actor_for(tx, Role.COORDINATOR),
            await actor_for(tx, Role.COORDINATOR),
        )
        one, two, now = await a_situation(tx), await a_situation(tx), now_of(tx)
        (await the(tx, one.id)).referent_account_id = referent.account_id
        (await the(tx, two.id)).referent_account_id = busy.account_id
        assert free.account_id is not None
        imposed = HandOver(one.id, free.account_id, "referent_left")
        with pytest.raises(ReferentStillThere):
            await impose_hand_over(tx, busy, imposed, now)
        with pytest.raises(ActForbidden):
            await impose_hand_over(tx, referent, imposed, now)
        assert await queries.without_referent(tx) == ()
        await left(tx, referent)
        assert await queries.without_referent(tx) == (one.id,)
        assert await replace_absent_referent(tx, Actor.system(community_id), one.id, now)
        assert not await replace_absent_referent(tx, Actor.system(community_id), one.id, now)
        assert (await the(tx, one.id)).referent_account_id == free.account_id
        await tx.execute(update(Account).where(Account.id == free.account_id).values(disabled_at=now))
        await impose_hand_over(tx, busy, HandOver(one.id, busy.account_id or new_id(), "absence"), now)
        assert [line.state for line in (await following_of(tx, one.id, now)).hand_overs] == ["imposed", "imposed"]


async def test_reopening_keeps_the_referent_in_office_and_gives_the_reopener_the_place_of_one_who_left(
    database: FreshDatabase,
) -> None:
    async with a_ground(database) as (_, _, tx):
        referent, coordinator = await actor_for(tx, Role.PATHWAY_ADVISER), await actor_for(tx, Role.COORDINATOR)
        received, now = await a_situation(tx), now_of(tx)
        (await the(tx, received.id)).referent_account_id = referent.account_id
        for expected in (referent.account_id, coordinator.account_id):
            await close_situation(tx, coordinator, CloseSituation(received.id, "death"), now)
            await reopen_situation(tx, coordinator, received.id, now + 5 * HOUR)
            reopened = await the(tx, received.id)
            assert reopened.referent_account_id == expected
            assert (reopened.state, reopened.deadline_at > now + 5 * HOUR) == ("searching", True)
            assert reopened.next_check_at is not None
            await left(tx, referent)


async def test_a_duplicate_sends_its_calls_to_the_one_that_stays_open(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        adviser, now = await an_adviser(tx), now_of(tx)
        kept, other, third = await a_situation(tx), await a_situation(tx), await a_situation(tx)
        await log_call(tx, adviser, LogCall(other.id, "received", "carer", "spoken"), now)
        planned = await plan_call_back(tx, adviser, PlanCallBack(other.id, "carer", now + HOUR), now)
        await close_situation(tx, adviser, CloseSituation(third.id, "death"), now)
        for wrong in (None, other.id, third.id):
            with pytest.raises(InvalidValue) as refused:
                await close_situation(tx, adviser, CloseSituation(other.id, "duplicate", duplicate_of_id=wrong), now)
            assert refused.value.field == "duplicate_of"
        await close_situation(tx, adviser, CloseSituation(other.id, "duplicate", duplicate_of_id=kept.id), now)
        followed = await following_of(tx, kept.id, now)
        assert [line.was_on_duplicate for line in followed.calls] == [True]
        assert [line.id for line in followed.call_backs] == [planned]
        assert "duplicate_joined" in await events_of(tx, kept.id)
        assert await queries.reference_of(tx, adviser, kept.id) == kept.reference
        await reopen_situation(tx, adviser, other.id, now)
        assert (await the(tx, other.id)).duplicate_of_id is None


async def test_nobody_is_unreachable_before_calls_in_vain_on_three_days(database: FreshDatabase) -> None:
    async with a_ground(database) as (_, _, tx):
        adviser, received, now = await an_adviser(tx), await a_situation(tx), now_of(tx)
        closing = CloseSituation(received.id, "unreachable", note="Trois appels, un courrier.")
        made = LogCall(received.id, "made", "caller", "not_reached")
        calls = (
            replace(made, at=now - 2 * DAY),
            replace(made, at=now - 2 * DAY, outcome="message_left"),
            replace(made, at=now - DAY, outcome="spoken"),
            replace(made, at=now - DAY, direction="received"),
            replace(made, at=now - DAY),
            replace(made, at=now),
        )
        for call in calls:
            with pytest.raises(InvalidValue) as refused:
                await close_situation(tx, adviser, closing, now)
            assert (refused.value.field, refused.value.facts["rule"]) == ("outcome", "three-attempts")
            await log_call(tx, adviser, call, now)
        await close_situation(tx, adviser, closing, now)
        assert (await the(tx, received.id)).outcome == "unreachable"


PROMISES = {"with_relatives": ("carer", 7 * DAY), "hospitalised": ("outside_service", 2 * DAY)}


@pytest.mark.parametrize("outcome", sorted(PROMISES))
async def test_an_ending_that_promises_a_call_plans_it_unless_one_is_planned_sooner(
    database: FreshDatabase, outcome: str
) -> None:
    async with a_ground(database) as (_, _, tx):
        adviser, now = await an_adviser(tx), now_of(tx)
        one, two = await a_situation(tx), await a_situation(tx)
        await plan_call_back(tx, adviser, PlanCallBack(two.id, "carer", now + HOUR), now)
        for situation_id in (one.id, two.id):
            await close_situation(tx, adviser, CloseSituation(situation_id, outcome), now)
        found = (await following_of(tx, one.id, now)).call_backs
        assert [(line.party, line.due_at - now) for line in found] == [PROMISES[outcome]]
        assert len((await following_of(tx, two.id, now)).call_backs) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.PATHWAY_ADVISER)])
async def test_nobody_but_coordination_does_any_of_it(database: FreshDatabase, role: Role) -> None:
    async with a_ground(database) as (_, _, tx):
        actor, received, now = await coordinating(tx, role), await a_situation(tx), now_of(tx)
        passing = HandOver(received.id, new_id(), "absence")
        attempts = (
            change_level(tx, actor, ChangeLevel(received.id, 2, "several_partners"), now),
            state_no_solution(tx, actor, StateNoSolution(received.id, ("relatives",)), now),
            log_call(tx, actor, LogCall(received.id, "made", "carer", "spoken"), now),
            plan_call_back(tx, actor, PlanCallBack(received.id, "carer", now + HOUR), now),
            identify_caller(tx, actor, received.id, now),
            review_urgency(tx, actor, ReviewUrgency(received.id, 2), now),
            impose_hand_over(tx, actor, passing, now),
        )
        for attempt in attempts:
            with pytest.raises(ActForbidden):
                await attempt
