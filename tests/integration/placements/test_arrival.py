"""Arrival, exit date, departure; and who sees what."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import Event
from exchange.organisations import queries as organisations
from exchange.placements import queries
from exchange.placements.commands import ConfirmArrival, confirm_arrival, end_stay
from exchange.placements.errors import ExitDateRequired
from exchange.placements.rules import PlacementState
from exchange.situations.models import Situation
from exchange.situations.queries import situation_for_receiver
from tests.factories.ground import actor_for, ground
from tests.factories.placements import (
    ALL_YESES,
    Stage,
    a_house,
    a_stage,
    counted_and_claimed,
    hold,
    overdue,
    proposed,
    say,
    situation_state,
    state_of,
    the_placement,
    two_nights,
    waiting,
)
from tests.servers import FreshDatabase

S = PlacementState


async def today(stage: Stage) -> date:
    async with stage.db.read(stage.community_id) as reader:
        return now_of(reader).astimezone(await organisations.zone(reader)).date()


async def arrive(stage: Stage, placement_id: UUID, exit_on: date | None = None, *, by_house: bool = False) -> None:
    async with stage.db.write(stage.community_id) as tx:
        actor = stage.house.manager if by_house else stage.adviser
        await confirm_arrival(tx, actor, ConfirmArrival(placement_id, exit_on), now_of(tx))


async def test_an_arrival_makes_the_situation_effective_and_lets_the_backups_go(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    plan, backup = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2)]
    await hold(stage, situation_id)
    with pytest.raises(IllegalTransition):
        await arrive(stage, plan, await today(stage))
    await say(stage, plan, *ALL_YESES)
    exit_on = await today(stage) + timedelta(days=10)
    await arrive(stage, plan, exit_on, by_house=True)
    assert [await state_of(stage, each) for each in (plan, backup)] == [S.ADMITTED, S.SUPERSEDED]
    assert await situation_state(stage, situation_id) == "effective"
    async with stage.db.read(stage.community_id) as reader:
        told = (await reader.scalars(select(Event.facts).where(Event.kind == "person_admitted"))).one()
        assert told["exit_on"] == exit_on.isoformat()
    async with stage.db.write(stage.community_id) as tx:
        await end_stay(tx, stage.house.manager, plan, now_of(tx))
    assert await counted_and_claimed(stage) == ({}, {})


async def test_a_temporary_stay_has_its_exit_date_before_arrival(database: FreshDatabase) -> None:
    stage = await a_stage(database, max_stay_nights=5)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    with pytest.raises(ExitDateRequired):
        await arrive(stage, placement_id)
    for wrong in (await today(stage) - timedelta(days=2), await today(stage) + timedelta(days=6)):
        with pytest.raises(InvalidValue):
            await arrive(stage, placement_id, wrong)
    await arrive(stage, placement_id, await today(stage) + timedelta(days=4))
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_a_permanent_care_needs_no_exit_date(database: FreshDatabase) -> None:
    stage = await a_stage(database, care_mode="boarding_full")
    situation_id = await waiting(stage, care_mode="boarding_full")
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    await arrive(stage, placement_id)
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_effective_dates_from_the_first_arrival_of_a_composed_answer(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
        situation_id = await two_nights(tx)
        first = await proposed(tx, situation_id, stage.house.offer_id, positions=[0])
        second = await proposed(tx, situation_id, other.offer_id, positions=[1])
    await hold(stage, situation_id)
    await say(stage, first, *ALL_YESES)
    await say(stage, second, *ALL_YESES, manager=other.manager)
    assert await situation_state(stage, situation_id) == "confirmed"
    exit_on = await today(stage) + timedelta(days=1)
    await arrive(stage, first, exit_on)
    assert await situation_state(stage, situation_id) == "confirmed"
    since = await effective_at(stage, situation_id)
    await arrive(stage, second, exit_on)
    assert await situation_state(stage, situation_id) == "effective"
    assert await effective_at(stage, situation_id) == since is not None


async def effective_at(stage: Stage, situation_id: UUID) -> datetime | None:
    async with stage.db.read(stage.community_id) as reader:
        found: datetime | None = await reader.scalar(select(Situation.effective_at).where(Situation.id == situation_id))
        return found


async def test_each_party_sees_what_concerns_it(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
        observer = await actor_for(tx, Role.OBSERVER)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    plan, backup = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2)]

    async def seen(actor: Actor) -> set[UUID]:
        async with stage.db.read(stage.community_id) as reader:
            return {view.id for view in await queries.placements(reader, actor)}

    # A house that nobody has asked yet knows nothing of it.
    assert [await seen(each) for each in (stage.adviser, stage.house.manager)] == [{plan, backup}, set()]
    await hold(stage, situation_id)
    everyone = (stage.adviser, stage.house.manager, other.manager, observer)
    assert [await seen(each) for each in everyone] == [{plan, backup}, {plan}, set(), set()]
    async with stage.db.read(stage.community_id) as reader:
        for stranger in (other.manager, observer):
            with pytest.raises(NotFound):
                await queries.placement(reader, stranger, plan)
        answers = await queries.answers_of(reader, stage.adviser, situation_id)
        assert [(answer.rank, [view.id for view in answer.placements]) for answer in answers] == [
            (1, [plan]),
            (2, [backup]),
        ]
        (mine,) = await queries.placements_for_facilities(reader, stage.house.manager)
        assert (mine.state, mine.held_until is not None, mine.receiver_yes_at) == (S.HELD, True, None)
        proof = await queries.solicited(reader, stage.house.manager, plan)
        view = await situation_for_receiver(reader, stage.house.manager, situation_id, proof)
        assert view.need_codes == ("intellectual_disability",)
        with pytest.raises(NotFound):
            await queries.solicited(reader, other.manager, backup)


async def test_whoever_let_the_hour_pass_sees_the_person_no_more(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    late = await waiting(stage)
    await hold(stage, late)
    plan = await the_placement(stage, late)
    await overdue(stage, plan)
    await hold(stage, await waiting(stage))
    async with stage.db.read(stage.community_id) as reader:
        with pytest.raises(NotFound):
            await queries.solicited(reader, stage.house.manager, plan)


async def test_what_remains_to_be_done_before_arrival_shows_red(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    async with stage.db.read(stage.community_id) as reader:
        view = await queries.placement(reader, stage.house.manager, placement_id)
    assert view.missing == (
        "authority_told",
        "belongings",
        "exit_plan",
        "liaison_sheet",
        "stay_document",
        "transport",
        "treatment",
    )
