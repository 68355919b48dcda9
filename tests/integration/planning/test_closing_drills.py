"""« Cette maison ferme ce soir » on a real database: a drill promises nothing, and says who goes where and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import CapacitySpan, change_capacity, withdraw_offer
from exchange.kernel.db import now_of
from exchange.kernel.periods import date_of
from exchange.loans.models import StaffLoan
from exchange.planning.drills.commands import ApplyDrill, apply_drill
from exchange.planning.drills.run import run_drill
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from tests.factories.availability import DAYS, NIGHTS, an_offer, from_tonight, tonight
from tests.factories.ground import a_community, a_facility, a_living_area, an_operator, database_of, ground
from tests.factories.placements import proposed
from tests.factories.situations import a_situation
from tests.factories.staffing import a_volunteer, speaker_for, stated
from tests.integration.planning.drill_ground import ADULT, DAY, Valley, a_valley, digests
from tests.servers import FreshDatabase


async def test_residents_are_placed_as_far_as_places_go_and_the_others_are_told_why(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=2)
    drill_id, result = await valley.solved(solver, valley.asked(ADULT, ADULT, ADULT))
    assert [one.key for one in result.residents] == [1, 2, 3]
    assert {line.facility_id for line in result.lines} == {valley.neighbour_id}
    assert len({line.key for line in result.lines}) == 2
    (left,) = {one.key for one in result.unmet}
    assert left not in {line.key for line in result.lines}
    assert all(one.obstacles for one in result.unmet)
    view = await valley.seen(drill_id)
    assert (view.summary.state, view.summary.residents, view.summary.unmet) == ("solved", 3, 1)
    assert view.problem_digest is not None
    assert not await run_drill(valley.db, valley.community_id, drill_id, solver, StraightLine()), "solved once"


async def test_a_drill_leaves_every_table_but_its_own_as_it_was(database: FreshDatabase, solver: SolverProcess) -> None:
    valley = await a_valley(database)
    async with valley.db.write(valley.community_id) as tx:
        other = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, other.id, valley.offer_id)
    before = await digests(valley.owner_url)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT))
    assert result.lines
    assert await digests(valley.owner_url) == before


async def test_what_is_held_for_others_stays_and_what_is_only_proposed_to_them_gives_way(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=2)
    async with valley.db.write(valley.community_id) as tx:
        kept = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, kept.id, valley.offer_id)
        waiting = await a_situation(tx, blocks=((valley.segment,),))
        await proposed(tx, waiting.id, valley.offer_id)
    await valley.hold(kept.id)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT))
    assert len({line.key for line in result.lines} - {one.key for one in result.unmet}) == 1
    assert (result.others_kept, result.others_moved, result.others_displaced) == (1, 0, 1)


async def test_a_place_that_opens_tomorrow_costs_nobody_tonight(database: FreshDatabase, solver: SolverProcess) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        await withdraw_offer(tx, await speaker_for(tx, valley.neighbour_id), valley.offer_id, now_of(tx))
        first = date_of(valley.segment)
        tonight_only = (CapacitySpan(first, first, NIGHTS, 1), CapacitySpan(first + DAY, first + DAY, DAYS, 1))
        tonight_id = await an_offer(tx, valley.neighbour_id, spans=tonight_only)
        later = (
            CapacitySpan(first + DAY, first + 3 * DAY, NIGHTS, 1),
            CapacitySpan(first + 2 * DAY, first + 3 * DAY, DAYS, 1),
        )
        later_id = await an_offer(tx, valley.neighbour_id, spans=later)
    asked = valley.asked(ADULT, last_segment=valley.segment + 3)
    drill_id, result = await valley.solved(solver, asked)
    assert {line.offer_id: line.segments for line in result.lines} == {
        tonight_id: (valley.segment, valley.segment + 1),
        later_id: (valley.segment + 2, valley.segment + 3),
    }
    async with valley.db.write(valley.community_id) as tx:
        await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert {offer for _, offer, _, _ in await valley.placements()} == {tonight_id, later_id}
    async with ground(valley.db, valley.community_id) as tx:
        await withdraw_offer(tx, await speaker_for(tx, valley.neighbour_id), tonight_id, now_of(tx))
    _, poorer = await valley.solved(solver, asked)
    assert [line.offer_id for line in poorer.lines] == [later_id]
    assert [one.segments for one in poorer.unmet] == [(valley.segment, valley.segment + 1)]


async def test_persons_not_to_be_parted_go_together_or_stay_together(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database, capacity=3)
    pair = replace(ADULT, group="A")
    _, result = await valley.solved(
        solver, valley.asked(pair, pair, replace(ADULT, group="B"), replace(ADULT, group="B"))
    )
    placed = Counter(one.group for one in result.residents if one.key in {line.key for line in result.lines})
    assert sorted(placed.values()) == [2]


async def test_the_residents_whom_entraide_placed_here_are_counted_from_their_own_stays(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        own_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        guest = await a_situation(tx, blocks=((valley.segment, valley.segment + 1, valley.segment + 4),))
        await proposed(tx, guest.id, own_id)
    await valley.hold(guest.id)
    drill_id, result = await valley.solved(solver, valley.asked())
    (resident,) = result.residents
    assert (resident.source, resident.reference) == (guest.id, guest.reference)
    assert resident.blocks == ((valley.segment, valley.segment + 1),), "only while the house is closed"
    (line,) = result.lines
    assert line.offer_id == valley.offer_id
    async with valley.db.write(valley.community_id) as tx:
        applied = await apply_drill(tx, valley.coordinator, ApplyDrill(drill_id, (1,)), now_of(tx))
    assert list(applied.received) == [1]
    assert applied.received[1] != guest.reference, "the first stay goes on until somebody says that it ends"


async def test_a_unit_that_closes_may_send_its_residents_to_the_other_places_of_the_house(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    valley = await a_valley(database)
    async with ground(valley.db, valley.community_id) as tx:
        unit_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        other_id = await an_offer(tx, valley.house_id, spans=await from_tonight(tx))
        await change_capacity(tx, await speaker_for(tx, valley.neighbour_id), valley.offer_id, -2, None, now_of(tx))
    _, of_unit = await valley.solved(solver, valley.asked(ADULT, offer_ids=(unit_id,)))
    assert [line.offer_id for line in of_unit.lines] == [other_id]
    _, of_house = await valley.solved(solver, valley.asked(ADULT))
    assert of_house.lines == ()


async def test_staff_follows_the_residents_by_a_loan_or_inside_the_association(
    database: FreshDatabase, solver: SolverProcess
) -> None:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        await a_living_area(tx)
        operator_id = await an_operator(tx)
        house_id = await a_facility(tx, operator_id=operator_id)
        sister_id = await a_facility(tx, operator_id=operator_id)
        other_id = await a_facility(tx)
        segment = await tonight(tx)
        offers = [await an_offer(tx, one, spans=await from_tonight(tx)) for one in (sister_id, other_id)]
        people = [await a_volunteer(tx, house_id) for _ in range(3)]
        starts_at = now_of(tx) + timedelta(days=1)
        for person in people[:2]:
            await stated(tx, house_id, person, "own_shift", starts_at, starts_at + timedelta(hours=8))
    valley = Valley(db, community_id, house_id, other_id, offers[1], segment, database.owner_url)
    _, result = await valley.solved(solver, valley.asked(ADULT, ADULT, last_segment=segment + 4))
    assert {line.facility_id for line in result.lines} == {sister_id, other_id}
    assert {(one.facility_id, one.is_internal) for one in result.followers} == {(sister_id, True), (other_id, False)}
    assert {one.volunteer_id for one in result.followers} == set(people[:2])
    assert {shift for one in result.followers for shift in one.shifts} == {(starts_at, starts_at + timedelta(hours=8))}
    assert result.staff_working == 2
    async with db.read(community_id) as reader:
        assert (await reader.scalars(select(StaffLoan))).all() == [], "nobody is asked anything"
