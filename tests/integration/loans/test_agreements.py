"""Three agreements, in any order, each from its own party; the third binds, or says which rule forbids it."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from exchange.identity.models import Membership
from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import now_of
from exchange.kernel.errors import ActForbidden, DomainError, IllegalTransition, NotFound
from exchange.kernel.journals import Event
from exchange.loans.commands import (
    DeclineLoan,
    GiveAgreement,
    ask,
    cancel_loan,
    decline,
    expire_request,
    give_agreement,
    put_forward,
    withdraw_consent,
)
from exchange.loans.errors import (
    AgreementAlreadyGiven,
    LendCapReached,
    LoanAnswerTooLate,
    LoanNotAsked,
    LoanOutdated,
    LoanTooLate,
    NeedNoLongerOpen,
    VolunteerAlreadyLent,
    WorkingTimeBreached,
)
from exchange.loans.models import LoanAct, StaffLoan
from exchange.loans.queries import declined_shifts, loan, loans
from exchange.loans.rules import LoanParty, LoanState
from exchange.reference.answers import LoanDeclineReason
from exchange.staffing.commands import ShiftAsked, cancel_need
from exchange.staffing.errors import SeatsAlreadyTaken
from exchange.staffing.models import LoanVolunteer, StaffNeed
from tests.factories.ground import actor_for, ground
from tests.factories.loans import (
    Lending,
    a_lending,
    a_loan_line,
    a_proposed_loan,
    agree,
    asked,
    loan_state,
    person,
    seats_and_loans,
    shift_on,
)
from tests.factories.staffing import a_need, a_volunteer, shifts_of, stated
from tests.servers import FreshDatabase

S = LoanState
LENDER, PERSON, HOST = LoanParty.LENDER, LoanParty.PERSON, LoanParty.HOST
EVERYONE = (LENDER, PERSON, HOST)


async def test_the_third_agreement_binds_in_whatever_order(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with lending.db.read(lending.community_id) as reader:
        now = now_of(reader)
    for days, order in enumerate(permutations(EVERYONE), 2):
        loan_id = await asked(lending, shifts=[shift_on(now, days=2 * days)])
        assert await agree(lending, loan_id, *order[:2]) is S.PROPOSED
        assert await agree(lending, loan_id, order[2]) is S.AGREED
    counted, bound = await seats_and_loans(lending)
    assert counted == bound
    assert len(counted) == 6
    async with lending.db.read(lending.community_id) as reader:
        assert set(await reader.scalars(select(StaffNeed.state))) == {"covered"}
        acts = await reader.execute(select(LoanAct.party, LoanAct.act, LoanAct.channel).where(LoanAct.act == "agree"))
        assert {tuple(row) for row in acts} == {
            ("lender", "agree", "web"),
            ("person", "agree", "link"),
            ("host", "agree", "web"),
        }


async def test_nobody_consents_for_a_professional(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    async with ground(lending.db, lending.community_id) as tx:
        colleague = await a_volunteer(tx, lending.lender_id)
        adviser = await actor_for(tx, Role.PATHWAY_ADVISER)
        on_call = await actor_for(tx, Role.ON_CALL_MANAGER, operator_id=lending.lender.operator_id)
    community_id, volunteer_id = lending.community_id, lending.volunteer_id
    refused: list[tuple[Actor, type[DomainError]]] = [
        (lending.lender, ActForbidden),
        (lending.host, ActForbidden),
        (lending.coordinator, ActForbidden),
        (adviser, ActForbidden),
        (on_call, ActForbidden),
        (lending.system, ActForbidden),
        (person(community_id, colleague), NotFound),
        (person(community_id, volunteer_id, Via.WEB), NotFound),
        (person(community_id, volunteer_id, Via.API), NotFound),
        (replace(lending.lender, via=Via.LINK, volunteer_id=volunteer_id), ActForbidden),
    ]
    for actor, refusal in refused:
        with pytest.raises(refusal):
            await agree(lending, loan_id, PERSON, by=actor)
        if actor.via is not Via.LINK or actor.role is not Role.LOAN_VOLUNTEER:
            with pytest.raises((ActForbidden, NotFound)):
                async with lending.db.write(lending.community_id) as tx:
                    await withdraw_consent(tx, actor, loan_id, now_of(tx))
    assert await loan_state(lending, loan_id) is S.PROPOSED


async def test_lender_and_host_each_speak_for_themselves_alone(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    async with ground(lending.db, lending.community_id) as tx:
        revoked = await actor_for(tx, Role.FACILITY_MANAGER, facility_id=lending.lender_id)
        await tx.execute(update(Membership).where(Membership.id == revoked.membership_id).values(ended_at=now_of(tx)))
        stranger = await actor_for(tx, Role.OBSERVER)
    cases: list[tuple[LoanParty, Actor, type[DomainError]]] = [
        (LENDER, lending.host, ActForbidden),
        (HOST, lending.lender, ActForbidden),
        (LENDER, lending.coordinator, ActForbidden),
        (HOST, lending.coordinator, ActForbidden),
        (LENDER, lending.person, ActForbidden),
        (HOST, lending.person, ActForbidden),
        (LENDER, revoked, ActForbidden),
        (LENDER, stranger, NotFound),
        (LENDER, replace(lending.lender, role=Role.OBSERVER), NotFound),
    ]
    for party, actor, refusal in cases:
        with pytest.raises(refusal):
            await agree(lending, loan_id, party, by=actor)


async def test_a_loan_is_asked_for_by_the_host_or_the_coordinator(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)),))
        loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
        adviser = await actor_for(tx, Role.PATHWAY_ADVISER)
    with pytest.raises(LoanNotAsked):
        await agree(lending, loan_id, LENDER)
    for actor in (lending.lender, lending.person, adviser, lending.system):
        with pytest.raises(ActForbidden):
            await ask_for(lending, loan_id, actor)
    async with lending.db.read(lending.community_id) as reader:
        # The lender and the person know nothing of a loan that nobody asked for.
        assert [len(await loans(reader, actor)) for actor in (lending.lender, lending.person, lending.host)] == [
            0,
            0,
            1,
        ]
    answer_by = await ask_for(lending, loan_id, lending.host)
    assert await ask_for(lending, loan_id, lending.coordinator) == answer_by
    async with lending.db.read(lending.community_id) as reader:
        assert [len(await loans(reader, actor)) for actor in (lending.lender, lending.person, lending.host)] == [
            1,
            1,
            1,
        ]


async def ask_for(lending: Lending, loan_id: UUID, actor: Actor, at: datetime | None = None) -> datetime:
    async with lending.db.write(lending.community_id) as tx:
        return await ask(tx, actor, loan_id, at or now_of(tx))


async def test_what_changed_since_the_proposal_is_not_asked_for(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        shift = shift_on(now_of(tx))
        need_id = await a_need(tx, lending.host_id, shifts=(shift,))
        loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
    with pytest.raises(LoanTooLate):
        await ask_for(lending, loan_id, lending.host, shift.starts_at - timedelta(minutes=30))
    async with lending.db.write(lending.community_id) as tx:
        await stated(
            tx,
            lending.lender_id,
            lending.volunteer_id,
            "own_shift",
            shift.starts_at,
            shift.starts_at + timedelta(hours=1),
        )
    with pytest.raises(LoanOutdated):
        await ask_for(lending, loan_id, lending.host)
    async with lending.db.write(lending.community_id) as tx:
        await cancel_need(tx, lending.host, need_id, now_of(tx))
    with pytest.raises(NeedNoLongerOpen):
        await ask_for(lending, loan_id, lending.host)


async def test_a_professional_whose_file_is_not_ready_is_not_asked(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)),))
        loan_id = await a_proposed_loan(tx, lending.volunteer_id, need_id)
        (await tx.get_one(LoanVolunteer, lending.volunteer_id)).ready_until = now_of(tx)
    with pytest.raises(LoanOutdated):
        await ask_for(lending, loan_id, lending.host)


async def test_an_agreement_is_given_once_and_in_time(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await agree(lending, loan_id, LENDER)
    with pytest.raises(AgreementAlreadyGiven):
        await agree(lending, loan_id, LENDER)
    async with lending.db.read(lending.community_id) as reader:
        answer_by = (await loan(reader, lending.host, loan_id)).answer_by
    assert answer_by is not None
    for at, refusal in ((answer_by, LoanAnswerTooLate), (answer_by - timedelta(microseconds=1), None)):
        agreement = GiveAgreement(loan_id, PERSON, Via.LINK)
        if refusal is None:
            async with lending.db.write(lending.community_id) as tx:
                await give_agreement(tx, lending.person, agreement, at)
        else:
            with pytest.raises(refusal):
                async with lending.db.write(lending.community_id) as tx:
                    await give_agreement(tx, lending.person, agreement, at)


async def test_the_clock_ends_a_request_at_its_hour(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    async with lending.db.read(lending.community_id) as reader:
        answer_by = (await loan(reader, lending.host, loan_id)).answer_by
    assert answer_by is not None
    for at, ends in ((answer_by - timedelta(seconds=1), False), (answer_by, True), (answer_by, False)):
        async with lending.db.write(lending.community_id) as tx:
            assert await expire_request(tx, lending.system, loan_id, at) is ends
    with pytest.raises(IllegalTransition):
        await agree(lending, loan_id, LENDER)


async def own_shift(lending: Lending, shift: ShiftAsked, kind: str = "own_shift") -> None:
    async with lending.db.write(lending.community_id) as tx:
        await stated(tx, lending.lender_id, lending.volunteer_id, kind, shift.starts_at, shift.ends_at)


async def test_hours_stated_after_the_proposal_still_forbid_an_unlawful_loan(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    await agree(lending, loan_id, LENDER, PERSON)
    async with lending.db.read(lending.community_id) as reader:
        now = now_of(reader)
    await own_shift(lending, shift_on(now, hour=22, hours=8))
    with pytest.raises(WorkingTimeBreached) as refused:
        await agree(lending, loan_id, HOST)
    assert refused.value.facts == {
        "rule": "rest_too_short",
        "limit_minutes": 660,
        "found_minutes": 360,
        "sentence": "6 h de repos entre deux périodes de travail, pour 11 h au moins.",
    }
    assert await loan_state(lending, loan_id) is S.PROPOSED
    # Released by the employer, these hours are hers no more.
    await own_shift(lending, shift_on(now, hour=22, hours=8), "released")
    assert await agree(lending, loan_id, HOST) is S.AGREED


async def test_another_loan_counts_in_the_rest(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with lending.db.read(lending.community_id) as reader:
        now = now_of(reader)
    first = await asked(lending, shifts=[shift_on(now, hour=6, hours=8)])
    second = await asked(lending, shifts=[shift_on(now, hour=22, hours=8)])
    await agree(lending, first, *EVERYONE)
    await agree(lending, second, LENDER, PERSON)
    with pytest.raises(WorkingTimeBreached):
        await agree(lending, second, HOST)


async def test_nobody_is_in_two_places_even_where_rest_is_not_judged(database: FreshDatabase) -> None:
    """The database holds by itself: two lawful-looking loans whose ways overlap."""
    lending = await a_lending(database)
    async with lending.db.read(lending.community_id) as reader:
        now = now_of(reader)
    first = await asked(lending, shifts=[shift_on(now, hour=4, hours=4)], travel_minutes=45)
    second = await asked(lending, shifts=[shift_on(now, hour=19, hours=4)], travel_minutes=45)
    await agree(lending, first, *EVERYONE)
    async with lending.db.write(lending.community_id) as tx:
        # A way so long that the two meet, as another community's loan, unseen from here, would.
        await tx.execute(
            text(
                "UPDATE loan_shifts SET slot_with_travel = tstzrange(lower(slot_with_travel) - interval '13 hours',"
                " upper(slot_with_travel)) WHERE loan_id = :loan"
            ),
            {"loan": second},
        )
    await agree(lending, second, LENDER, PERSON)
    with pytest.raises(VolunteerAlreadyLent):
        await agree(lending, second, HOST)
    counted, bound = await seats_and_loans(lending)
    assert counted == bound


async def test_the_last_seat_goes_to_one_person(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    async with ground(lending.db, lending.community_id) as tx:
        colleague = await a_volunteer(tx, lending.lender_id)
        need_id = await a_need(tx, lending.host_id, shifts=(shift_on(now_of(tx)),))
        lines = [await a_loan_line(tx, each, need_id) for each in (lending.volunteer_id, colleague)]
        first, second = await put_forward(tx, lending.system, lines, None, now_of(tx))
        for loan_id in (first, second):
            await ask(tx, lending.host, loan_id, now_of(tx))
    by_first = (
        lending
        if await volunteer_of(lending, first) == lending.volunteer_id
        else replace(lending, volunteer_id=colleague)
    )
    by_second = replace(lending, volunteer_id=await volunteer_of(lending, second))
    assert await agree(by_first, first, *EVERYONE) is S.AGREED
    await agree(by_second, second, LENDER, PERSON)
    with pytest.raises((SeatsAlreadyTaken, NeedNoLongerOpen)):
        await agree(by_second, second, HOST)


async def volunteer_of(lending: Lending, loan_id: UUID) -> UUID:
    async with lending.db.read(lending.community_id) as reader:
        found = await reader.scalar(select(StaffLoan.volunteer_id).where(StaffLoan.id == loan_id))
    assert isinstance(found, UUID)
    return found


async def test_a_lender_never_lends_more_than_it_said(database: FreshDatabase) -> None:
    lending = await a_lending(database, lends_at_most_per_day=1)
    async with ground(lending.db, lending.community_id) as tx:
        colleague = await a_volunteer(tx, lending.lender_id)
    first, second = await asked(lending), await asked(lending, volunteer_id=colleague)
    other = replace(lending, volunteer_id=colleague)
    await agree(lending, first, *EVERYONE)
    await agree(other, second, LENDER, PERSON)
    with pytest.raises(LendCapReached):
        await agree(other, second, HOST)
    async with lending.db.write(lending.community_id) as tx:
        await cancel_loan(tx, lending.lender, first, now_of(tx))
    assert await agree(other, second, HOST) is S.AGREED


@pytest.mark.parametrize("party", EVERYONE)
async def test_each_party_may_say_no_and_only_the_person_reads_her_reason(
    database: FreshDatabase, party: LoanParty
) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)
    async with lending.db.write(lending.community_id) as tx:
        refusal = DeclineLoan(loan_id, party, LoanDeclineReason.SITE_DECLINED)
        await decline(tx, lending.party(party), refusal, now_of(tx))
    assert await loan_state(lending, loan_id) is S.DECLINED
    async with lending.db.read(lending.community_id) as reader:
        seen = [
            (await loan(reader, actor, loan_id)).decline_reason
            for actor in (lending.person, lending.lender, lending.host, lending.coordinator)
        ]
        assert seen == ["site_declined" if party is PERSON else None, None, None, None]
        assert "site_declined" not in str((await reader.scalars(select(Event.facts))).all())
        need_id = (await loan(reader, lending.host, loan_id)).need_id
        assert await declined_shifts(reader) == {
            (lending.volunteer_id, shift_id) for shift_id in await shifts_of(reader, need_id)
        }


async def test_a_name_is_told_to_the_host_only_once_the_loan_is_agreed(database: FreshDatabase) -> None:
    lending = await a_lending(database)
    loan_id = await asked(lending)

    async def names() -> list[str | None]:
        async with lending.db.read(lending.community_id) as reader:
            actors = (lending.lender, lending.person, lending.host, lending.coordinator)
            return [(await loan(reader, actor, loan_id)).volunteer_name for actor in actors]

    assert await names() == ["Camille Essai", "Camille Essai", None, None]
    await agree(lending, loan_id, PERSON)
    assert (await names())[2:] == [None, None]
    await agree(lending, loan_id, LENDER, HOST)
    assert (await names())[2:] == ["Camille Essai", None]
