"""A place that a loan opens: it waits for the loan, stands with it, falls with it; and whoever has arrived stays."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from exchange.kernel.actor import Role
from exchange.kernel.db import now_of
from exchange.kernel.periods import date_of, starts_at
from exchange.loans.commands import ask, withdraw_consent
from exchange.loans.rules import LoanParty, LoanState
from exchange.organisations import queries as organisations
from exchange.placements import queries
from exchange.placements.commands import (
    ConfirmArrival,
    GiveYes,
    confirm_arrival,
    drop_uncovered,
    give_yes,
    settle_waiting,
)
from exchange.placements.models import PlacementCover
from exchange.placements.rules import PlacementState
from exchange.situations.commands import lock_situation
from exchange.staffing.models import Shift
from tests.factories.availability import an_offer, tomorrow_night
from tests.factories.ground import actor_for, ground
from tests.factories.loans import Lending, a_lending, a_proposed_loan, agree, loan_state, seats_and_loans, shift_on
from tests.factories.placements import (
    ALL_YESES,
    House,
    Stage,
    counted_and_claimed,
    hold,
    say,
    situation_state,
    state_of,
    the_placement,
    waiting,
)
from tests.factories.staffing import a_volunteer, need_form
from tests.servers import FreshDatabase

S = PlacementState
RECEIVER, PERSON, LEGAL_BASIS = ALL_YESES
EVERYONE = (LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST)


@dataclass(frozen=True, slots=True)
class Opening:
    """A conditional place of the host, and a loan already asked for, on which it rests."""

    stage: Stage
    lending: Lending
    need_id: UUID
    shift_id: UUID
    loan_id: UUID

    async def settle(self) -> tuple[UUID, ...]:
        async with self.stage.db.write(self.stage.community_id) as tx:
            return await settle_waiting(tx, self.stage.system, self.shift_id, now_of(tx))

    async def drop(self) -> tuple[UUID, ...]:
        async with self.stage.db.write(self.stage.community_id) as tx:
            return await drop_uncovered(tx, self.stage.system, self.shift_id, now_of(tx))

    async def withdraw(self) -> LoanState:
        async with self.stage.db.write(self.stage.community_id) as tx:
            return await withdraw_consent(tx, self.lending.person, self.loan_id, now_of(tx))


async def an_opening(database: FreshDatabase, lending: Lending | None = None, *, capacity: int = 1) -> Opening:
    """Commit it; `lending` adds another opening, with a professional of its own, to the same community."""
    lending = lending or await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        lending = replace(lending, volunteer_id=await a_volunteer(tx, lending.lender_id))
        needed = need_form(lending.host_id, now_of(tx), is_coupled=True, shifts=(shift_on(now_of(tx), days=1),))
        offer_id = await an_offer(tx, lending.host_id, kind="conditional", coupled_need=needed)
        shift_id = await tx.scalar(
            text("SELECT DISTINCT shift_id FROM segment_requirements WHERE offer_id = :offer"), {"offer": offer_id}
        )
        need_id = await tx.scalar(select(Shift.need_id).where(Shift.id == shift_id))
        assert isinstance(shift_id, UUID)
        assert isinstance(need_id, UUID)
        loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
        await ask(tx, lending.coordinator, loan_id, now_of(tx))
        adviser = await actor_for(tx, Role.PATHWAY_ADVISER)
    stage = Stage(lending.db, lending.community_id, adviser, House(lending.host_id, offer_id, lending.host))
    return Opening(stage, lending, need_id, shift_id, loan_id)


async def a_held(opening: Opening) -> tuple[UUID, UUID]:
    situation_id = await waiting(opening.stage)
    await hold(opening.stage, situation_id)
    return situation_id, await the_placement(opening.stage, situation_id)


async def test_a_conditional_place_waits_for_its_loan_then_is_confirmed(database: FreshDatabase) -> None:
    opening = await an_opening(database)
    stage = opening.stage
    situation_id, placement_id = await a_held(opening)
    assert await say(stage, placement_id, *ALL_YESES) is S.ACCEPTED
    assert await situation_state(stage, situation_id) == "held"
    async with stage.db.read(stage.community_id) as reader:
        assert (await queries.placement(reader, stage.adviser, placement_id)).waits_for_cover
    assert await opening.settle() == ()
    assert await agree(opening.lending, opening.loan_id, *EVERYONE) is LoanState.AGREED
    assert await opening.settle() == (placement_id,)
    assert await opening.settle() == ()
    assert await situation_state(stage, situation_id) == "confirmed"


async def test_with_its_loan_agreed_first_the_third_yes_confirms(database: FreshDatabase) -> None:
    opening = await an_opening(database)
    await agree(opening.lending, opening.loan_id, *EVERYONE)
    _, placement_id = await a_held(opening)
    assert await say(opening.stage, placement_id, *ALL_YESES) is S.CONFIRMED


async def test_when_the_loan_falls_the_place_falls_and_the_search_starts_again(database: FreshDatabase) -> None:
    opening = await an_opening(database)
    stage = opening.stage
    await agree(opening.lending, opening.loan_id, *EVERYONE)
    situation_id, placement_id = await a_held(opening)
    await say(stage, placement_id, *ALL_YESES)
    # Never blocked by the placement, and told to it in the same transaction.
    assert await opening.withdraw() is LoanState.CANCELLED
    async with stage.db.read(stage.community_id) as reader:
        assert await reader.scalar(select(PlacementCover.covered)) is False
    assert await opening.drop() == (placement_id,)
    assert await opening.drop() == ()
    assert await state_of(stage, placement_id) is S.CANCELLED
    assert await situation_state(stage, situation_id) == "searching"
    assert await counted_and_claimed(stage) == ({}, {})
    assert await seats_and_loans(opening.lending) == ({}, {})


async def test_whoever_has_arrived_stays_at_risk_until_a_replacement_comes(database: FreshDatabase) -> None:
    opening = await an_opening(database)
    stage = opening.stage
    await agree(opening.lending, opening.loan_id, *EVERYONE)
    situation_id, placement_id = await a_held(opening)
    await say(stage, placement_id, *ALL_YESES)
    async with stage.db.write(stage.community_id) as tx:
        night, zone = await tomorrow_night(tx), await organisations.zone(tx)
        arrival = ConfirmArrival(placement_id, date_of(night) + timedelta(days=3))
        await confirm_arrival(tx, stage.adviser, arrival, starts_at(night, zone))
    await opening.withdraw()
    assert await opening.drop() == ()
    assert await state_of(stage, placement_id) is S.ADMITTED
    assert await situation_state(stage, situation_id) == "effective"
    assert await risk_shown(stage, placement_id) == [True, True]
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_volunteer(tx, opening.lending.lender_id)
        loan_id = await a_proposed_loan(tx, other, opening.need_id)
        await ask(tx, opening.lending.coordinator, loan_id, now_of(tx))
    await agree(replace(opening.lending, volunteer_id=other), loan_id, *EVERYONE)
    await opening.settle()
    assert await risk_shown(stage, placement_id) == [False, False]


async def risk_shown(stage: Stage, placement_id: UUID) -> list[bool]:
    """What the query says, then what the board says."""
    async with stage.db.read(stage.community_id) as reader:
        view = await queries.placement(reader, stage.house.manager, placement_id)
        card = await reader.scalar(
            text("SELECT card FROM cards WHERE subject_id = :id AND shown_until = 'infinity'"), {"id": placement_id}
        )
    return [view.at_risk, card["at_risk"]]


async def test_a_replacement_that_came_before_the_job_leaves_the_place_alone(database: FreshDatabase) -> None:
    """The job saw the shift bare, then waited for a lock; meanwhile somebody else agreed to come."""
    opening = await an_opening(database)
    stage = opening.stage
    await agree(opening.lending, opening.loan_id, *EVERYONE)
    situation_id, placement_id = await a_held(opening)
    await say(stage, placement_id, *ALL_YESES)
    await opening.withdraw()
    async with ground(stage.db, stage.community_id) as tx:
        other = await a_volunteer(tx, opening.lending.lender_id)
        loan_id = await a_proposed_loan(tx, other, opening.need_id)
        await ask(tx, opening.lending.coordinator, loan_id, now_of(tx))
    async with stage.db.write(stage.community_id) as tx:
        await lock_situation(tx, situation_id)
        job = asyncio.create_task(opening.drop())
        await somebody_waits_for_a_lock(database)
        await agree(replace(opening.lending, volunteer_id=other), loan_id, *EVERYONE)
    assert await job == ()
    assert await state_of(stage, placement_id) is S.CONFIRMED
    assert await opening.drop() == ()


async def test_the_application_may_not_write_the_cover_itself(database: FreshDatabase) -> None:
    opening = await an_opening(database)
    await agree(opening.lending, opening.loan_id, *EVERYONE)
    _, placement_id = await a_held(opening)
    await say(opening.stage, placement_id, *ALL_YESES)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with opening.stage.db.write(opening.stage.community_id) as tx:
            await tx.execute(text("UPDATE placement_covers SET covered = true"))


async def test_a_yes_that_did_not_see_the_loan_agreed_is_settled_by_the_job(database: FreshDatabase) -> None:
    """The yes found the shift uncovered; the loan was agreed, and its job rang, before the yes was committed."""
    opening = await an_opening(database)
    stage = opening.stage
    _, placement_id = await a_held(opening)
    await say(stage, placement_id, PERSON, LEGAL_BASIS)
    async with stage.db.write(stage.community_id) as tx:
        assert await give_yes(tx, stage.house.manager, GiveYes(placement_id, RECEIVER), now_of(tx)) is S.ACCEPTED
        await agree(opening.lending, opening.loan_id, *EVERYONE)
        job = asyncio.create_task(opening.settle())
        await somebody_waits_for_a_lock(database)
    assert await job == (placement_id,)


async def somebody_waits_for_a_lock(database: FreshDatabase) -> None:
    """Return once PostgreSQL itself says that a transaction of this database waits."""
    connection = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    try:
        async with asyncio.timeout(10):
            while not await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'", database.name
            ):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def test_confirming_while_consent_is_withdrawn_never_leaves_a_place_without_its_loan(
    database: FreshDatabase,
) -> None:
    lending: Lending | None = None
    ends: set[S] = set()
    for round_number in range(10):
        opening = await an_opening(database, lending)
        lending, stage = opening.lending, opening.stage
        await agree(lending, opening.loan_id, *EVERYONE)
        _, placement_id = await a_held(opening)
        await say(stage, placement_id, PERSON, LEGAL_BASIS)
        last_yes, withdrawal = say(stage, placement_id, RECEIVER), opening.withdraw()
        acts = (last_yes, withdrawal) if round_number % 2 else (withdrawal, last_yes)
        assert not [each for each in await asyncio.gather(*acts, return_exceptions=True) if isinstance(each, Exception)]
        await opening.drop()
        ends.add(await state_of(stage, placement_id))
        assert await loan_state(lending, opening.loan_id) is LoanState.CANCELLED
    # Whichever came first: it never was confirmed, or it was and has been called off.
    assert ends <= {S.ACCEPTED, S.CANCELLED}
    counted, claimed = await counted_and_claimed(opening.stage)
    assert counted == claimed
