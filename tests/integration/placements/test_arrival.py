"""Arrival, exit date, departure; and who sees what."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.kernel.actor import Actor, Role
from exchange.kernel.db import now_of
from exchange.kernel.errors import IllegalTransition, InvalidValue, NotFound
from exchange.kernel.journals import Event
from exchange.kernel.periods import Half, date_of, local_instant, segment_of, starts_at
from exchange.organisations import queries as organisations
from exchange.placements import queries
from exchange.placements.commands import ConfirmArrival, GiveYes, confirm_arrival, end_stay, give_yes
from exchange.placements.errors import ArrivalTooEarly, ExitBeforeStayEnds, ExitDateRequired
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import PlacementState, YesParty
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


async def first_night(stage: Stage, placement_id: UUID) -> tuple[date, datetime]:
    """The date of the first night that a placement claims, and the instant at which it starts."""
    async with stage.db.read(stage.community_id) as reader:
        claimed = await reader.scalars(
            select(PlacementSegment.segment).where(PlacementSegment.placement_id == placement_id)
        )
        segment, zone = min(claimed), await organisations.zone(reader)
    return date_of(segment), starts_at(segment, zone)


async def arrive(
    stage: Stage,
    placement_id: UUID,
    exit_on: date | None = None,
    *,
    by_house: bool = False,
    now: datetime | None = None,
) -> None:
    """Confirm the arrival, at the evening of the first night unless told otherwise."""
    at = now or (await first_night(stage, placement_id))[1]
    async with stage.db.write(stage.community_id) as tx:
        actor = stage.house.manager if by_house else stage.adviser
        await confirm_arrival(tx, actor, ConfirmArrival(placement_id, exit_on), at)


async def a_confirmed(stage: Stage) -> UUID:
    """A placement of tomorrow night with its three yeses."""
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    return placement_id


async def test_nobody_arrives_before_the_first_date_that_is_claimed(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id = await a_confirmed(stage)
    first, evening = await first_night(stage, placement_id)
    async with stage.db.read(stage.community_id) as reader:
        zone = await organisations.zone(reader)
    eight = local_instant(first, time(8), zone)
    # Before 8 o'clock the night that runs is still the evening's before.
    for early in (evening - timedelta(days=1), local_instant(first, time(0), zone), eight - timedelta(seconds=1)):
        with pytest.raises(ArrivalTooEarly) as refused:
            await arrive(stage, placement_id, first + timedelta(days=1), now=early)
        assert refused.value.status == 409
        assert refused.value.facts["first_on"] == first.isoformat()
    assert await state_of(stage, placement_id) is S.CONFIRMED
    await arrive(stage, placement_id, first + timedelta(days=1), now=eight)
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_who_comes_in_the_small_hours_of_the_first_night_has_arrived(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    placement_id = await a_confirmed(stage)
    first, evening = await first_night(stage, placement_id)
    await arrive(stage, placement_id, first + timedelta(days=1), now=evening + timedelta(hours=9))
    assert await state_of(stage, placement_id) is S.ADMITTED


@pytest.mark.parametrize("nights", [1, 2])
async def test_nobody_leaves_before_the_morning_after_the_last_night(database: FreshDatabase, nights: int) -> None:
    stage = await a_stage(database)
    async with stage.db.write(stage.community_id) as tx:
        situation_id = await two_nights(tx)
        placement_id = await proposed(tx, situation_id, stage.house.offer_id, positions=range(nights))
    await hold(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    first, _ = await first_night(stage, placement_id)
    for wrong in (date(2020, 1, 1), *(first + timedelta(days=days) for days in range(nights))):
        with pytest.raises(ExitBeforeStayEnds) as refused:
            await arrive(stage, placement_id, wrong)
        assert (refused.value.status, refused.value.field) == (422, "exit_on")
    await arrive(stage, placement_id, first + timedelta(days=nights))
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_whoever_is_hosted_by_day_may_leave_on_the_last_day(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with stage.db.read(stage.community_id) as reader:
        tomorrow = now_of(reader).astimezone(await organisations.zone(reader)).date() + timedelta(days=1)
    situation_id = await waiting(stage, blocks=((segment_of(tomorrow, Half.DAY),),))
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    with pytest.raises(ExitBeforeStayEnds):
        await arrive(stage, placement_id, tomorrow - timedelta(days=1))
    await arrive(stage, placement_id, tomorrow)
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_an_arrival_makes_the_situation_effective_and_lets_the_backups_go(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_house(tx)
    situation_id = await waiting(stage, offer_ids=(stage.house.offer_id, other.offer_id))
    plan, backup = [await the_placement(stage, situation_id, rank=rank) for rank in (1, 2)]
    await hold(stage, situation_id)
    with pytest.raises(IllegalTransition):
        await arrive(stage, plan)
    await say(stage, plan, *ALL_YESES)
    exit_on = (await first_night(stage, plan))[0] + timedelta(days=10)
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
    placement_id = await a_confirmed(stage)
    first, _ = await first_night(stage, placement_id)
    with pytest.raises(ExitDateRequired):
        await arrive(stage, placement_id)
    with pytest.raises(InvalidValue):
        await arrive(stage, placement_id, first + timedelta(days=6))
    await arrive(stage, placement_id, first + timedelta(days=5))
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_a_permanent_care_needs_no_exit_date(database: FreshDatabase) -> None:
    stage = await a_stage(database, care_mode="boarding_full")
    situation_id = await waiting(stage, care_mode="boarding_full")
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, *ALL_YESES)
    await arrive(stage, placement_id)
    assert await state_of(stage, placement_id) is S.ADMITTED


async def test_an_exit_date_told_with_the_legal_basis_is_held_to_the_same_rules(database: FreshDatabase) -> None:
    stage = await a_stage(database, max_stay_nights=5)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    await say(stage, placement_id, YesParty.RECEIVER, YesParty.PERSON)
    first, _ = await first_night(stage, placement_id)

    async def legal_basis(exit_on: date) -> None:
        yes = GiveYes(placement_id, YesParty.LEGAL_BASIS, legal_basis="emergency_admission", exit_on=exit_on)
        async with stage.db.write(stage.community_id) as tx:
            await give_yes(tx, stage.adviser, yes, now_of(tx))

    for wrong, refusal in (
        (date(2020, 1, 1), ExitBeforeStayEnds),
        (first, ExitBeforeStayEnds),
        (first + timedelta(days=6), InvalidValue),
    ):
        with pytest.raises(refusal):
            await legal_basis(wrong)
    await legal_basis(first + timedelta(days=5))
    await arrive(stage, placement_id)
    async with stage.db.read(stage.community_id) as reader:
        exit_on = await reader.scalar(select(Placement.exit_on).where(Placement.id == placement_id))
    assert exit_on == first + timedelta(days=5)


@pytest.mark.parametrize("party", [YesParty.RECEIVER, YesParty.PERSON])
async def test_no_other_yes_tells_an_exit_date(database: FreshDatabase, party: YesParty) -> None:
    stage = await a_stage(database)
    situation_id = await waiting(stage)
    await hold(stage, situation_id)
    placement_id = await the_placement(stage, situation_id)
    exit_on = (await first_night(stage, placement_id))[0] + timedelta(days=1)
    actor = stage.house.manager if party is YesParty.RECEIVER else stage.adviser
    with pytest.raises(InvalidValue) as refused:
        async with stage.db.write(stage.community_id) as tx:
            await give_yes(
                tx, actor, GiveYes(placement_id, party, person_yes_from="person", exit_on=exit_on), now_of(tx)
            )
    assert refused.value.field == "exit_on"
    assert await state_of(stage, placement_id) is S.HELD


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
    exit_on = (await first_night(stage, second))[0] + timedelta(days=1)
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
        "transport",
        "treatment",
        "liaison_sheet",
        "belongings",
        "exit_plan",
        "authority_told",
        "stay_document",
    )
