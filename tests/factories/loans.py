"""People who may be lent: a lender, a host, a professional with times, and loans at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.kernel.actor import Actor, Role, Via
from exchange.kernel.db import Database, Reactions, now_of
from exchange.kernel.periods import local_instant
from exchange.loans.commands import GiveAgreement, ProposedLoan, ask, give_agreement, put_forward
from exchange.loans.models import LoanShift, StaffLoan
from exchange.loans.rules import BINDING, LoanParty, LoanState
from exchange.staffing.commands import ShiftAsked
from exchange.staffing.models import LoanVolunteer, Shift, StaffNeed
from tests.factories.ground import (
    ZONE,
    a_community,
    a_facility,
    actor_for,
    an_operator,
    database_of,
    ground,
    no_follow_up,
)
from tests.factories.staffing import a_need, a_volunteer, shifts_of
from tests.servers import FreshDatabase


@dataclass(frozen=True, slots=True)
class Lending:
    """A committed community with a lender, a host, their managers, a coordinator and a professional."""

    db: Database
    community_id: UUID
    lender_id: UUID
    host_id: UUID
    lender: Actor
    host: Actor
    coordinator: Actor
    volunteer_id: UUID

    @property
    def system(self) -> Actor:
        return Actor.system(self.community_id)

    @property
    def person(self) -> Actor:
        return person(self.community_id, self.volunteer_id)

    def party(self, party: LoanParty) -> Actor:
        """Who gives the word of a party."""
        return {LoanParty.LENDER: self.lender, LoanParty.PERSON: self.person, LoanParty.HOST: self.host}[party]


def person(community_id: UUID, volunteer_id: UUID, via: Via = Via.LINK) -> Actor:
    """A professional acting through their own link."""
    return Actor(community_id=community_id, role=Role.LOAN_VOLUNTEER, via=via, volunteer_id=volunteer_id)


async def a_lending(
    fresh: FreshDatabase,
    *,
    reactions: Reactions = no_follow_up,
    lends_at_most_per_day: int | None = None,
    lender_agreement: str = "66",
    host_agreement: str = "66",
) -> Lending:
    """Commit a lender, a host, each of its own association, and a professional who has no hours yet."""
    db = database_of(fresh, reactions)
    community_id = await a_community(db)
    async with ground(db, community_id) as tx:
        lends = await an_operator(tx, agreement_code=lender_agreement)
        lender_id = await a_facility(tx, operator_id=lends, lends_at_most_per_day=lends_at_most_per_day)
        host_id = await a_facility(tx, operator_id=await an_operator(tx, agreement_code=host_agreement))
        return Lending(
            db=db,
            community_id=community_id,
            lender_id=lender_id,
            host_id=host_id,
            lender=await actor_for(tx, Role.FACILITY_MANAGER, facility_id=lender_id),
            host=await actor_for(tx, Role.FACILITY_MANAGER, facility_id=host_id),
            coordinator=await actor_for(tx, Role.COORDINATOR),
            volunteer_id=await a_volunteer(tx, lender_id),
        )


def shift_on(now: datetime, *, days: int = 3, hour: int = 8, hours: int = 8, headcount: int = 1) -> ShiftAsked:
    """A shift some days ahead, at an hour of the territory."""
    on = now.astimezone(ZONE).date() + timedelta(days=days)
    starts_at = local_instant(on, time(hour), ZONE)
    return ShiftAsked(starts_at, starts_at + timedelta(hours=hours), headcount)


async def a_loan_line(
    tx: AsyncSession,
    volunteer_id: UUID,
    need_id: UUID,
    *,
    shift_ids: Sequence[UUID] | None = None,
    travel_minutes: int = 30,
    reasons: tuple[dict[str, object], ...] = ({"code": "same_living_area"},),
) -> ProposedLoan:
    """One line of a plan, with the versions as they stand; all shifts of the need by default."""
    volunteer_version = await tx.scalar(select(LoanVolunteer.terms_version).where(LoanVolunteer.id == volunteer_id))
    need_version = await tx.scalar(select(StaffNeed.terms_version).where(StaffNeed.id == need_id))
    assert volunteer_version is not None
    assert need_version is not None
    return ProposedLoan(
        volunteer_id=volunteer_id,
        need_id=need_id,
        shift_ids=tuple(shift_ids if shift_ids is not None else await shifts_of(tx, need_id)),
        travel_minutes=travel_minutes,
        reasons=reasons,
        volunteer_terms_version=volunteer_version,
        need_terms_version=need_version,
    )


async def a_proposed_loan(tx: AsyncSession, volunteer_id: UUID, need_id: UUID, *, travel_minutes: int = 30) -> UUID:
    """A proposal of the matcher for all shifts of a need that has no other."""
    community_id = await tx.scalar(text("SELECT current_community()"))
    assert isinstance(community_id, UUID)
    line = await a_loan_line(tx, volunteer_id, need_id, travel_minutes=travel_minutes)
    new = await put_forward(tx, Actor.system(community_id), (line,), None, now_of(tx))
    assert len(new) == 1, "the proposal was dropped"
    return new[0]


async def asked(
    lending: Lending,
    *,
    shifts: Sequence[ShiftAsked] | None = None,
    volunteer_id: UUID | None = None,
    travel_minutes: int = 30,
    **need: object,
) -> UUID:
    """A committed loan that the coordinator asked for; a need of one shift in three days by default."""
    async with ground(lending.db, lending.community_id) as tx:
        wanted = tuple(shifts) if shifts is not None else (shift_on(now_of(tx)),)
        need_id = await a_need(tx, lending.host_id, shifts=wanted, **need)
        loan_id = await a_proposed_loan(
            tx, volunteer_id or lending.volunteer_id, need_id, travel_minutes=travel_minutes
        )
        await ask(tx, lending.coordinator, loan_id, now_of(tx))
    return loan_id


async def agree(lending: Lending, loan_id: UUID, *parties: LoanParty, by: Actor | None = None) -> LoanState:
    """These parties agree, each in a transaction of its own; return the state after the last."""
    state = LoanState.PROPOSED
    for party in parties:
        async with lending.db.write(lending.community_id) as tx:
            actor = by or lending.party(party)
            state = await give_agreement(tx, actor, GiveAgreement(loan_id, party, actor.via), now_of(tx))
    return state


async def loan_state(lending: Lending, loan_id: UUID) -> LoanState:
    async with lending.db.read(lending.community_id) as reader:
        return LoanState(str(await reader.scalar(select(StaffLoan.state).where(StaffLoan.id == loan_id))))


async def seats_and_loans(lending: Lending) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """What the shifts count, and what a recount of the binding loans says; both without zeros."""
    async with lending.db.read(lending.community_id) as reader:
        counted = await reader.execute(select(Shift.id, Shift.seats_agreed).where(Shift.seats_agreed > 0))
        recount = await reader.execute(
            select(LoanShift.shift_id, func.count())
            .join(StaffLoan, StaffLoan.id == LoanShift.loan_id)
            .where(StaffLoan.state.in_([state.value for state in BINDING]))
            .group_by(LoanShift.shift_id)
        )
        return dict(counted.all()), dict(recount.all())
