"""What a run leaves standing, renews, takes away: the identity of a line over re-plans."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.placements.commands import ProposedPlacement, RefusePlacement, put_forward, refuse_placement
from exchange.placements.models import Placement
from exchange.placements.rules import PlacementState, YesParty
from exchange.reference.answers import RefusalReason
from tests.factories.ground import ground
from tests.factories.placements import (
    Stage,
    a_house,
    a_line,
    a_stage,
    age_offer,
    hold,
    placements_of,
    say,
    state_of,
    the_placement,
    two_nights,
)
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase

S = PlacementState


async def record_run(
    stage: Stage, *lines: ProposedPlacement, judged: Sequence[UUID] = (), by: Actor | None = None
) -> tuple[UUID, ...]:
    async with stage.db.write(stage.community_id) as tx:
        return await put_forward(tx, by or stage.system, lines, new_id(), now_of(tx), judged=judged)


async def events_told(stage: Stage) -> dict[str, int]:
    async with stage.db.read(stage.community_id) as reader:
        rows = await reader.execute(
            select(Event.kind, func.count()).where(Event.subject_kind == "placement").group_by(Event.kind)
        )
        return dict(rows.all())


async def a_scene(database: FreshDatabase) -> tuple[Stage, UUID, ProposedPlacement, ProposedPlacement]:
    """One situation, and a line for it in each of two houses."""
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
        situation_id = (await a_situation(tx)).id
        line = await a_line(tx, situation_id, stage.house.offer_id)
        return stage, situation_id, line, await a_line(tx, situation_id, other.offer_id, rank=2)


async def test_the_same_line_of_a_new_run_keeps_its_row_without_event(database: FreshDatabase) -> None:
    stage, situation_id, line, _ = await a_scene(database)
    (placement_id,) = await record_run(stage, line)
    assert await record_run(stage, replace(line, rank=2, reasons=({"code": "backup"},))) == ()
    assert await placements_of(stage, situation_id) == {2: [(placement_id, S.PROPOSED)]}
    assert await events_told(stage) == {"placement_proposed": 1}
    async with stage.db.read(stage.community_id) as reader:
        card = await reader.scalar(
            text("SELECT card FROM cards WHERE subject_id = :id AND shown_until = 'infinity'"), {"id": placement_id}
        )
    assert (card["rank"], card["reasons"]) == (2, [{"code": "backup"}])


async def test_a_line_that_the_run_no_longer_makes_is_superseded(database: FreshDatabase) -> None:
    stage, situation_id, line, other = await a_scene(database)
    (first,) = await record_run(stage, line)
    (second,) = await record_run(stage, replace(other, rank=1))
    assert await placements_of(stage, situation_id) == {1: [(first, S.SUPERSEDED), (second, S.PROPOSED)]}
    # Coming back, it is a new proposal: the old one was taken off the board.
    (third,) = await record_run(stage, line)
    assert third not in (first, second)
    assert await state_of(stage, third) is S.PROPOSED


async def test_a_run_without_any_line_for_a_situation_takes_its_proposals_away(database: FreshDatabase) -> None:
    stage, situation_id, line, _ = await a_scene(database)
    (placement_id,) = await record_run(stage, line)
    await record_run(stage)
    assert await state_of(stage, placement_id) is S.PROPOSED
    await record_run(stage, judged=[situation_id])
    assert await state_of(stage, placement_id) is S.SUPERSEDED


async def test_the_plan_says_nothing_of_the_backups_nor_they_of_it(database: FreshDatabase) -> None:
    stage, _, line, backup = await a_scene(database)
    (plan,) = await record_run(stage, line)
    (second,) = await record_run(stage, backup)
    await record_run(stage, line)
    await record_run(stage, backup)
    assert [await state_of(stage, each) for each in (plan, second)] == [S.PROPOSED, S.PROPOSED]
    await hold(stage, line.situation_id)
    await record_run(stage, judged=[line.situation_id])
    assert [await state_of(stage, each) for each in (plan, second)] == [S.HELD, S.PROPOSED]
    async with stage.db.write(stage.community_id) as tx:
        judged = [line.situation_id]
        await put_forward(tx, stage.system, (), new_id(), now_of(tx), judged=judged, of_backups=True)
    assert [await state_of(stage, each) for each in (plan, second)] == [S.HELD, S.SUPERSEDED]


async def test_what_was_held_is_left_alone(database: FreshDatabase) -> None:
    stage, situation_id, line, other = await a_scene(database)
    (placement_id,) = await record_run(stage, line)
    await hold(stage, situation_id)
    assert await record_run(stage, replace(line, rank=3), judged=[situation_id]) == ()
    await record_run(stage, other, judged=[situation_id])
    assert (await placements_of(stage, situation_id))[1] == [(placement_id, S.HELD)]


async def test_the_persons_yes_to_a_backup_survives_a_new_run(database: FreshDatabase) -> None:
    stage, _, _, backup = await a_scene(database)
    (placement_id,) = await record_run(stage, backup)
    await say(stage, placement_id, YesParty.PERSON)
    await record_run(stage, backup)
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(Placement.person_yes_at).where(Placement.id == placement_id)) is not None


async def test_a_line_that_no_longer_holds_is_dropped(database: FreshDatabase) -> None:
    stage, situation_id, line, _ = await a_scene(database)
    async with stage.db.write(stage.community_id) as tx:
        elsewhere = await two_nights(tx)
        foreign = await a_line(tx, elsewhere, stage.house.offer_id)
    for dropped in (
        replace(line, situation_terms_version=line.situation_terms_version + 1),
        replace(line, offer_terms_version=line.offer_terms_version + 1),
        replace(line, offer_id=new_id()),
        replace(line, block_ids=()),
        replace(line, block_ids=(new_id(),)),
        replace(line, block_ids=foreign.block_ids),
    ):
        assert await record_run(stage, dropped) == ()
    await age_offer(stage, stage.house.offer_id)
    assert await record_run(stage, line) == ()
    assert await placements_of(stage, situation_id) == {}


async def test_a_pair_that_was_refused_is_not_proposed_again(database: FreshDatabase) -> None:
    stage, situation_id, line, _ = await a_scene(database)
    await record_run(stage, line)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    async with stage.db.write(stage.community_id) as tx:
        refusal = RefusePlacement(placement_id, RefusalReason.SAFETY_NOT_ENSURED)
        await refuse_placement(tx, stage.house.manager, refusal, now_of(tx))
    assert await record_run(stage, line) == ()


async def test_a_facility_puts_nothing_forward(database: FreshDatabase) -> None:
    stage, _, line, _ = await a_scene(database)
    with pytest.raises(ActForbidden):
        await record_run(stage, line, by=stage.house.manager)
