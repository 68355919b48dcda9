"""Many agreements at once: one person is lent once, a seat is taken once, and nobody is lent without consent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from exchange.kernel.db import make_engine, now_of
from exchange.kernel.errors import IllegalTransition
from exchange.loans.commands import GiveAgreement, ask, give_agreement, put_forward, withdraw_consent
from exchange.loans.errors import LendCapReached, NeedNoLongerOpen, VolunteerAlreadyLent
from exchange.loans.rules import LoanParty, LoanState
from exchange.staffing.errors import SeatsAlreadyTaken
from tests.factories.ground import ground
from tests.factories.loans import (
    Lending,
    a_lending,
    a_loan_line,
    agree,
    asked,
    loan_state,
    seats_and_loans,
    shift_on,
)
from tests.factories.staffing import a_need, a_volunteer
from tests.servers import FreshDatabase

CONNECTIONS = 20
S = LoanState
LENDER, PERSON, HOST = LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST


@asynccontextmanager
async def crowded(database: FreshDatabase, lending: Lending) -> AsyncIterator[Lending]:
    """The same community through a pool where everybody has a connection of their own."""
    engine = make_engine(database.app_url, pool_size=CONNECTIONS, max_overflow=0)
    try:
        yield replace(lending, db=replace(lending.db, engine=engine))
    finally:
        await engine.dispose()


def outcomes(told: Sequence[object]) -> Counter[object]:
    return Counter(type(each) if isinstance(each, BaseException) else each for each in told)


async def test_twenty_loans_of_one_person_one_is_agreed(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_ids = [await asked(lending) for _ in range(CONNECTIONS)]
    for loan_id in loan_ids:
        await agree(lending, loan_id, LENDER, PERSON)
    async with crowded(database, lending) as crowd:
        told = await asyncio.gather(*(agree(crowd, each, HOST) for each in loan_ids), return_exceptions=True)
    assert outcomes(told) == {S.AGREED: 1, VolunteerAlreadyLent: CONNECTIONS - 1}
    counted, bound = await seats_and_loans(lending)
    assert counted == bound
    assert len(counted) == 1


async def people_asked(lending: Lending, people: int, *, headcount: int = 1) -> list[tuple[Lending, UUID]]:
    """One need of two shifts, and as many professionals asked for it, all but the host's word given."""
    async with ground(lending.db, lending.community_id) as tx:
        now = now_of(tx)
        shifts = tuple(shift_on(now, days=days, headcount=headcount) for days in (3, 5))
        need_id = await a_need(tx, lending.host_id, shifts=shifts)
        volunteers = [await a_volunteer(tx, lending.lender_id) for _ in range(people)]
        lines = [await a_loan_line(tx, each, need_id) for each in volunteers]
        loan_ids = await put_forward(tx, lending.system, lines, None, now)
        for loan_id in loan_ids:
            await ask(tx, lending.host, loan_id, now)
    parties = [replace(lending, volunteer_id=each) for each in volunteers]
    for party, loan_id in zip(parties, loan_ids, strict=True):
        await agree(party, loan_id, LENDER, PERSON)
    return list(zip(parties, loan_ids, strict=True))


async def test_ten_people_for_two_seats_two_are_agreed(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    contenders = await people_asked(lending, 10, headcount=2)
    async with crowded(database, lending) as crowd:
        told = await asyncio.gather(
            *(agree(replace(crowd, volunteer_id=each.volunteer_id), loan, HOST) for each, loan in contenders),
            return_exceptions=True,
        )
    said = outcomes(told)
    assert said[S.AGREED] == 2
    assert said[SeatsAlreadyTaken] + said[NeedNoLongerOpen] == 8
    counted, bound = await seats_and_loans(lending)
    assert counted == bound
    assert sorted(counted.values()) == [2, 2]


async def test_people_of_one_lender_count_each_other(database: FreshDatabase) -> None:
    """Different needs, different shifts, different persons: only the lender's own row stands between them."""
    lending = await a_lending(database, lends_at_most_per_day=1)
    async with ground(lending.db, lending.community_id) as tx:
        parties = [replace(lending, volunteer_id=await a_volunteer(tx, lending.lender_id)) for _ in range(6)]
    loan_ids = [await asked(party, volunteer_id=party.volunteer_id) for party in parties]
    for party, loan_id in zip(parties, loan_ids, strict=True):
        await agree(party, loan_id, LENDER, PERSON)
    async with crowded(database, lending) as crowd:
        told = await asyncio.gather(*(agree(crowd, each, HOST) for each in loan_ids), return_exceptions=True)
    assert outcomes(told) == {S.AGREED: 1, LendCapReached: 5}


async def test_the_second_professional_of_a_lender_waits_for_the_first_to_be_counted(database: FreshDatabase) -> None:
    """Cap one a day: the second agreement begins while the first is not committed yet, and must see it."""
    lending = await a_lending(database, lends_at_most_per_day=1)
    async with ground(lending.db, lending.community_id) as tx:
        other = replace(lending, volunteer_id=await a_volunteer(tx, lending.lender_id))
    first, second = [await asked(party, volunteer_id=party.volunteer_id) for party in (lending, other)]
    for party, loan_id in ((lending, first), (other, second)):
        await agree(party, loan_id, LENDER, PERSON)
    async with crowded(database, lending) as crowd:
        async with crowd.db.write(crowd.community_id) as tx:
            assert await give_agreement(tx, crowd.host, GiveAgreement(first, HOST), now_of(tx)) is S.AGREED
            late = asyncio.create_task(agree(crowd, second, HOST))
            await waits_or_ends(database, late)
            assert not late.done(), "the second did not wait to count the first"
        with pytest.raises(LendCapReached):
            await late
    assert [await loan_state(lending, each) for each in (first, second)] == [S.AGREED, S.PROPOSED]


async def waits_or_ends(database: FreshDatabase, act: asyncio.Task[LoanState]) -> None:
    """Return once an act has ended, or PostgreSQL itself says that a transaction of this database waits."""
    connection = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
    try:
        async with asyncio.timeout(10):
            while not act.done() and not await connection.fetchval(waiting, database.name):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def test_consent_withdrawn_while_the_loan_is_agreed_leaves_no_loan(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    ends: Counter[LoanState] = Counter()
    async with crowded(database, lending) as crowd:

        async def withdraws(loan_id: UUID) -> LoanState:
            async with crowd.db.write(crowd.community_id) as tx:
                return await withdraw_consent(tx, crowd.person, loan_id, now_of(tx))

        for round_number in range(20):
            loan_id = await asked(lending)
            await agree(lending, loan_id, LENDER, PERSON)
            acts = [agree(crowd, loan_id, HOST), withdraws(loan_id)]
            told = await asyncio.gather(*(acts if round_number % 2 else acts[::-1]), return_exceptions=True)
            assert set(outcomes(told)) <= {S.AGREED, S.CANCELLED, S.DECLINED, IllegalTransition}
            ends[await loan_state(lending, loan_id)] += 1
    # Withdrawn first, the loan is declined and the host comes too late; agreed first, it is cancelled.
    assert set(ends) <= {S.DECLINED, S.CANCELLED}
    assert await seats_and_loans(lending) == ({}, {})


async def test_two_runs_recording_the_same_loan_at_once_make_one(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)), shift_on(now_of(tx), days=5)))
        line = await a_loan_line(tx, lending.volunteer_id, need_id)
    async with crowded(database, lending) as crowd:

        async def a_run() -> int:
            async with crowd.db.write(crowd.community_id) as tx:
                return len(await put_forward(tx, crowd.system, (line,), None, now_of(tx)))

        assert sum(await asyncio.gather(*(a_run() for _ in range(6)))) == 1
