"""The board on a real database: who sees which cards, now and as of a past minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from exchange.availability.commands import withdraw_offer
from exchange.availability.models import PlaceOffer
from exchange.board.queries import BoardScope, board_at, cards_of, changed_since, live_state, turned_between
from exchange.board.views import Board, OfferCard, PlacementCard, SituationCard
from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden
from exchange.situations.models import Situation
from tests.factories.ground import a_facility, actor_for, ground
from tests.factories.placements import Stage, a_stage, hold, waiting
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


@pytest_asyncio.fixture(loop_scope="session")
async def stage(database: FreshDatabase) -> AsyncIterator[Stage]:
    """One house with an offer, an adviser, a proposal for one situation."""
    made = await a_stage(database)
    await waiting(made)
    yield made


async def seen(stage: Stage, actor: Actor, scope: BoardScope | None = None) -> Board:
    async with stage.db.read(stage.community_id) as reader:
        return await board_at(reader, actor, scope or BoardScope(), None, now_of(reader))


async def somebody(stage: Stage, role: Role, **side: object) -> Actor:
    async with ground(stage.db, stage.community_id) as tx:
        return await actor_for(tx, role, **side)  # type: ignore[arg-type]


async def test_coordination_sees_every_kind(stage: Stage) -> None:
    board = await seen(stage, stage.adviser)
    assert [card.kind for card in board.cards] == ["situation", "offer", "placement"]


async def test_a_site_sees_a_request_once_it_is_asked_and_no_proposal_before(stage: Stage) -> None:
    assert "placement" not in {card.kind for card in (await seen(stage, stage.house.manager)).cards}
    situation_id = next(c.subject_id for c in (await seen(stage, stage.adviser)).cards if c.kind == "situation")
    await hold(stage, situation_id)
    asked = [card for card in (await seen(stage, stage.house.manager)).cards if isinstance(card, PlacementCard)]
    assert [card.awaits_receiver for card in asked] == [True]


async def test_another_site_never_sees_that_request(stage: Stage) -> None:
    situation_id = next(c.subject_id for c in (await seen(stage, stage.adviser)).cards if c.kind == "situation")
    await hold(stage, situation_id)
    async with ground(stage.db, stage.community_id) as tx:
        stranger = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=await a_facility(tx))
    board = await seen(stage, stranger)
    assert {card.kind for card in board.cards} == {"situation", "offer"}
    (situation,) = board.of_kind("situation")
    assert isinstance(situation, SituationCard)
    assert (situation.reference, situation.state, situation.next_check_at) == (None, None, None)


async def test_an_observer_gets_no_card_and_no_small_count(stage: Stage) -> None:
    board = await seen(stage, await somebody(stage, Role.OBSERVER))
    assert board.cards == ()
    assert {(counts.situations, counts.places_free) for counts in board.counts} <= {(None, 0), (None, None), (0, 0)}


async def test_a_lent_professional_has_no_board(stage: Stage) -> None:
    async with stage.db.read(stage.community_id) as reader:
        person = Actor(stage.community_id, Role.LOAN_VOLUNTEER, stage.adviser.via)
        with pytest.raises(ActForbidden):
            await board_at(reader, person, BoardScope(), None, now_of(reader))


async def test_another_community_sees_nothing_of_it(stage: Stage, database: FreshDatabase) -> None:
    other = await a_stage(database)
    mine = {card.subject_id for card in (await seen(stage, stage.adviser)).cards}
    theirs = {card.subject_id for card in (await seen(other, other.adviser)).cards}
    assert not mine & theirs
    async with other.db.read(other.community_id) as reader:
        assert await cards_of(reader, other.adviser, frozenset(mine), now_of(reader)) == ()


async def test_the_board_of_a_past_minute_shows_what_was_shown_then(stage: Stage) -> None:
    async with stage.db.read(stage.community_id) as reader:
        before = now_of(reader)
    async with stage.db.write(stage.community_id) as tx:
        await withdraw_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    async with stage.db.read(stage.community_id) as reader:
        now = now_of(reader)
        then = await board_at(reader, stage.adviser, BoardScope(), before, now)
        live = await board_at(reader, stage.adviser, BoardScope(), None, now)
    assert stage.house.offer_id in {card.subject_id for card in then.cards}
    assert stage.house.offer_id not in {card.subject_id for card in live.cards}


async def test_staleness_is_computed_at_the_instant_asked_for(stage: Stage) -> None:
    async with stage.db.read(stage.community_id) as reader:
        offer = await reader.get_one(PlaceOffer, stage.house.offer_id)
        later = offer.fresh_until + timedelta(seconds=1)
        (fresh,) = (await board_at(reader, stage.adviser, BoardScope(), None, now_of(reader))).of_kind("offer")
        (stale,) = (await board_at(reader, stage.adviser, BoardScope(), None, later)).of_kind("offer")
    assert isinstance(fresh, OfferCard)
    assert isinstance(stale, OfferCard)
    assert (fresh.to_confirm, stale.to_confirm) == (False, True)


async def test_what_turns_with_time_alone_is_found_once(stage: Stage) -> None:
    async with stage.db.write(stage.community_id) as tx:
        received = await a_situation(tx, urgency=4)
        created_at = (await tx.get_one(Situation, received.id)).created_at
    red_at = created_at + timedelta(minutes=120)
    async with stage.db.read(stage.community_id) as reader:
        around = await turned_between(reader, red_at - timedelta(seconds=1), red_at + timedelta(seconds=1))
        after = await turned_between(reader, red_at + timedelta(seconds=1), red_at + timedelta(seconds=9))
    assert received.id in around
    assert received.id not in after


async def test_changes_name_whom_they_concern_and_what_is_gone(stage: Stage) -> None:
    async with stage.db.read(stage.community_id) as reader:
        since = now_of(reader)
    async with stage.db.write(stage.community_id) as tx:
        await withdraw_offer(tx, stage.house.manager, stage.house.offer_id, now_of(tx))
    async with stage.db.read(stage.community_id) as reader:
        changes = await changed_since(reader, since)
        state = await live_state(reader, frozenset(changes), now_of(reader))
    assert changes[stage.house.offer_id].facility_ids == {stage.house.facility_id}
    assert stage.house.offer_id not in {card.subject_id for card in state.cards}


async def test_a_scope_reads_only_its_part(stage: Stage) -> None:
    only_offers = await seen(stage, stage.adviser, BoardScope(kinds=frozenset({"offer"})))
    assert {card.kind for card in only_offers.cards} == {"offer"}
