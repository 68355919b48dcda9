"""A move between two sites of one association: the person consents, the association decides, nothing is signed."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from exchange.kernel.actor import Role, Via
from exchange.kernel.db import now_of
from exchange.loans.commands import ask
from exchange.loans.errors import AgreementAlreadyGiven, LoanOutdated
from exchange.loans.models import LoanAct, StaffLoan
from exchange.loans.queries import loan
from exchange.loans.rules import LoanKind, LoanParty, LoanState
from exchange.notifications.letters import contents_of
from exchange.staffing.models import LoanVolunteer
from tests.factories.ground import a_facility, actor_for, ground, operator_of
from tests.factories.loans import Lending, a_lending, a_proposed_loan, agree, asked, shift_on
from tests.factories.staffing import a_need
from tests.servers import FreshDatabase

LENDER, PERSON, HOST = LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST


async def a_moving(database: FreshDatabase) -> Lending:
    """A lending whose host is another site of the lender's own association."""
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        host_id = await a_facility(tx, operator_id=await operator_of(tx, lending.lender_id))
        return replace(lending, host_id=host_id, host=await actor_for(tx, Role.FACILITY_MANAGER, facility_id=host_id))


async def test_the_kind_follows_from_the_two_associations(database: FreshDatabase) -> None:
    moving, lending = await a_moving(database), await a_lending(database)
    for one, kind in ((moving, LoanKind.INTERNAL_MOVE), (lending, LoanKind.LOAN)):
        loan_id = await asked(one)
        async with one.db.read(one.community_id) as reader:
            assert (await loan(reader, one.host, loan_id)).kind is kind


async def test_two_managers_and_the_person_agree_as_for_a_loan(database: FreshDatabase) -> None:
    moving = await a_moving(database)
    loan_id = await asked(moving)
    assert await agree(moving, loan_id, LENDER, PERSON) is LoanState.PROPOSED
    assert await agree(moving, loan_id, HOST) is LoanState.AGREED


async def test_whoever_speaks_for_both_sites_decides_once_and_never_for_the_person(database: FreshDatabase) -> None:
    moving = await a_moving(database)
    loan_id = await asked(moving)
    async with ground(moving.db, moving.community_id) as tx:
        operator_id = await operator_of(tx, moving.lender_id)
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=operator_id)
    assert await agree(moving, loan_id, HOST, by=on_call) is LoanState.PROPOSED
    with pytest.raises(AgreementAlreadyGiven):
        await agree(moving, loan_id, LENDER)
    async with moving.db.read(moving.community_id) as reader:
        acts = await reader.execute(select(LoanAct.party, LoanAct.channel).where(LoanAct.act == "agree"))
        assert {tuple(row) for row in acts} == {("host", Via.WEB.value), ("lender", Via.WEB.value)}
    assert await agree(moving, loan_id, PERSON) is LoanState.AGREED


async def test_a_move_is_asked_for_without_a_loan_file_and_a_loan_is_not(database: FreshDatabase) -> None:
    for lending, is_refused in ((await a_moving(database), False), (await a_lending(database), True)):
        async with ground(lending.db, lending.community_id) as tx:
            need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)),))
            loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
            (await tx.get_one(LoanVolunteer, lending.volunteer_id)).ready_until = None
        if is_refused:
            with pytest.raises(LoanOutdated):
                await ask_for(lending, loan_id)
        else:
            await ask_for(lending, loan_id)


async def test_a_person_who_no_longer_wishes_to_be_asked_is_not_moved_either(database: FreshDatabase) -> None:
    moving = await a_moving(database)
    async with ground(moving.db, moving.community_id) as tx:
        need_id = await a_need(tx, moving.host_id, shifts=(shift_on(now_of(tx)),))
        loan_id = await a_proposed_loan(tx, moving.volunteer_id, need_id)
        (await tx.get_one(LoanVolunteer, moving.volunteer_id)).agrees_to_be_asked = False
    with pytest.raises(LoanOutdated):
        await ask_for(moving, loan_id)


async def ask_for(lending: Lending, loan_id: UUID) -> None:
    async with lending.db.write(lending.community_id) as tx:
        await ask(tx, lending.host, loan_id, now_of(tx))


async def test_nothing_of_a_move_is_ever_signed(database: FreshDatabase) -> None:
    moving = await a_moving(database)
    loan_id = await asked(moving)
    await agree(moving, loan_id, LENDER, PERSON, HOST)
    with pytest.raises(IntegrityError):
        async with moving.db.write(moving.community_id) as tx:
            await tx.execute(update(StaffLoan).where(StaffLoan.id == loan_id).values(state="signed"))


async def test_the_letters_of_a_move_call_it_so(database: FreshDatabase) -> None:
    moving, lending = await a_moving(database), await a_lending(database)
    for one, what in ((moving, "mouvement interne"), (lending, "mise à disposition")):
        loan_id = await asked(one)
        async with one.db.write(one.community_id) as tx:
            contents = await contents_of(tx, "release_requested", loan_id, now_of(tx))
        assert contents.values["what"] == what
