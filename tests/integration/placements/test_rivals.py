"""A proposal on the place that somebody else holds: shown as taken, kept in case the hold falls, refused if tried."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.availability.errors import PlaceAlreadyHeld
from exchange.board.queries import cards_of
from exchange.board.views import PlacementCard
from exchange.kernel.db import now_of
from exchange.kernel.journals import OutboxRow
from exchange.placements import queries
from exchange.placements.commands import cancel_placement, drop_closed
from exchange.placements.rules import PlacementState, YesParty
from exchange.placements.taken import show_as_it_stands, shown_otherwise
from exchange.reactions import reactions
from exchange.situations.commands import CloseSituation, close_situation
from tests.factories.ground import ground
from tests.factories.placements import (
    ALL_YESES,
    Stage,
    a_house,
    a_stage,
    hold,
    proposed,
    say,
    state_of,
    the_placement,
    two_nights,
    waiting,
)
from tests.servers import FreshDatabase

S = PlacementState


async def told(stage: Stage, offer_id: UUID | None = None) -> int:
    """What the job does after a hold or a release; how many cards it shows anew."""
    async with stage.db.read(stage.community_id) as reader:
        turned = await shown_otherwise(reader, offer_id or stage.house.offer_id)
    for placement_id in turned:
        async with stage.db.write(stage.community_id) as tx:
            await show_as_it_stands(tx, placement_id, now_of(tx))
    return len(turned)


async def is_taken(stage: Stage, placement_id: UUID) -> tuple[bool, bool]:
    """What the board says, and what the sheet says."""
    await told(stage)
    assert await told(stage) == 0, "said once"
    async with stage.db.read(stage.community_id) as reader:
        view = await queries.placement(reader, stage.adviser, placement_id)
        (card,) = await cards_of(reader, stage.adviser, frozenset({placement_id}), now_of(reader))
    assert isinstance(card, PlacementCard)
    return card.is_taken, view.is_taken


async def test_the_last_unit_held_is_shown_as_taken_to_everybody_else_and_freed_with_the_hold(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database, capacity=1)
    mine, theirs = await waiting(stage), await waiting(stage)
    own, rival = [await the_placement(stage, each) for each in (mine, theirs)]
    assert await is_taken(stage, rival) == (False, False)
    await hold(stage, mine)
    assert await is_taken(stage, rival) == (True, True)
    assert await is_taken(stage, own) == (False, False), "nobody takes their own place"
    assert await state_of(stage, rival) is S.PROPOSED, "kept: the hold may fall"
    with pytest.raises(PlaceAlreadyHeld):
        await hold(stage, theirs)
    async with stage.db.write(stage.community_id) as tx:
        await cancel_placement(tx, stage.adviser, own, now_of(tx))
    assert await is_taken(stage, rival) == (False, False)
    await hold(stage, theirs)
    assert await state_of(stage, rival) is S.HELD


async def test_a_unit_that_is_left_takes_nothing_from_anybody(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=2)
    mine, theirs = await waiting(stage), await waiting(stage)
    rival = await the_placement(stage, theirs)
    await hold(stage, mine)
    assert await is_taken(stage, rival) == (False, False)


async def test_one_night_taken_is_enough_and_other_nights_do_not_count(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=1)
    async with stage.db.write(stage.community_id) as tx:
        both, second = await two_nights(tx), await two_nights(tx)
        wide = await proposed(tx, both, stage.house.offer_id)
        late = await proposed(tx, second, stage.house.offer_id, positions=(1,))
    first_night = await waiting(stage)
    await hold(stage, first_night)
    assert await is_taken(stage, wide) == (True, True)
    assert await is_taken(stage, late) == (False, False)


async def test_whoever_lost_the_place_is_searched_for_again(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions, capacity=1)
    mine, _ = await waiting(stage), await waiting(stage)
    async with stage.db.write(stage.community_id) as tx:
        for row in await tx.scalars(select(OutboxRow).where(OutboxRow.gather_key.is_not(None))):
            row.done_at = now_of(tx)
    await hold(stage, mine)
    async with stage.db.read(stage.community_id) as reader:
        due = set(
            await reader.scalars(
                select(OutboxRow.job).where(OutboxRow.gather_key.is_not(None), OutboxRow.done_at.is_(None))
            )
        )
    assert due == {"planning.full"}, "the full run judges everybody's proposals anew"


async def test_confirming_one_answer_keeps_its_backups_until_the_person_is_there(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    plan, backup = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2)]
    await say(stage, backup, YesParty.PERSON)
    await hold(stage, situation_id)
    await say(stage, plan, *ALL_YESES)
    assert [await state_of(stage, each) for each in (plan, backup)] == [S.CONFIRMED, S.PROPOSED]


async def test_closing_off_network_gives_back_what_is_held_at_once(database: FreshDatabase) -> None:
    stage = await a_stage(database, reactions=reactions, capacity=1)
    mine, theirs = await waiting(stage), await waiting(stage)
    rival = await the_placement(stage, theirs)
    await hold(stage, mine)
    async with stage.db.write(stage.community_id) as tx:
        closing = CloseSituation(mine, "placed_off_network", note="Clinique des Sources", arrived_at=now_of(tx))
        await close_situation(tx, stage.adviser, closing, now_of(tx))
    async with stage.db.read(stage.community_id) as reader:
        due = select(OutboxRow.job).where(OutboxRow.subject_id == mine, OutboxRow.due_at <= now_of(reader))
        assert "placements.drop_closed" in set(await reader.scalars(due)), "without waiting for the end of the hold"
    async with stage.db.write(stage.community_id) as tx:
        await drop_closed(tx, stage.system, mine, now_of(tx))
    assert await is_taken(stage, rival) == (False, False)
