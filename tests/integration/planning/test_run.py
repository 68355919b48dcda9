"""From a demand to proposals, on a real database and a real solver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import Range

from exchange.adapters.straight_line import StraightLine
from exchange.availability.commands import CapacitySpan, withdraw_offer
from exchange.availability.models import PlaceOffer
from exchange.kernel.db import Database, now_of
from exchange.kernel.journals import CardVersion, OutboxRow
from exchange.kernel.periods import local_instant
from exchange.loans.models import LoanShift, StaffLoan
from exchange.organisations import queries as organisations
from exchange.placements.commands import HoldAnswer, hold_answer
from exchange.placements.models import Placement
from exchange.planning.lanes import Lane
from exchange.planning.load_ground import load_ground
from exchange.planning.models import MatchRun
from exchange.planning.ports import Solution, SolveRequest, SolverStopped
from exchange.planning.run import RunEnd, drain_lane, run_lane
from exchange.planning.snapshot import snapshot_of
from exchange.planning.solver_process import SolverProcess
from exchange.reactions import reactions
from exchange.situations.models import Situation
from exchange.staffing.commands import ShiftAsked
from exchange.staffing.models import LoanVolunteer
from tests.factories.availability import NIGHTS, an_offer, local_date
from tests.factories.ground import a_community, a_facility, a_living_area, an_operator, database_of
from tests.factories.situations import a_situation, an_adviser
from tests.factories.staffing import a_need, a_volunteer, need_form, shifts_of, speaker_for, stated
from tests.servers import FreshDatabase


@dataclass(frozen=True, slots=True)
class Territory:
    db: Database
    community_id: UUID
    facility_id: UUID

    async def due_now(self) -> None:
        """Let every demand's gathering time be over."""
        async with self.db.write(self.community_id) as tx:
            await tx.execute(
                update(OutboxRow)
                .where(OutboxRow.gather_key.is_not(None), OutboxRow.done_at.is_(None))
                .values(due_at=text("now() - interval '1 second'"))
            )


@pytest_asyncio.fixture(loop_scope="session")
async def territory(database: FreshDatabase) -> Territory:
    db = database_of(database, reactions)
    community_id = await a_community(db)
    async with db.write(community_id) as tx:
        await a_living_area(tx)
        facility_id = await a_facility(tx)
    return Territory(db, community_id, facility_id)


async def run(territory: Territory, lane: Lane, solver: object) -> RunEnd:
    outcome = await run_lane(territory.db, territory.community_id, lane, solver, StraightLine())  # type: ignore[arg-type]
    return outcome.end


async def proposals(territory: Territory) -> list[Placement]:
    async with territory.db.read(territory.community_id) as reader:
        return list(await reader.scalars(select(Placement).order_by(Placement.rank, Placement.id)))


async def test_a_situation_and_an_offer_become_a_proposal_with_its_reasons(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
    async with territory.db.write(territory.community_id) as tx:
        received = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (proposal,) = await proposals(territory)
    assert (proposal.situation_id, proposal.offer_id, proposal.rank) == (received.id, offer_id, 1)
    assert {reason["code"] for reason in proposal.reasons} == {"fits_needs", "same_living_area", "travel_minutes"}
    async with territory.db.read(territory.community_id) as reader:
        match_run = (await reader.scalars(select(MatchRun))).one()
        left = await reader.scalars(
            select(OutboxRow.id).where(OutboxRow.gather_key == "fast", OutboxRow.done_at.is_(None))
        )
        shown = await reader.scalar(select(CardVersion.subject_id).where(CardVersion.subject_id == proposal.id))
    assert (match_run.state, match_run.status, list(left), shown) == ("recorded", "proven", [], proposal.id)
    assert match_run.problem is not None
    assert match_run.problem["format"] == "entraide-problem/1"


async def test_a_commune_without_coordinates_is_out_of_reach_and_harms_nobody_else(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        overseas = await a_situation(tx, commune_code="97502", max_travel_minutes=240)
        near = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert {proposal.situation_id for proposal in await proposals(territory)} == {near.id} != {overseas.id}


@dataclass(slots=True)
class Meanwhile:
    """A real solver during whose work something happens elsewhere."""

    solver: SolverProcess
    happen: Callable[[], Awaitable[object]]

    async def solve(self, request: SolveRequest) -> Solution:
        solution = await self.solver.solve(request)
        await self.happen()
        return solution


@dataclass(slots=True)
class Hurried:
    """A real solver that is given no time at all."""

    solver: SolverProcess

    async def solve(self, request: SolveRequest) -> Solution:
        return await self.solver.solve(replace(request, kill_after_seconds=0.0))


async def test_two_runs_of_a_lane_begun_together_solve_once(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    ends = await asyncio.gather(*(run(territory, Lane.FAST, solver) for _ in range(4)))
    assert sorted(ends) == [RunEnd.IDLE, RunEnd.IDLE, RunEnd.IDLE, RunEnd.RECORDED]
    assert len(await proposals(territory)) == 1


async def test_a_demand_that_comes_during_a_run_is_solved_when_it_ends(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id, capacity=2)
        await a_situation(tx)
    late: list[UUID] = []

    async def another_call() -> None:
        if not late:
            async with territory.db.write(territory.community_id) as tx:
                late.append((await a_situation(tx)).id)
            assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE

    outcomes = await drain_lane(
        territory.db, territory.community_id, Lane.FAST, Meanwhile(solver, another_call), StraightLine()
    )
    assert [outcome.end for outcome in outcomes] == [RunEnd.RECORDED, RunEnd.RECORDED, RunEnd.IDLE]
    assert late[0] in {proposal.situation_id for proposal in await proposals(territory)}


async def test_an_answer_held_during_a_full_run_is_left_as_it_is(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        first = await an_offer(tx, territory.facility_id)
        received = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        nearer = await an_offer(tx, await a_facility(tx))
    await territory.due_now()

    async def somebody_holds() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await hold_answer(tx, await an_adviser(tx), HoldAnswer(received.id, 1), now_of(tx))

    assert await run(territory, Lane.FULL, Meanwhile(solver, somebody_holds)) is RunEnd.RECORDED
    live = [p for p in await proposals(territory) if p.state in ("proposed", "held") and p.rank == 1]
    assert [(p.state, p.offer_id) for p in live] == [("held", first)]
    assert nearer != first


async def test_an_answer_found_by_the_fast_lane_survives_a_full_run_begun_before(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        received = await a_situation(tx)
    await territory.due_now()

    async def an_offer_is_found() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await an_offer(tx, territory.facility_id)
        assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED

    assert await run(territory, Lane.FULL, Meanwhile(solver, an_offer_is_found)) is RunEnd.RECORDED
    (kept,) = await proposals(territory)
    assert (kept.situation_id, kept.state) == (received.id, "proposed")


async def test_a_line_whose_offer_changed_during_the_solve_is_dropped(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await a_situation(tx)

    async def places_are_withdrawn() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await withdraw_offer(tx, await speaker_for(tx, territory.facility_id), offer_id, now_of(tx))

    assert await run(territory, Lane.FAST, Meanwhile(solver, places_are_withdrawn)) is RunEnd.RECORDED
    assert await proposals(territory) == []


async def test_a_solve_over_its_wall_cap_is_killed_and_its_demand_comes_due_again(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    with pytest.raises(SolverStopped, match="wall-cap"):
        await Hurried(solver).solve(await some_request(territory))
    assert await run(territory, Lane.FAST, Hurried(solver)) is RunEnd.FAILED
    async with territory.db.read(territory.community_id) as reader:
        failed = (await reader.scalars(select(MatchRun))).one()
        waiting = (await reader.scalars(select(OutboxRow).where(OutboxRow.gather_key == "fast"))).one()
        assert waiting.due_at > now_of(reader)
    assert (failed.state, failed.failed_with) == ("failed", "wall-cap")
    assert (waiting.done_at, waiting.failed_with, waiting.lease_until) == (None, "wall-cap", None)
    assert await run(territory, Lane.FAST, solver) is RunEnd.IDLE
    await territory.due_now()
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert len(await proposals(territory)) == 1


async def test_a_run_whose_lease_passed_is_abandoned_and_records_nothing(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)

    async def overtaken() -> None:
        async with territory.db.write(territory.community_id) as tx:
            await tx.execute(update(MatchRun).values(lease_until=text("now() - interval '1 second'")))
        assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED

    assert await run(territory, Lane.FAST, Meanwhile(solver, overtaken)) is RunEnd.OVERTAKEN
    async with territory.db.read(territory.community_id) as reader:
        states = await reader.scalars(select(MatchRun.state).order_by(MatchRun.started_at))
    assert list(states) == ["abandoned", "recorded"]
    assert len(await proposals(territory)) == 1


async def test_an_offer_past_its_lifetime_is_not_proposed(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offer_id = await an_offer(tx, territory.facility_id)
        await tx.execute(
            update(PlaceOffer).where(PlaceOffer.id == offer_id).values(fresh_until=text("now() - interval '1 minute'"))
        )
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert await proposals(territory) == []
    async with territory.db.read(territory.community_id) as reader:
        problem = await reader.scalar(select(MatchRun.problem))
    assert problem is not None
    assert (len(problem["situations"]), problem["offers"]) == (1, [])


async def test_the_next_best_places_are_recorded_as_backups(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        offers = {await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx))) for _ in range(4)}
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    found = await proposals(territory)
    assert [proposal.rank for proposal in found] == [1, 2, 3]
    assert len({proposal.offer_id for proposal in found} & offers) == 3


async def test_a_backup_that_is_no_longer_one_leaves_even_when_the_run_finds_no_other(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        for _ in range(2):
            await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    first, backup = await proposals(territory)
    async with territory.db.write(territory.community_id) as tx:
        await tx.execute(update(PlaceOffer).where(PlaceOffer.id == backup.offer_id).values(fresh_until=now_of(tx)))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    assert [(seen.id, seen.state) for seen in await proposals(territory)] == [
        (first.id, "proposed"),
        (backup.id, "superseded"),
    ]


async def test_a_full_run_keeps_the_rows_of_the_lines_that_it_proposes_again(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        await an_offer(tx, territory.facility_id)
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (before,) = await proposals(territory)
    await territory.due_now()
    assert await run(territory, Lane.FULL, solver) is RunEnd.RECORDED
    (after,) = await proposals(territory)
    assert (after.id, after.state) == (before.id, "proposed")
    assert after.run_id != before.run_id


async def test_a_loan_and_the_place_that_it_opens_are_proposed_together(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now, zone = now_of(tx), await organisations.zone(tx)
        evening = local_instant(local_date(now, zone), time(22, 0), zone)
        shift = ShiftAsked(evening, evening + timedelta(hours=9))
        need = need_form(territory.facility_id, now, is_coupled=True, shifts=(shift,))
        first = local_date(now, zone)
        offer_id = await an_offer(
            tx,
            territory.facility_id,
            kind="conditional",
            coupled_need=need,
            spans=(CapacitySpan(first, first, NIGHTS, 1),),
        )
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", evening - timedelta(hours=1), evening + timedelta(hours=10))
        await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    (place,) = await proposals(territory)
    async with territory.db.read(territory.community_id) as reader:
        loan = (await reader.scalars(select(StaffLoan))).one()
    assert (place.offer_id, loan.volunteer_id, loan.state) == (offer_id, volunteer_id, "proposed")
    assert {"code": "opened_by_loan", "need_id": str(loan.need_id)} in place.reasons
    assert {"code": "opens_places", "places": 1} in loan.reasons


@pytest.mark.parametrize("obstacle", ["public employer", "file not ready", "paused", "does not wish to be asked"])
async def test_only_people_who_may_be_lent_tonight_are_proposed(
    territory: Territory, solver: SolverProcess, obstacle: str
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        public = obstacle == "public employer"
        lender = await a_facility(tx, operator_id=await an_operator(tx, is_public=public))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        changes = {
            "file not ready": {"ready_until": now - timedelta(hours=1)},
            "paused": {"paused_until": now + timedelta(days=3)},
            "does not wish to be asked": {"agrees_to_be_asked": False},
        }
        if obstacle in changes:
            await tx.execute(update(LoanVolunteer).values(**changes[obstacle]))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert list(await reader.scalars(select(StaffLoan.id))) == []


async def test_the_same_person_without_obstacle_is_proposed(territory: Territory, solver: SolverProcess) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        volunteer_id = await a_volunteer(tx, lender)
        await stated(tx, lender, volunteer_id, "available", now + timedelta(hours=20), now + timedelta(hours=40))
        await a_need(tx, territory.facility_id)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        assert list(await reader.scalars(select(StaffLoan.volunteer_id))) == [volunteer_id]


async def test_a_night_already_lent_and_begun_does_not_silence_the_next_one(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        now = now_of(tx)
        begun = ShiftAsked(now - timedelta(hours=2), now + timedelta(hours=6))
        coming = ShiftAsked(now + timedelta(hours=24), now + timedelta(hours=32))
        need_id = await a_need(tx, territory.facility_id, shifts=(begun, coming))
        lender = await a_facility(tx, operator_id=await an_operator(tx))
        first, second = [await a_volunteer(tx, lender) for _ in range(2)]
        lent = StaffLoan(
            volunteer_id=first,
            need_id=need_id,
            mission_key="begun",
            state="proposed",
            volunteer_terms_version=1,
            need_terms_version=1,
            travel_minutes=5,
            created_at=now,
        )
        tx.add(lent)
        await tx.flush()
        tx.add(
            LoanShift(
                loan_id=lent.id,
                shift_id=(await shifts_of(tx, need_id))[0],
                volunteer_id=first,
                slot_with_travel=Range(begun.starts_at, begun.ends_at),
            )
        )
        await stated(tx, lender, second, "available", coming.starts_at, coming.ends_at)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.read(territory.community_id) as reader:
        proposed = await reader.scalars(select(StaffLoan.volunteer_id).where(StaffLoan.volunteer_id == second))
        assert list(proposed) == [second]


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


async def test_a_promise_that_breaks_a_rule_since_does_not_stop_the_others(
    territory: Territory, solver: SolverProcess
) -> None:
    async with territory.db.write(territory.community_id) as tx:
        held_offer = await an_offer(tx, territory.facility_id)
        kept = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    async with territory.db.write(territory.community_id) as tx:
        await hold_answer(tx, await an_adviser(tx), HoldAnswer(kept.id, 1), now_of(tx))
        await tx.execute(update(Situation).where(Situation.id == kept.id).values(max_travel_minutes=0))
        free_offer = await an_offer(tx, await a_facility(tx, operator_id=await an_operator(tx)))
        other = await a_situation(tx)
    assert await run(territory, Lane.FAST, solver) is RunEnd.RECORDED
    live = {(p.situation_id, p.offer_id, p.state) for p in await proposals(territory) if p.rank == 1}
    assert live == {(kept.id, held_offer, "held"), (other.id, free_offer, "proposed")}


async def some_request(territory: Territory) -> SolveRequest:
    """The request of a snapshot that no run has leased."""
    async with territory.db.read(territory.community_id, repeatable=True) as reader:
        ground = await load_ground(reader, territory.community_id)
    matrix = await StraightLine().minutes_between(ground.places, ground.places, ground.at)
    return snapshot_of(ground, matrix, Lane.FULL, territory.community_id).request
