"""A period that no place can serve whole: two places in turn, each with its own proposal, yes and nights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import CapacitySpan
from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.periods import Half, segment_of
from exchange.organisations import queries as organisations
from exchange.organisations.commands import state_parameters
from exchange.placements.commands import HoldAnswer, RefusePlacement, advance_ladder, hold_answer, refuse_placement
from exchange.placements.models import Placement, PlacementSegment
from exchange.planning import cuts
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.run import RunEnd
from exchange.planning.snapshot import Snapshot, snapshot_of
from exchange.planning.solver_process import SolverProcess
from exchange.reference.answers import RefusalReason
from exchange.situations.models import Situation
from tests.factories.availability import NIGHTS, an_offer, local_date
from tests.factories.ground import a_facility, actor_for, founder, ground
from tests.factories.situations import a_situation, an_adviser
from tests.integration.planning.territory import Territory, proposals, run


async def _offer_on(territory: Territory, facility_id: UUID, nights: Sequence[int]) -> UUID:
    """One place on these nights, counted from tomorrow."""
    async with territory.db.write(territory.community_id) as tx:
        first = local_date(now_of(tx), await organisations.zone(tx))
        days = [first + timedelta(days=night) for night in nights]
        return await an_offer(tx, facility_id, spans=tuple(CapacitySpan(day, day, NIGHTS, 1) for day in days))


async def _nights_asked(territory: Territory, count: int, **over: object) -> tuple[UUID, list[int]]:
    async with territory.db.write(territory.community_id) as tx:
        first = local_date(now_of(tx), await organisations.zone(tx))
        nights = [segment_of(first + timedelta(days=night), Half.NIGHT) for night in range(count)]
        return (await a_situation(tx, blocks=(tuple(nights),), **over)).id, nights


async def _two_halves(territory: Territory) -> tuple[UUID, list[int], UUID, UUID]:
    """Somebody asks for four nights; one place is free on the first two, another on the last two."""
    early = await _offer_on(territory, territory.facility_id, (0, 1))
    late = await _offer_on(territory, territory.facility_id, (2, 3))
    situation_id, nights = await _nights_asked(territory, 4)
    return situation_id, nights, early, late


async def _nights(territory: Territory, *states: str) -> dict[UUID, list[int]]:
    """By offer, the nights of the placements in these states."""
    async with territory.db.read(territory.community_id) as reader:
        rows = await reader.execute(
            select(PlacementSegment.offer_id, PlacementSegment.segment)
            .join(Placement, Placement.id == PlacementSegment.placement_id)
            .where(Placement.state.in_(states))
            .order_by(PlacementSegment.segment)
        )
        found: dict[UUID, list[int]] = {}
        for offer_id, segment in rows:
            found.setdefault(offer_id, []).append(segment)
        return found


async def _seen(territory: Territory, lane: Lane) -> Snapshot:
    async with territory.db.read(territory.community_id, repeatable=True) as reader:
        seen = await load_ground(reader, territory.community_id)
    matrix = await StraightLine().minutes_between(seen.places, seen.places, seen.at)
    return snapshot_of(seen, matrix, lane, territory.community_id)


async def _hold(territory: Territory, situation_id: UUID) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await hold_answer(tx, await an_adviser(tx), HoldAnswer(situation_id, 1), now_of(tx))


async def _refuse(territory: Territory, offer_id: UUID) -> None:
    (refused,) = [one for one in await proposals(territory) if one.offer_id == offer_id]
    async with ground(territory.db, territory.community_id) as tx:
        manager = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=territory.facility_id)
    async with territory.db.write(territory.community_id) as tx:
        await refuse_placement(tx, manager, RefusePlacement(refused.id, RefusalReason.GROUP_INCOMPATIBLE), now_of(tx))
        await advance_ladder(tx, await an_adviser(tx), refused.situation_id, now_of(tx))


async def _state(territory: Territory, situation_id: UUID) -> str:
    async with territory.db.read(territory.community_id) as reader:
        return (await reader.scalars(select(Situation.state).where(Situation.id == situation_id))).one()


async def _one_half_left(territory: Territory, solver: SolverProcess) -> tuple[UUID, list[int], UUID]:
    """Both halves are held, then the second place refuses: the situation, its nights and the place that stays."""
    situation_id, nights, early, late = await _two_halves(territory)
    await run(territory, Lane.FAST, solver)
    await _hold(territory, situation_id)
    await _refuse(territory, late)
    return situation_id, nights, early


async def test_two_places_in_turn_become_two_proposals_of_one_answer(
    territory: Territory, solver: SolverProcess
) -> None:
    _, nights, early, late = await _two_halves(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await _nights(territory, "proposed") == {early: nights[:2], late: nights[2:]}
    for proposal in await proposals(territory):
        assert {"code": "stay_in_two_places", "minutes": 600} in proposal.reasons
        assert proposal.rank == 1


@pytest.mark.parametrize("lane", [Lane.FAST, Lane.FULL])
async def test_the_next_run_finds_both_parts_again(territory: Territory, solver: SolverProcess, lane: Lane) -> None:
    situation_id, _, _, _ = await _two_halves(territory)
    await run(territory, Lane.FAST, solver)
    before = {(one.id, one.state) for one in await proposals(territory)}
    async with territory.db.write(territory.community_id) as tx:
        await a_situation(tx, age_band="60+")
    await territory.due_now()
    assert await run(territory, lane, solver) is RunEnd.RECORDED
    assert {(one.id, one.state) for one in await proposals(territory) if one.situation_id == situation_id} == before


async def test_both_parts_are_held_together_and_then_kept_by_every_problem(
    territory: Territory, solver: SolverProcess
) -> None:
    situation_id, nights, early, late = await _two_halves(territory)
    await run(territory, Lane.FAST, solver)
    await _hold(territory, situation_id)
    assert await _nights(territory, "held") == {early: nights[:2], late: nights[2:]}
    assert await _state(territory, situation_id) == "held"
    snapshot = await _seen(territory, Lane.FULL)
    lines = snapshot.request.problem.frozen.placements
    assert {(line.offer, len(line.segments)) for line in lines} == {(str(early), 2), (str(late), 2)}
    assert snapshot.request.promised_placements == 2
    # What they hold is taken off no capacity: the lines of the problem take it.
    assert {sum(offer.capacity) for offer in snapshot.request.problem.offers} == {2}


async def test_where_one_of_the_two_places_refuses_the_other_stays_and_the_rest_is_searched_for(
    territory: Territory, solver: SolverProcess
) -> None:
    situation_id, nights, early = await _one_half_left(territory, solver)
    assert await _state(territory, situation_id) == "searching"
    async with territory.db.write(territory.community_id) as tx:
        other_house = await a_facility(tx)
    again = await _offer_on(territory, other_house, (1, 2, 3))
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await _nights(territory, "held") == {early: nights[:2]}
    assert await _nights(territory, "proposed") == {again: nights[2:]}
    await _hold(territory, situation_id)
    assert await _state(territory, situation_id) == "held"


async def _priced(territory: Territory, minutes: int) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await state_parameters(tx, founder(territory.community_id), {"split_minutes": minutes}, now_of(tx))


async def test_a_community_may_do_without(territory: Territory, solver: SolverProcess) -> None:
    await _priced(territory, 0)
    await _two_halves(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await proposals(territory) == []


async def test_what_was_promised_in_parts_stays_once_a_community_does_without(
    territory: Territory, solver: SolverProcess
) -> None:
    _, nights, early = await _one_half_left(territory, solver)
    await _priced(territory, 0)
    async with territory.db.write(territory.community_id) as tx:
        other_house = await a_facility(tx)
    again = await _offer_on(territory, other_house, (0, 1, 2, 3))
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert await _nights(territory, "held") == {early: nights[:2]}
    assert await _nights(territory, "proposed") == {again: nights[2:]}
    assert {sum(offer.capacity) for offer in (await _seen(territory, Lane.FULL)).request.problem.offers} == {0, 2, 4}


async def test_a_stay_that_the_problem_cannot_state_still_keeps_its_house_from_who_may_not_meet_it(
    territory: Territory, solver: SolverProcess
) -> None:
    situation_id, nights, early = await _one_half_left(territory, solver)
    await _priced(territory, 0)
    room = await _offer_on(territory, territory.facility_id, (0, 1))
    other, _ = await _nights_asked(territory, 2, incompatible_with=frozenset({situation_id}))
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    assert await _nights(territory, "held") == {early: nights[:2]}
    assert room not in await _nights(territory, "proposed")
    seen = {one.id: one for one in (await _seen(territory, Lane.FULL)).request.problem.situations}
    assert seen[str(other)].excluded_establishments == (str(territory.facility_id),)
    assert seen[str(situation_id)].max_places == seen[str(other)].max_places - 1


async def test_a_territory_too_wide_to_be_proven_does_without(
    territory: Territory, solver: SolverProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two offers and one block make two pairs."""
    monkeypatch.setattr(cuts, "MOST_PAIRS_TO_CUT", 1)
    await _two_halves(territory)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await proposals(territory) == []
    monkeypatch.setattr(cuts, "MOST_PAIRS_TO_CUT", 2)
    assert (await _seen(territory, Lane.FULL)).request.problem.prices.split == 600
