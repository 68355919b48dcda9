"""Runs over persons to be kept together."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from exchange.planning.lanes import Lane
from exchange.planning.run import RunEnd
from exchange.planning.solver_process import SolverProcess
from exchange.situations.models import Situation
from tests.factories.availability import an_offer
from tests.factories.ground import a_facility, an_operator
from tests.factories.situations import a_situation
from tests.integration.planning.territory import Meanwhile, Territory, proposals, run


@pytest.mark.parametrize(("capacity", "hosted"), [(1, 0), (2, 2)])
async def test_persons_to_be_kept_together_are_hosted_together_or_not_at_all(
    territory: Territory, solver: SolverProcess, capacity: int, hosted: int
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        for _ in range(2):
            await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)), capacity=capacity)
        elder = await a_situation(tx)
        await a_situation(tx, together_with=elder.id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    found = [proposal for proposal in await proposals(territory) if proposal.rank == 1]
    assert len(found) == hosted
    assert len({proposal.offer_id for proposal in found}) <= 1


async def test_half_of_those_to_be_kept_together_is_never_proposed(territory: Territory, solver: SolverProcess) -> None:
    """Two places: the most urgent person takes one, and the other is no answer for two who must not be parted."""
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        urgent = await a_situation(tx, urgency=4)
        elder = await a_situation(tx, urgency=2)
        await a_situation(tx, urgency=2, together_with=elder.id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert [proposal.situation_id for proposal in await proposals(territory)] == [urgent.id]


async def test_backups_of_persons_kept_together_are_one_roof_at_each_rank(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        for capacity in (2, 1, 2):
            await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)), capacity=capacity)
        elder = await a_situation(tx)
        await a_situation(tx, together_with=elder.id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    found = await proposals(territory)
    assert [proposal.rank for proposal in found] == [1, 1, 2, 2]
    roofs = [{proposal.offer_id for proposal in found if proposal.rank == rank} for rank in (1, 2)]
    assert [len(roof) for roof in roofs] == [1, 1]
    assert roofs[0] != roofs[1]


async def test_a_couple_takes_the_house_that_alone_can_host_both(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        double = await an_offer(tx, territory.facility_id, capacity=2)
        single = await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)))
        alone = await a_situation(tx)
        elder = await a_situation(tx)
        younger = await a_situation(tx, together_with=elder.id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    first = {found.situation_id: found.offer_id for found in await proposals(territory) if found.rank == 1}
    assert first == {alone.id: single, elder.id: double, younger.id: double}


async def test_a_newcomer_to_a_group_moves_it_to_a_house_for_all_at_once(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        small = await an_offer(tx, territory.facility_id)
        elder = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        double = await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)), capacity=2)
        younger = await a_situation(tx, together_with=elder.id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    live = {p.situation_id: p.offer_id for p in await proposals(territory) if p.rank == 1 and p.state == "proposed"}
    assert live == {elder.id: double, younger.id: double}
    assert small != double


@pytest.mark.parametrize("gone", ["the elder's line", "nobody's"])
async def test_a_line_of_a_group_that_no_longer_holds_takes_the_others_along(
    territory: Territory, solver: SolverProcess, gone: str
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        elder = await a_situation(tx)
        await a_situation(tx, together_with=elder.id)

    async def terms_move() -> None:
        if gone != "nobody's":
            async with territory.db.write(territory.community_id) as tx:
                await tx.execute(
                    update(Situation).where(Situation.id == elder.id).values(terms_version=Situation.terms_version + 1)
                )

    assert await run(territory, Lane.FAST, Meanwhile(solver, terms_move)) is RunEnd.RECORDED
    assert len(await proposals(territory)) == (2 if gone == "nobody's" else 0)
