"""Project records on a real database: what the rule proposes, what an authority may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, IllegalTransition, InvalidValue, NotFound
from exchange.meetings.commands import project_records as commands
from exchange.meetings.errors import GapsNotAlike
from exchange.meetings.inputs import OpenRecord
from exchange.meetings.queries.project_records import RecordView, project_record, proposed_records, records
from exchange.organisations.models import DatedParameters
from exchange.situations.commands import CloseSituation, close_situation
from exchange.situations.models import SituationDetails
from tests.factories.meetings import aged, as_coordinator
from tests.factories.placements import Stage, a_stage
from tests.factories.situations import a_situation
from tests.servers import FreshDatabase


async def gaps(stage: Stage, how_many: int, **over: object) -> list[UUID]:
    async with stage.db.write(stage.community_id) as tx:
        ids = [(await a_situation(tx, **over)).id for _ in range(how_many)]
        for number, situation_id in enumerate(ids):
            await aged(tx, situation_id, days=10 + number)
    return ids


async def opened(stage: Stage, situation_ids: list[UUID], missing: str | None = "Accueil de nuit") -> UUID:
    async with stage.db.write(stage.community_id) as tx:
        form = OpenRecord(tuple(situation_ids), missing)
        return await commands.open_record(tx, as_coordinator(stage.adviser), form, now_of(tx))


async def seen(stage: Stage, actor: Actor, record_id: UUID) -> RecordView:
    async with stage.db.read(stage.community_id) as reader:
        return await project_record(reader, actor, record_id)


async def proposed(stage: Stage) -> list[tuple[UUID, ...]]:
    async with stage.db.read(stage.community_id) as reader:
        assert await proposed_records(reader, stage.house.manager, now_of(reader)) == ()
        return [one.situation_ids for one in await proposed_records(reader, stage.adviser, now_of(reader))]


async def test_three_alike_call_for_a_record_until_one_is_open(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    alike = await gaps(stage, 3)
    await gaps(stage, 2, care_mode="days_only")
    assert await proposed(stage) == [tuple(reversed(alike))]
    record_id = await opened(stage, alike)
    assert await proposed(stage) == []
    async with stage.db.write(stage.community_id) as tx:
        await commands.close_record(tx, as_coordinator(stage.adviser), record_id, now_of(tx))
    assert await proposed(stage) == [tuple(reversed(alike))]


async def test_a_community_sets_its_own_figure(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    await gaps(stage, 3)
    async with stage.db.write(stage.community_id) as tx:
        await tx.execute(update(DatedParameters).values(parameters={"repeated_gap_situations": 4}))
    assert await proposed(stage) == []


async def test_who_was_closed_without_an_answer_still_counts_and_whose_details_are_erased_does_not(
    database: FreshDatabase,
) -> None:
    stage = await a_stage(database)
    alike = await gaps(stage, 3)
    async with stage.db.write(stage.community_id) as tx:
        await close_situation(tx, stage.adviser, CloseSituation(alike[0], "hospitalised"), now_of(tx))
    assert await proposed(stage) == [tuple(reversed(alike))]
    async with stage.db.write(stage.community_id) as tx:
        details = await tx.get_one(SituationDetails, alike[0])
        await tx.delete(details)
    assert await proposed(stage) == []


@pytest.mark.parametrize(("how_many", "told"), [(1, None), (4, None), (5, 5)])
async def test_an_observer_reads_a_shared_record_without_references_or_small_counts(
    database: FreshDatabase, how_many: int, told: int | None
) -> None:
    stage = await a_stage(database)
    record_id = await opened(stage, await gaps(stage, how_many))
    observer = replace(stage.adviser, role=Role.OBSERVER)
    with pytest.raises(NotFound):
        await seen(stage, observer, record_id)
    async with stage.db.write(stage.community_id) as tx:
        await commands.share_record(tx, as_coordinator(stage.adviser), record_id, now_of(tx))
    inside, outside = await seen(stage, stage.adviser, record_id), await seen(stage, observer, record_id)
    assert (inside.situations, len(inside.linked)) == (how_many, how_many)
    assert (outside.situations, outside.linked) == (told, ())
    assert outside.missing == "Accueil de nuit"
    with pytest.raises(NotFound):
        await seen(stage, stage.house.manager, record_id)


async def test_a_draft_put_away_was_never_told_to_an_authority(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    record_id = await opened(stage, await gaps(stage, 1))
    async with stage.db.write(stage.community_id) as tx:
        await commands.close_record(tx, as_coordinator(stage.adviser), record_id, now_of(tx))
    async with stage.db.read(stage.community_id) as reader:
        assert await records(reader, replace(stage.adviser, role=Role.OBSERVER)) == ()


async def test_a_record_goes_from_draft_to_answered_to_closed(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    alike = await gaps(stage, 2)
    record_id, coordinator = await opened(stage, alike[:1], None), as_coordinator(stage.adviser)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        with pytest.raises(InvalidValue):
            await commands.share_record(tx, coordinator, record_id, now)
        with pytest.raises(InvalidValue):
            await commands.edit_record(tx, coordinator, record_id, "Appelez le 04 71 00 00 00", now)
        await commands.edit_record(tx, coordinator, record_id, "Accueil de nuit", now)
        await commands.link_situations(tx, coordinator, record_id, alike, now)
        await commands.share_record(tx, coordinator, record_id, now)
        with pytest.raises(IllegalTransition):
            await commands.edit_record(tx, coordinator, record_id, "Autre chose", now)
        await commands.answer_record(tx, coordinator, record_id, "Deux places en 2027", now)
        await commands.close_record(tx, coordinator, record_id, now)
        with pytest.raises(IllegalTransition):
            await commands.answer_record(tx, coordinator, record_id, "Trop tard", now)
    told = await seen(stage, stage.adviser, record_id)
    assert (told.state.value, told.situations, told.answer) == ("closed", 2, "Deux places en 2027")
    assert (told.created_at.date() - told.since).days in (11, 12)


async def test_a_record_takes_only_gaps_that_are_alike(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    alike, other = await gaps(stage, 2), await gaps(stage, 1, care_mode="days_only")
    async with stage.db.write(stage.community_id) as tx:
        in_time = (await a_situation(tx)).id
    with pytest.raises(GapsNotAlike):
        await opened(stage, [*alike, *other])
    for wrong, rule in ((in_time, "no-gap"), (uuid4(), "unknown-situation")):
        with pytest.raises(InvalidValue) as told:
            await opened(stage, [*alike, wrong])
        assert told.value.facts["rule"] == rule
    record_id = await opened(stage, alike)
    async with stage.db.write(stage.community_id) as tx:
        with pytest.raises(GapsNotAlike):
            await commands.link_situations(tx, as_coordinator(stage.adviser), record_id, other, now_of(tx))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
async def test_only_a_coordinator_writes_records(database: FreshDatabase, role: Role) -> None:
    stage = await a_stage(database)
    record_id = await opened(stage, await gaps(stage, 1))
    actor = replace(stage.adviser, role=role)
    async with stage.db.write(stage.community_id) as tx:
        now = now_of(tx)
        for act in (
            commands.open_record(tx, actor, OpenRecord((uuid4(),)), now),
            commands.edit_record(tx, actor, record_id, "x", now),
            commands.link_situations(tx, actor, record_id, (uuid4(),), now),
            commands.share_record(tx, actor, record_id, now),
            commands.answer_record(tx, actor, record_id, "x", now),
            commands.close_record(tx, actor, record_id, now),
        ):
            with pytest.raises(ActForbidden):
                await act


async def test_another_community_reads_no_record(database: FreshDatabase) -> None:
    stage, other = await a_stage(database), await a_stage(database)
    record_id = await opened(stage, await gaps(stage, 3))
    async with other.db.read(other.community_id) as reader:
        assert await records(reader, other.adviser) == ()
        assert await proposed_records(reader, other.adviser, now_of(reader) + timedelta(days=1)) == ()
        with pytest.raises(NotFound):
            await project_record(reader, other.adviser, record_id)
        assert await reader.scalar(select(SituationDetails.situation_id).limit(1)) is None
