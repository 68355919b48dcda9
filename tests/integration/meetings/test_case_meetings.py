"""Case meetings on a real database: who prepares them, what is proposed, what the minutes keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import Event
from exchange.meetings.agenda import proposed_agenda
from exchange.meetings.commands import case_meetings as commands
from exchange.meetings.errors import SituationNotOnAgenda
from exchange.meetings.inputs import DecideItem, PlanMeeting
from exchange.meetings.queries.case_meetings import MeetingView, meeting, meetings
from exchange.meetings.tried import Refusals
from exchange.reference.follow_up import AgendaReason
from exchange.situations.models import Situation
from tests.factories.meetings import a_task, aged, as_coordinator, refused
from tests.factories.placements import Stage, a_stage
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


async def planned(stage: Stage, *, in_days: int = 1, **over: object) -> UUID:
    async with stage.db.write(stage.community_id) as tx:
        form = PlanMeeting(now_of(tx) + timedelta(days=in_days), **over)  # type: ignore[arg-type]
        return await commands.plan_meeting(tx, as_coordinator(stage.adviser), form, now_of(tx))


async def seen(stage: Stage, meeting_id: UUID) -> MeetingView:
    async with stage.db.read(stage.community_id) as reader:
        return await meeting(reader, stage.adviser, meeting_id, now_of(reader))


async def test_rules_propose_situations_with_their_reasons_and_in_clear_counts(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    thrice = await refused(stage, 3)
    twice = await refused(stage, 2)
    async with stage.db.write(stage.community_id) as tx:
        old, raised = (await a_situation(tx)).id, (await a_situation(tx)).id
        await aged(tx, old, days=8)
        await aged(tx, raised, days=2, level=2)
    async with stage.db.read(stage.community_id) as reader:
        proposed = await proposed_agenda(reader, stage.adviser, now_of(reader))
        assert await proposed_agenda(reader, stage.house.manager, now_of(reader)) == ()
    assert [(line.situation_id, line.reasons) for line in proposed] == [
        (old, (AgendaReason.UNSOLVED_TOO_LONG,)),
        (raised, (AgendaReason.LEVEL_RAISED,)),
        (thrice, (AgendaReason.REFUSED_OFTEN,)),
    ]
    assert twice not in {line.situation_id for line in proposed}
    tried = proposed[-1].tried
    assert (tried.asked, tried.declined, tried.pending) == (3, 3, 0)
    assert set(tried.refusals) == {
        Refusals("premises_unsuitable", 1),
        Refusals("skill_missing", 1),
        Refusals("staffing_insufficient", 1),
    }


async def test_an_agenda_is_proposed_then_edited(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        old, chosen = (await a_situation(tx)).id, (await a_situation(tx)).id
        await aged(tx, old, days=8)
    meeting_id = await planned(stage, bodies=("mdph",), facility_ids=(stage.house.facility_id,), place="Salle 2")
    assert [item.situation_id for item in (await seen(stage, meeting_id)).items] == [old]
    coordinator = as_coordinator(stage.adviser)
    async with stage.db.write(stage.community_id) as tx:
        for _ in range(2):
            await commands.put_on_agenda(tx, coordinator, meeting_id, chosen, now_of(tx))
        await commands.take_off_agenda(tx, coordinator, meeting_id, old, now_of(tx))
        with pytest.raises(SituationNotOnAgenda):
            await commands.take_off_agenda(tx, coordinator, meeting_id, old, now_of(tx))
        with pytest.raises(InvalidValue):
            await commands.put_on_agenda(tx, coordinator, meeting_id, uuid4(), now_of(tx))
        kinds = await tx.scalars(select(Event.kind).where(Event.subject_id == meeting_id).order_by(Event.id))
        assert list(kinds) == ["meeting_planned", "meeting_prepared", "meeting_prepared"]
    (item,) = (await seen(stage, meeting_id)).items
    assert (item.situation_id, item.reasons) == (chosen, ("chosen",))


async def test_minutes_keep_what_was_true_when_the_meeting_was_held(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    thrice = await refused(stage, 3)
    meeting_id = await planned(stage)
    coordinator = as_coordinator(stage.adviser)
    async with stage.db.write(stage.community_id) as tx:
        form = DecideItem(meeting_id, thrice, ("widen_search",), "deux lieux à rappeler")
        await commands.decide(tx, coordinator, form, now_of(tx))
        await commands.decide(tx, coordinator, replace(form, decisions=("add_means", "meet_again")), now_of(tx))
        await a_task(tx, coordinator, situation_id=thrice, meeting_id=meeting_id)
        await a_task(tx, coordinator, meeting_id=meeting_id, assignee_body="regional_health_agency")
        await commands.close_minutes(tx, coordinator, meeting_id, now_of(tx))
    before = await seen(stage, meeting_id)
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(update(Situation).where(Situation.id == thrice).values(level=3, urgency=1))
        for act in (
            commands.close_minutes(tx, coordinator, meeting_id, now_of(tx)),
            commands.cancel_meeting(tx, coordinator, meeting_id, now_of(tx)),
            commands.put_on_agenda(tx, coordinator, meeting_id, thrice, now_of(tx)),
            commands.decide(tx, coordinator, form, now_of(tx)),
        ):
            with pytest.raises(IllegalTransition):
                await act
    after = await seen(stage, meeting_id)
    assert after == before
    (item,) = after.items
    assert (item.level, item.tried.declined, item.decisions) == (1, 3, ("add_means", "meet_again"))
    assert [task.situation_id for task in item.tasks] == [thrice]
    assert [task.assignee_body for task in after.other_tasks] == ["regional_health_agency"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
async def test_only_a_coordinator_prepares_a_meeting(database: FreshDatabase, role: Role) -> None:
    stage = await a_stage(database)
    meeting_id = await planned(stage)
    actor = replace(stage.adviser, role=role)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        for act in (
            commands.plan_meeting(tx, actor, PlanMeeting(now), now),
            commands.put_on_agenda(tx, actor, meeting_id, uuid4(), now),
            commands.take_off_agenda(tx, actor, meeting_id, uuid4(), now),
            commands.decide(tx, actor, DecideItem(meeting_id, uuid4(), ("meet_again",)), now),
            commands.close_minutes(tx, actor, meeting_id, now),
            commands.cancel_meeting(tx, actor, meeting_id, now),
        ):
            with pytest.raises(ActForbidden):
                await act


async def test_a_meeting_is_read_by_coordination_of_its_community_alone(database: FreshDatabase) -> None:
    stage, other = await a_stage(database), await a_stage(database)
    meeting_id = await planned(stage)

    async def may_read(of: Stage, actor: Actor) -> bool:
        async with of.db.read(of.community_id) as reader:
            listed = [line.id for line in await meetings(reader, actor)]
            try:
                await meeting(reader, actor, meeting_id, now_of(reader))
            except NotFound:
                assert listed == []
                return False
        return listed == [meeting_id]

    assert await may_read(stage, stage.adviser)
    assert not await may_read(stage, stage.house.manager)
    assert not await may_read(stage, replace(stage.adviser, role=Role.OBSERVER))
    assert not await may_read(other, other.adviser)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"place": "https://visio.exemple.fr"}, "place"),
        ({"place": "x" * 121}, "place"),
        ({"bodies": ("prefecture",)}, "bodies"),
        ({"facility_ids": (uuid4(),)}, "facility_ids"),
        ({"situation_ids": (uuid4(),)}, "situation_ids"),
        ({"in_days": 401}, "held_at"),
    ],
)
async def test_a_meeting_that_breaks_a_rule_is_refused_by_field(
    database: FreshDatabase, over: dict[str, object], field: str
) -> None:
    stage = await a_stage(database)
    with pytest.raises(InvalidValue) as told:
        await planned(stage, **over)  # type: ignore[arg-type]
    assert told.value.field == field
