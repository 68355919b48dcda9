"""Who is told what: messages derived from facts, once per reader, and never what they may not hold."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.availability.models import PlaceOffer
from exchange.identity.models import Account, Membership
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.journals import Event, OutboxRow
from exchange.notifications.commands import ask_to_confirm, fan_out
from exchange.notifications.letters import contents_of
from exchange.notifications.models import Message
from exchange.organisations.models import Facility
from exchange.placements.commands import HoldAnswer, RefusePlacement, hold_answer, refuse_placement
from exchange.reference.answers import RefusalReason
from exchange.situations.models import Situation
from exchange.wording.messages import render
from tests.factories.ground import actor_for, ground
from tests.factories.loans import a_lending, asked
from tests.factories.placements import Stage, a_house, a_stage, proposed
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


async def told_of(stage: Stage, kind: str) -> dict[UUID, str]:
    """Fan the last fact of a kind out, and return whom it is told to, with which template."""
    async with stage.db.write(stage.community_id) as tx:
        fact_id = await tx.scalar(
            select(Event.fact_id).where(Event.kind == kind).order_by(Event.recorded_at.desc(), Event.id.desc()).limit(1)
        )
        assert fact_id is not None, f"no {kind} was recorded"
        await fan_out(tx, fact_id, now_of(tx))
        rows = await tx.execute(select(Message.recipient_id, Message.template).where(Message.fact_id == fact_id))
        return {row.recipient_id: row.template for row in rows}


async def a_held_placement(stage: Stage) -> UUID:
    """A placement held by the stage's adviser, who is the situation's referent."""
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx)
        situation = await tx.get(Situation, received.id)
        assert situation is not None
        situation.referent_account_id = stage.adviser.account_id
        placement_id = await proposed(tx, received.id, stage.house.offer_id)
    async with stage.db.write(stage.community_id) as tx:
        await hold_answer(tx, stage.adviser, HoldAnswer(received.id, 1), now_of(tx))
    return placement_id


async def test_a_hold_is_told_to_the_house_and_to_the_on_call_of_its_operator_alone(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=stage.house.manager.operator_id)
        await a_house(tx)
        await actor_for(tx, Role.COORDINATOR)
        gone = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=stage.house.facility_id)
        membership = await tx.get(Membership, gone.membership_id)
        assert membership is not None
        membership.ended_at = now_of(tx)
        closed = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=stage.house.facility_id)
        account = await tx.get(Account, closed.account_id)
        assert account is not None
        account.disabled_at = now_of(tx)
    await a_held_placement(stage)
    told = await told_of(stage, "placement_held")
    assert told == {
        stage.house.manager.account_id: "stay_requested",
        on_call.account_id: "stay_requested",
    }


async def test_a_fact_fanned_out_twice_writes_its_messages_once(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    await a_held_placement(stage)
    first = await told_of(stage, "placement_held")
    assert await told_of(stage, "placement_held") == first
    async with stage.db.read(stage.community_id) as reader:
        messages = set(await reader.scalars(select(Message.id)))
        deliveries = await reader.scalars(select(OutboxRow.subject_id).where(OutboxRow.job == "notifications.deliver"))
        assert sorted(deliveries) == sorted(messages)
    assert len(messages) == len(first)


async def test_a_refusal_is_told_to_the_referent_alone(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id = await a_held_placement(stage)
    async with stage.db.write(stage.community_id) as tx:
        refusal = RefusePlacement(placement_id, RefusalReason.STAFFING_INSUFFICIENT)
        await refuse_placement(tx, stage.house.manager, refusal, now_of(tx))
    assert await told_of(stage, "placement_refused") == {stage.adviser.account_id: "stay_declined_next"}


async def test_a_request_for_a_loan_goes_to_its_three_parties(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    await asked(lending)
    async with lending.db.write(lending.community_id) as tx:
        fact_id = await tx.scalar(select(Event.fact_id).where(Event.kind == "loan_asked"))
        assert fact_id is not None
        await fan_out(tx, fact_id, now_of(tx))
        rows = await tx.execute(select(Message.recipient_kind, Message.recipient_id, Message.template))
        assert {tuple(row) for row in rows} == {
            ("volunteer", lending.volunteer_id, "loan_offered"),
            ("account", lending.lender.account_id, "release_requested"),
            ("account", lending.host.account_id, "loan_to_accept"),
        }


@pytest.mark.parametrize(("minutes_left", "readers"), [(-1, 1), (5, 0)])
async def test_a_house_is_asked_again_only_once_its_word_is_old(
    database: FreshDatabase, minutes_left: int, readers: int
) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        offer = await tx.get(PlaceOffer, stage.house.offer_id)
        assert offer is not None
        offer.fresh_until = now_of(tx) + timedelta(minutes=minutes_left)
        await tx.flush()
        written = await ask_to_confirm(tx, stage.house.offer_id, stage.house.offer_id, now_of(tx))
        assert len(written) == readers


async def test_letters_name_nobody_and_no_protected_place(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id = await a_held_placement(stage)
    async with stage.db.write(stage.community_id) as tx:
        facility = await tx.get(Facility, stage.house.facility_id)
        assert facility is not None
        facility.hides_address, facility.name = True, "Maison du Refuge"
        await tx.flush()
        contents = await contents_of(tx, "stay_accepted", placement_id, now_of(tx))
    rendered = render("stay_accepted", contents.values, "https://entraide.essai" + contents.path)
    letter = rendered.subject + rendered.text + rendered.html
    assert "Refuge" not in letter
    assert "un lieu protégé" in letter
    for secret in ("Le Puy", "intellectual", "intellectuel", "43157"):
        assert secret not in letter
