"""The last rare place is kept for whoever has no other, and given to them: on a real database and a real solver."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from exchange.adapters.straight_line import StraightLine
from exchange.kernel.db import now_of
from exchange.matching import Problem
from exchange.organisations.commands import state_parameters
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.run import RunEnd
from exchange.planning.snapshot import snapshot_of
from exchange.planning.solver_process import SolverProcess
from exchange.situations.commands import SituationReceived
from exchange.situations.models import Situation, SituationBlock
from tests.factories.availability import an_offer
from tests.factories.ground import YSSINGEAUX, a_facility, founder
from tests.factories.situations import a_situation
from tests.integration.planning.territory import Territory, proposals, run

RARE_NEED = ("intellectual_disability", "night_waking")


async def a_rare_place(territory: Territory) -> UUID:
    """The one place open around the clock with somebody awake at night, in the commune where people call."""
    async with territory.db.write(territory.community_id) as tx:
        return await an_offer(tx, territory.facility_id, kind="emergency_bed", provides=("awake_night",))


async def an_ordinary_place(territory: Territory) -> UUID:
    """Another answer, some way off, where nobody is awake at night."""
    async with territory.db.write(territory.community_id) as tx:
        return await an_offer(tx, await a_facility(tx, commune_code=YSSINGEAUX), provides=())


async def a_call(territory: Territory, **over: object) -> SituationReceived:
    async with territory.db.write(territory.community_id) as tx:
        return await a_situation(tx, **over)


async def past_calls(territory: Territory, count: int, *, days_ago: int = 10) -> None:
    """Persons who needed somebody awake at night some days ago, for a night of then, and whose search is over."""
    past = [await a_call(territory, need_codes=RARE_NEED) for _ in range(count)]
    async with territory.db.write(territory.community_id) as tx:
        ids = [one.id for one in past]
        await tx.execute(
            update(Situation)
            .where(Situation.id.in_(ids))
            .values(
                state="closed",
                outcome="need_gone",
                closed_at=func.now(),
                next_check_at=None,
                created_at=now_of(tx) - timedelta(days=days_ago),
            )
        )
        blocks = await tx.scalars(select(SituationBlock).where(SituationBlock.situation_id.in_(ids)))
        for block in blocks:
            block.segments = [segment - 2 * days_ago for segment in block.segments]


async def decide(territory: Territory, **parameters: int) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await state_parameters(tx, founder(territory.community_id), parameters, now_of(tx))


async def offers_proposed(territory: Territory) -> dict[UUID, tuple[UUID, set[str]]]:
    """By situation: the offer of rank 1, and the codes of its reasons."""
    return {
        one.situation_id: (one.offer_id, {str(reason["code"]) for reason in one.reasons})
        for one in await proposals(territory)
        if one.rank == 1
    }


async def test_without_recent_demand_the_nearest_place_is_proposed(territory: Territory, solver: SolverProcess) -> None:
    rare = await a_rare_place(territory)
    await an_ordinary_place(territory)
    received = await a_call(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    offer, codes = (await offers_proposed(territory))[received.id]
    assert offer == rare
    assert not codes & {"rare_place_spent", "rare_place_spared"}


async def test_the_last_rare_place_is_kept_where_there_is_another_answer_and_the_reason_is_told(
    territory: Territory, solver: SolverProcess
) -> None:
    await a_rare_place(territory)
    ordinary = await an_ordinary_place(territory)
    await past_calls(territory, 12)
    received = await a_call(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    offer, codes = (await offers_proposed(territory))[received.id]
    assert offer == ordinary
    assert "rare_place_spared" in codes
    assert "rare_place_spent" not in codes


async def test_the_last_rare_place_is_given_to_whoever_has_no_other_answer_and_the_reason_is_told(
    territory: Territory, solver: SolverProcess
) -> None:
    rare = await a_rare_place(territory)
    ordinary = await an_ordinary_place(territory)
    await past_calls(territory, 12)
    alone = await a_call(territory, need_codes=RARE_NEED, urgency=1)
    either = await a_call(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    proposed = await offers_proposed(territory)
    assert proposed[alone.id][0] == rare
    assert "rare_place_spent" in proposed[alone.id][1]
    assert proposed[either.id][0] == ordinary
    # The rare place is not free any more: nothing was spared.
    assert "rare_place_spared" not in proposed[either.id][1]


async def test_nobody_is_left_without_an_answer_to_spare_a_place(territory: Territory, solver: SolverProcess) -> None:
    rare = await a_rare_place(territory)
    await past_calls(territory, 12)
    received = await a_call(territory, urgency=1)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert (await offers_proposed(territory))[received.id][0] == rare


async def problem_of(territory: Territory) -> Problem:
    async with territory.db.read(territory.community_id, repeatable=True) as reader:
        ground = await load_ground(reader, territory.community_id)
    travel = await StraightLine().minutes_between(ground.places, ground.places, ground.at)
    return snapshot_of(ground, travel, Lane.FULL, UUID(int=0)).request.problem


async def test_a_community_asks_for_balances_closer_than_one_pass_leaves_them(territory: Territory) -> None:
    assert (await problem_of(territory)).prices.rebalance_percent == 0
    await decide(territory, rebalance_percent=25)
    assert (await problem_of(territory)).prices.rebalance_percent == 25


async def prices(territory: Territory) -> dict[str, int]:
    problem = await problem_of(territory)
    return {offer.id: offer.scarcity_price for offer in problem.offers}


async def test_a_community_adjusts_how_far_back_it_looks_and_how_dear_a_place_may_be(territory: Territory) -> None:
    rare = str(await a_rare_place(territory))
    ordinary = str(await an_ordinary_place(territory))
    await past_calls(territory, 12)
    by_default = await prices(territory)
    assert 150 < by_default[rare] < 300
    assert by_default[ordinary] == 0
    await decide(territory, scarcity_most_minutes=60)
    assert 30 < (await prices(territory))[rare] < 60
    await decide(territory, scarcity_window_days=7)
    assert (await prices(territory))[rare] == 0
    await decide(territory, scarcity_most_minutes=0)
    assert (await prices(territory))[rare] == 0
