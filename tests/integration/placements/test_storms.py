"""Many at once, on committed connections: nothing is promised twice, counters tell the truth, nobody deadlocks.

A tenth of the sizes of the reliability plan. A `40P01` would be no `DomainError`, and fails these tests by itself.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.availability.errors import PlaceAlreadyHeld
from exchange.kernel.db import make_engine, now_of
from exchange.kernel.errors import IllegalTransition
from exchange.placements.commands import (
    HoldAnswer,
    RefusePlacement,
    advance_ladder,
    cancel_placement,
    expire_hold,
    hold_answer,
    refuse_placement,
)
from exchange.placements.errors import AnswerNotOpen, OfferToConfirm, ProposalOutdated, SegmentsAlreadyServed
from exchange.placements.models import Placement, PlacementSegment
from exchange.placements.rules import PlacementState, YesParty
from exchange.reference.answers import RefusalReason
from exchange.situations.commands import receive_situation
from exchange.situations.models import SituationBlock
from tests.factories.availability import tomorrow_night
from tests.factories.ground import ground
from tests.factories.placements import (
    House,
    Stage,
    a_house,
    a_stage,
    age_offer,
    counted_and_claimed,
    hold,
    overdue,
    placements_of,
    proposed,
    say,
    state_of,
    the_placement,
    waiting,
)
from tests.factories.situations import an_adviser, situation_form
from tests.servers import FreshDatabase

CONNECTIONS = 20
SEED = 20_260_303


@asynccontextmanager
async def crowded(database: FreshDatabase, stage: Stage) -> AsyncIterator[Stage]:
    """The same community through a pool where everybody has a connection of their own."""
    engine = make_engine(database.app_url, pool_size=CONNECTIONS, max_overflow=0)
    try:
        yield replace(stage, db=replace(stage.db, engine=engine))
    finally:
        await engine.dispose()


def refused(told: Sequence[object]) -> Counter[type[BaseException]]:
    return Counter(type(each) for each in told if isinstance(each, BaseException))


async def test_one_last_place_and_twenty_advisers_one_wins_and_the_others_are_told(database: FreshDatabase) -> None:
    stage = await a_stage(database)
    situations = [await waiting(stage) for _ in range(CONNECTIONS)]
    async with crowded(database, stage) as crowd:
        for _ in range(3):
            started = time.monotonic()
            told = await asyncio.gather(*(hold(crowd, each) for each in situations), return_exceptions=True)
            assert time.monotonic() - started < 3
            assert refused(told) == {PlaceAlreadyHeld: CONNECTIONS - 1}
            counted, claimed = await counted_and_claimed(stage)
            assert counted == claimed
            assert list(counted.values()) == [1]
            (winner,) = (
                situation_id
                for situation_id, said in zip(situations, told, strict=True)
                if not isinstance(said, BaseException)
            )
            async with stage.db.write(stage.community_id) as tx:
                placement_id = await the_placement(stage, winner)
                await cancel_placement(tx, stage.adviser, placement_id, now_of(tx))
                await proposed(tx, winner, stage.house.offer_id)


async def test_the_same_answer_held_by_twenty_taps_is_held_once(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=5)
    situation_id = await waiting(stage)
    async with crowded(database, stage) as crowd:
        told = await asyncio.gather(*(hold(crowd, situation_id) for _ in range(CONNECTIONS)), return_exceptions=True)
    assert refused(told) == {AnswerNotOpen: CONNECTIONS - 1}
    counted, _ = await counted_and_claimed(stage)
    assert list(counted.values()) == [1]


async def test_fifty_contenders_for_three_places_three_get_one(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=3)
    situations = [await waiting(stage) for _ in range(50)]
    async with crowded(database, stage) as crowd:
        told = await asyncio.gather(*(hold(crowd, each) for each in situations), return_exceptions=True)
    assert refused(told) == {PlaceAlreadyHeld: 47}
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    assert list(counted.values()) == [3]


async def test_no_place_past_its_lifetime_is_accepted_however_many_try(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=10)
    situations = [await waiting(stage) for _ in range(10)]
    for each in situations:
        await hold(stage, each)
    placement_ids = [await the_placement(stage, each) for each in situations]
    await age_offer(stage, stage.house.offer_id)
    async with crowded(database, stage) as crowd:
        told = await asyncio.gather(
            *(say(crowd, each, YesParty.RECEIVER) for each in placement_ids), return_exceptions=True
        )
    assert refused(told) == {OfferToConfirm: 10}


async def test_a_yes_and_the_end_of_the_hold_never_both_happen(database: FreshDatabase) -> None:
    stage = await a_stage(database, capacity=10)
    async with crowded(database, stage) as crowd:
        for _ in range(10):
            situation_id = await waiting(stage)
            held_until = await hold(stage, situation_id)
            placement_id = await the_placement(stage, situation_id)

            async def runs_out(at: datetime = held_until, of: UUID = placement_id) -> bool:
                async with crowd.db.write(crowd.community_id) as tx:
                    return await expire_hold(tx, crowd.system, of, at)

            said, ended = await asyncio.gather(
                say(crowd, placement_id, YesParty.RECEIVER), runs_out(), return_exceptions=True
            )
            if isinstance(said, BaseException):
                assert (type(said), ended) == (IllegalTransition, True)
            else:
                assert (said, ended) == (PlacementState.ACCEPTED, False)
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed


async def two_places_each(stage: Stage, houses: Sequence[House], draw: random.Random) -> list[UUID]:
    """Situations of two nights, each with three answers of two offers drawn among five."""
    situations = []
    for _ in range(20):
        async with stage.db.write(stage.community_id) as tx:
            night = await tomorrow_night(tx)
            first = night + 2 * draw.randrange(3)
            form = situation_form(first, blocks=((first,), (first + 2,)), max_places=6)
            situation_id = (await receive_situation(tx, await an_adviser(tx), form, now_of(tx))).id
            for rank in (1, 2, 3):
                for position, house in enumerate(draw.sample(houses, 2)):
                    if await is_new(tx, situation_id, house.offer_id, position):
                        await proposed(tx, situation_id, house.offer_id, rank=rank, positions=[position])
        situations.append(situation_id)
    return situations


async def is_new(tx: AsyncSession, situation_id: UUID, offer_id: UUID, position: int) -> bool:
    same = await tx.scalar(
        select(func.count())
        .select_from(PlacementSegment)
        .join(SituationBlock, SituationBlock.id == PlacementSegment.block_id)
        .where(
            PlacementSegment.situation_id == situation_id,
            PlacementSegment.offer_id == offer_id,
            SituationBlock.position == position,
        )
    )
    return not same


EXPECTED = (
    AnswerNotOpen,
    PlaceAlreadyHeld,
    SegmentsAlreadyServed,
    ProposalOutdated,
    IllegalTransition,
)


async def test_random_holds_refusals_and_silences_of_two_place_answers_keep_the_counters_true(
    database: FreshDatabase,
) -> None:
    draw = random.Random(SEED)
    stage = await a_stage(database, capacity=2)
    async with ground(stage.db, stage.community_id) as tx:
        houses = [stage.house, *[await a_house(tx, capacity=2) for _ in range(4)]]
    speaks = {house.offer_id: house.manager for house in houses}
    situations = await two_places_each(stage, houses, draw)
    outcomes: Counter[str] = Counter()

    async def act(crowd: Stage, kind: str, situation_id: UUID, rank: int, pick: float) -> None:
        try:
            await do(crowd, kind, situation_id, rank, pick)
        except EXPECTED as refusal:
            outcomes[refusal.code] += 1
        else:
            outcomes[kind] += 1

    async def do(crowd: Stage, kind: str, situation_id: UUID, rank: int, pick: float) -> None:
        of_it = [each for ranked in (await placements_of(crowd, situation_id)).values() for each in ranked]
        placement_id = of_it[int(pick * len(of_it))][0]
        async with crowd.db.write(crowd.community_id) as tx:
            now = now_of(tx)
            match kind:
                case "hold":
                    await hold_answer(tx, crowd.adviser, HoldAnswer(situation_id, rank), now)
                case "refuse":
                    line = await tx.get_one(Placement, placement_id)
                    refusal = RefusePlacement(placement_id, RefusalReason.GROUP_INCOMPATIBLE)
                    await refuse_placement(tx, speaks[line.offer_id], refusal, now)
                case "expire":
                    await expire_hold(tx, crowd.system, placement_id, now + timedelta(days=5))
                case _:
                    await advance_ladder(tx, crowd.system, situation_id, now)

    async with crowded(database, stage) as crowd:
        for _ in range(15):
            acts = [
                act(
                    crowd,
                    draw.choice(["hold", "hold", "hold", "refuse", "expire", "climb"]),
                    draw.choice(situations),
                    draw.choice([1, 2, 3]),
                    draw.random(),
                )
                for _ in range(CONNECTIONS)
            ]
            await asyncio.gather(*acts)
            counted, claimed = await counted_and_claimed(stage)
            assert counted == claimed
            assert max(counted.values(), default=0) <= 2
    assert outcomes["hold"] > 10, outcomes
    assert outcomes["refuse"] > 0, outcomes
    assert outcomes["place-already-held"] > 0, outcomes


async def test_overdue_holds_are_ended_once_by_whoever_comes_first(database: FreshDatabase) -> None:
    """Twenty want the place of a hold that ran out, while the clock ends it too."""
    stage = await a_stage(database)
    late = await waiting(stage)
    await hold(stage, late)
    late_placement = await the_placement(stage, late)
    await overdue(stage, late_placement)
    situations = [await waiting(stage) for _ in range(CONNECTIONS - 1)]
    async with crowded(database, stage) as crowd:

        async def the_clock() -> bool:
            async with crowd.db.write(crowd.community_id) as tx:
                return await expire_hold(tx, crowd.system, late_placement, now_of(tx))

        told = await asyncio.gather(*(hold(crowd, each) for each in situations), the_clock(), return_exceptions=True)
    assert refused(told) == {PlaceAlreadyHeld: CONNECTIONS - 2}
    assert await state_of(stage, late_placement) is PlacementState.EXPIRED
    counted, claimed = await counted_and_claimed(stage)
    assert counted == claimed
    assert list(counted.values()) == [1]
