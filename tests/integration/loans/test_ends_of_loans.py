"""Consent taken back, a need cancelled: who was asked is free again, and the board names nobody."""

import pytest
from sqlalchemy import select, text

from exchange.kernel.db import now_of
from exchange.kernel.errors import IllegalTransition
from exchange.kernel.journals import Event
from exchange.loans.commands import (
    drop_cancelled_need,
    withdraw_consent,
)
from exchange.loans.queries import loan
from exchange.loans.rules import LoanParty, LoanState
from exchange.staffing.commands import cancel_need
from exchange.staffing.models import StaffNeed
from tests.factories.loans import (
    a_lending,
    agree,
    asked,
    loan_state,
    seats_and_loans,
    shift_on,
)
from tests.servers import FreshDatabase

S = LoanState
LENDER, PERSON, HOST = LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST
EVERYONE = (LENDER, PERSON, HOST)


async def test_consent_is_taken_back_at_any_time_and_the_seat_with_it(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    for given, ends in (((PERSON,), S.DECLINED), (EVERYONE, S.CANCELLED)):
        async with lending.db.read(lending.community_id) as reader:
            shift = shift_on(now_of(reader), days=3 + 2 * len(given))
        loan_id = await asked(lending, shifts=[shift])
        await agree(lending, loan_id, *given)
        for _ in range(2):
            async with lending.db.write(lending.community_id) as tx:
                assert await withdraw_consent(tx, lending.person, loan_id, now_of(tx)) is ends
        assert await seats_and_loans(lending) == ({}, {})
        with pytest.raises(IllegalTransition):
            await agree(lending, loan_id, PERSON)
    async with lending.db.read(lending.community_id) as reader:
        assert set(await reader.scalars(select(StaffNeed.state))) == {"open"}


async def test_a_cancelled_need_frees_those_who_were_asked(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    async with lending.db.read(lending.community_id) as reader:
        need_id = (await loan(reader, lending.host, loan_id)).need_id
    async with lending.db.write(lending.community_id) as tx:
        await cancel_need(tx, lending.host, need_id, now_of(tx))
    async with lending.db.write(lending.community_id) as tx:
        assert await drop_cancelled_need(tx, lending.system, need_id, now_of(tx)) == (loan_id,)
        assert await drop_cancelled_need(tx, lending.system, need_id, now_of(tx)) == ()
    assert await loan_state(lending, loan_id) is S.CANCELLED


async def test_the_board_shows_no_person_in_a_loan(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await agree(lending, loan_id, *EVERYONE)
    async with lending.db.read(lending.community_id) as reader:
        cards = (await reader.execute(text("SELECT card FROM cards WHERE subject_kind = 'loan'"))).scalars().all()
        facts = (await reader.scalars(select(Event.facts).where(Event.subject_kind == "loan"))).all()
    assert cards
    assert str(lending.volunteer_id) not in str(cards)
    assert "Camille" not in str(cards) + str(facts)
