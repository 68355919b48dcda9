"""Reserving an answer: who may, when, and what it changes."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from exchange.availability.commands import change_capacity, reconfirm_offer, withdraw_offer
from exchange.availability.errors import PlaceAlreadyHeld
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.organisations.commands import state_parameters
from exchange.placements.commands import HoldAnswer, cancel_placement, expire_hold, hold_answer
from exchange.placements.errors import (
    AnswerNotOpen,
    GroupIncomplete,
    OfferToConfirm,
    ProposalOutdated,
    SegmentsAlreadyServed,
)
from exchange.placements.rules import PlacementState
from exchange.situations.commands import CloseSituation, close_situation
from tests.factories.ground import actor_for, founder, ground
from tests.factories.placements import (
    a_house,
    a_stage,
    age_offer,
    counted_and_claimed,
    hold,
    overdue,
    placements_of,
    proposed,
    situation_state,
    state_of,
    the_placement,
    two_nights,
    waiting,
)
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase

S = PlacementState


async def test_a_hold_reserves_the_segments_until_its_hour(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        assert await hold_answer(tx, stage.adviser, HoldAnswer(situation_id, 1), now) == now + timedelta(minutes=30)
    assert await situation_state(stage, situation_id) == "held"
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    assert list(counted.values()) == [1]


async def test_a_held_place_cannot_be_held_for_somebody_else(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    first, second = await waiting(stage), await waiting(stage)
    await hold(stage, first)
    with pytest.raises(PlaceAlreadyHeld):
        await hold(stage, second)
    assert await situation_state(stage, second) == "received"
    assert await placements_of(stage, second) == {1: [(await the_placement(stage, second), S.PROPOSED)]}


async def test_the_community_sets_how_long_a_place_is_kept(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        await state_parameters(tx, founder(stage.community_id), {"urgent_hold_minutes": 45}, now_of(tx))
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        held_until = await hold_answer(tx, stage.adviser, HoldAnswer(situation_id, 1), now_of(tx))
        assert held_until == now_of(tx) + timedelta(minutes=45)


async def test_holding_shows_the_placement_the_offer_and_the_situation_anew(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    placement_id = await the_placement(stage, situation_id)
    await hold(stage, situation_id)
    async with stage.db.read(stage.community_id) as reader:
        rows = await reader.execute(text("SELECT subject_id, card FROM cards WHERE shown_until = 'infinity'"))
        cards = {row.subject_id: row.card for row in rows}
    assert cards[placement_id]["state"] == "held"
    assert cards[placement_id]["receiver_yes"] is False
    assert cards[situation_id]["state"] == "held"
    assert sum(used for _, _, used in cards[stage.house.offer_id]["segments"]) == 1
    assert "43157" not in str(cards[placement_id])


async def test_a_proposal_is_outdated_once_the_capacity_fell(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=2)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        await change_capacity(tx, stage.house.manager, stage.house.offer_id, -1, None, now_of(tx))
    with pytest.raises(ProposalOutdated):
        await hold(stage, situation_id)


async def test_a_proposal_is_outdated_once_the_offer_is_withdrawn(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        await withdraw_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    with pytest.raises(ProposalOutdated):
        await hold(stage, situation_id)


async def test_a_proposal_is_outdated_once_another_person_was_linked(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        await a_situation(tx, incompatible_with=(situation_id,))
    with pytest.raises(ProposalOutdated):
        await hold(stage, situation_id)


async def test_a_place_past_its_lifetime_is_confirmed_before_it_is_held(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await age_offer(stage, stage.house.offer_id)
    with pytest.raises(OfferToConfirm):
        await hold(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        await reconfirm_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    await hold(stage, situation_id)
    assert await situation_state(stage, situation_id) == "held"


async def test_only_coordination_reserves(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with ground(stage.db, stage.community_id) as tx:
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=stage.house.manager.operator_id)
        observer = await actor_for(tx, Role.OBSERVER)
    for actor in (stage.house.manager, on_call, observer):
        with pytest.raises(ActForbidden):
            async with stage.db.write(stage.community_id) as tx:
                await hold_answer(tx, actor, HoldAnswer(situation_id, 1), now_of(tx))


async def test_an_unknown_situation_is_not_found(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    with pytest.raises(NotFound):
        await hold(stage, new_id())


async def test_a_rank_without_proposal_or_already_held_is_not_open(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    with pytest.raises(AnswerNotOpen):
        await hold(stage, situation_id, rank=2)
    await hold(stage, situation_id)
    with pytest.raises(AnswerNotOpen):
        await hold(stage, situation_id)


async def test_a_closed_situation_holds_nothing(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        await close_situation(tx, stage.adviser, CloseSituation(situation_id, "with_relatives"), now_of(tx))
    with pytest.raises(IllegalTransition):
        await hold(stage, situation_id)


async def test_a_second_answer_for_the_same_night_is_refused(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    await hold(stage, situation_id)
    with pytest.raises(SegmentsAlreadyServed):
        await hold(stage, situation_id, rank=2)


async def test_an_answer_of_two_places_is_held_whole_or_not_at_all(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = await two_nights(tx)
        first = await proposed(tx, situation_id, stage.house.offer_id, positions=[0])
        second = await proposed(tx, situation_id, other.offer_id, positions=[1])
    await age_offer(stage, other.offer_id)
    with pytest.raises(OfferToConfirm):
        await hold(stage, situation_id)
    assert await counted_and_claimed(stage) == ({}, {})
    async with stage.db.write(stage.community_id) as tx:
        await reconfirm_offer(tx, other.manager, other.offer_id, now_of(tx))
    await hold(stage, situation_id)
    assert [await state_of(stage, placement) for placement in (first, second)] == [S.HELD, S.HELD]


async def test_an_overdue_hold_gives_its_place_to_whoever_wants_it_next(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    late, next_one = await waiting(stage), await waiting(stage)
    await hold(stage, late)
    late_placement = await the_placement(stage, late)
    await overdue(stage, late_placement)
    await hold(stage, next_one)
    assert await state_of(stage, late_placement) is S.EXPIRED
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    async with stage.db.read(stage.community_id) as reader:
        told = await reader.scalars(select(Event.kind).where(Event.subject_id == late_placement).order_by(Event.id))
        assert told.all() == ["placement_proposed", "placement_held", "hold_expired"]


async def test_a_situation_may_hold_again_after_its_own_hold_ran_out(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    await hold(stage, situation_id)
    await overdue(stage, await the_placement(stage, situation_id))
    await hold(stage, situation_id, rank=2)
    assert await state_of(stage, await the_placement(stage, situation_id)) is S.EXPIRED
    assert await state_of(stage, await the_placement(stage, situation_id, rank=2)) is S.HELD


async def test_the_clock_ends_a_hold_at_its_hour_and_not_before(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    held_until = await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    for now, ends in ((held_until - timedelta(seconds=1), False), (held_until, True), (held_until, False)):
        async with stage.db.write(stage.community_id) as tx:
            assert await expire_hold(tx, stage.system, placement_id, now) is ends
    assert await state_of(stage, placement_id) is S.EXPIRED
    assert await counted_and_claimed(stage) == ({}, {})


async def test_the_coordination_gives_a_place_back(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        await cancel_placement(tx, stage.adviser, placement_id, now_of(tx))
    assert await state_of(stage, placement_id) is S.CANCELLED
    assert await counted_and_claimed(stage) == ({}, {})


async def test_persons_to_keep_together_are_held_together_or_not_at_all(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=1)
    async with ground(stage.db, stage.community_id) as tx:
        roomy = await a_house(tx, capacity=2)
    async with stage.db.write(stage.community_id) as tx:
        elder = (await a_situation(tx)).id
        younger = (await a_situation(tx, together_with=elder)).id
        for situation_id in (elder, younger):
            await proposed(tx, situation_id, stage.house.offer_id, rank=1)
        await proposed(tx, elder, roomy.offer_id, rank=2)
    with pytest.raises(PlaceAlreadyHeld):
        await hold(stage, elder)
    with pytest.raises(GroupIncomplete):
        await hold(stage, elder, rank=2)
    assert await counted_and_claimed(stage) == ({}, {})
    async with stage.db.write(stage.community_id) as tx:
        await proposed(tx, younger, roomy.offer_id, rank=2)
    await hold(stage, elder, rank=2)
    assert [await situation_state(stage, each) for each in (elder, younger)] == ["held", "held"]
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    assert list(counted.values()) == [2]


async def test_two_advisers_and_one_last_place_one_wins(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    contenders = [await waiting(stage), await waiting(stage)]
    told = await asyncio.gather(*(hold(stage, each) for each in contenders), return_exceptions=True)
    assert [type(each) for each in told if isinstance(each, BaseException)] == [PlaceAlreadyHeld]
    assert sorted([await situation_state(stage, each) for each in contenders]) == ["held", "received"]
