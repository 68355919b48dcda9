"""The identity of a loan over re-plans."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from exchange.kernel.actor import Actor
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden
from exchange.kernel.ids import new_id
from exchange.kernel.journals import Event
from exchange.loans.commands import DeclineLoan, ProposedLoan, ask, decline, put_forward
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import LoanParty, LoanState
from tests.factories.ground import ground
from tests.factories.loans import Lending, a_lending, a_loan_line, loan_state, shift_on
from tests.factories.staffing import a_need, a_volunteer
from tests.servers import FreshDatabase

S = LoanState


async def record_run(
    lending: Lending, *lines: ProposedLoan, judged: Sequence[UUID] = (), by: Actor | None = None
) -> tuple[UUID, ...]:
    async with lending.db.write(lending.community_id) as tx:
        return await put_forward(tx, by or lending.system, lines, new_id(), now_of(tx), judged=judged)


async def a_scene(database: FreshDatabase) -> tuple[Lending, ProposedLoan, ProposedLoan]:
    """One need of one shift, and a line for it by each of two professionals."""
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        colleague = await a_volunteer(tx, lending.lender_id)
        need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)),))
        return (
            lending,
            await a_loan_line(tx, lending.volunteer_id, need_id),
            await a_loan_line(tx, colleague, need_id),
        )


async def test_the_same_line_of_a_new_run_keeps_its_row_without_event(database: FreshDatabase) -> None:
    lending, line, _ = await a_scene(database)
    (loan_id,) = await record_run(lending, line)
    assert await record_run(lending, replace(line, travel_minutes=50, reasons=({"code": "nearest"},))) == ()
    async with lending.db.read(lending.community_id) as reader:
        kept = (await reader.scalars(select(StaffLoan))).one()
        assert (kept.id, kept.travel_minutes, kept.reasons) == (loan_id, 50, [{"code": "nearest"}])
        length = await reader.scalar(
            select(func.upper(LoanShift.slot_with_travel) - func.lower(LoanShift.slot_with_travel))
        )
        assert length.total_seconds() == (8 * 60 + 2 * 50) * 60
        told = await reader.scalars(select(Event.kind).where(Event.subject_kind == "loan"))
        assert told.all() == ["loan_proposed"]


async def test_a_line_that_the_run_no_longer_makes_is_superseded(database: FreshDatabase) -> None:
    lending, line, other = await a_scene(database)
    (first,) = await record_run(lending, line)
    (second,) = await record_run(lending, other)
    assert [await loan_state(lending, each) for each in (first, second)] == [S.SUPERSEDED, S.PROPOSED]
    await record_run(lending)
    assert await loan_state(lending, second) is S.PROPOSED
    await record_run(lending, judged=[line.need_id])
    assert await loan_state(lending, second) is S.SUPERSEDED


async def test_what_was_asked_is_left_alone(database: FreshDatabase) -> None:
    lending, line, other = await a_scene(database)
    (loan_id,) = await record_run(lending, line)
    async with lending.db.write(lending.community_id) as tx:
        await ask(tx, lending.host, loan_id, now_of(tx))
    assert await record_run(lending, line) == ()
    await record_run(lending, other, judged=[line.need_id])
    assert await loan_state(lending, loan_id) is S.PROPOSED


async def test_a_line_that_no_longer_holds_is_dropped(database: FreshDatabase) -> None:
    lending, line, _ = await a_scene(database)
    for dropped in (
        replace(line, volunteer_terms_version=line.volunteer_terms_version + 1),
        replace(line, need_terms_version=line.need_terms_version + 1),
        replace(line, volunteer_id=new_id()),
        replace(line, shift_ids=()),
        replace(line, shift_ids=(new_id(),)),
    ):
        assert await record_run(lending, dropped) == ()


async def test_whoever_said_no_to_a_shift_is_not_proposed_for_it_again(database: FreshDatabase) -> None:
    lending, line, _ = await a_scene(database)
    (loan_id,) = await record_run(lending, line)
    async with lending.db.write(lending.community_id) as tx:
        await ask(tx, lending.host, loan_id, now_of(tx))
        await decline(tx, lending.person, DeclineLoan(loan_id, LoanParty.PERSON), now_of(tx))
    assert await record_run(lending, line) == ()


async def test_a_manager_puts_nothing_forward(database: FreshDatabase) -> None:
    lending, line, _ = await a_scene(database)
    with pytest.raises(ActForbidden):
        await record_run(lending, line, by=lending.host)
