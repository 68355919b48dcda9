"""Rules of the machine: needs, volunteers, loans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.choosing import MANY, MISCAST, Choosing
from bench.storm.doors import Command, Somebody
from bench.storm.plain import lending, places
from bench.storm.plain.calendar import at
from bench.storm.plain.world import Broken, Loan, Person, Plain, Volunteer
from bench.storm.playing import Law
from bench.storm.raw import Change
from bench.storm.rules_of_places import keep_needs
from exchange.kernel.actor import Actor
from exchange.loans import commands as loans
from exchange.loans.rules import LoanParty
from exchange.organisations.models import LivingArea
from exchange.staffing import commands as staffing
from exchange.staffing.inputs import RegisterVolunteer, ShiftAsked
from tests.factories.ground import LE_PUY
from tests.factories.staffing import need_form

TRAVEL_MINUTES: Final = 30
PARTIES: Final = ("lender", "person", "host")
MOST_VOLUNTEERS: Final = 4


class RulesOfStaff(Choosing):
    """What is missing, who may be lent, who agrees, and who takes it back."""

    @rule(house=st.integers(0, 2), shape=st.integers(0, 3), headcount=st.sampled_from((1, 1, 2)), who=MANY)
    def declare_need(self, house: int, shape: int, headcount: int, who: int) -> None:
        facility = self.game.doors.houses[house]
        first, second = self.a_day_of_work(0), self.a_day_of_work(1)
        morning = (at(first, 9), at(first, 13))
        # With the way there and back, nobody does both on one date: the first ends when the second begins.
        afternoon = (at(first, 13, 30), at(first, 17))
        other_day = (at(second, 9), at(second, 13))
        hours = ((morning,), (afternoon,), (other_day,), (morning, other_day))[shape]
        form = need_form(
            UUID(facility), self.game.now, shifts=tuple(ShiftAsked(*slot, headcount=headcount) for slot in hours)
        )

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            return await staffing.declare_need(tx, actor, form, now)

        def keep(plain: Plain, need: UUID, changes: Sequence[Change]) -> None:
            keep_needs(plain, changes)

        self.game.play(
            "declare_need",
            self.manager_of(facility, who),
            lambda plain, person: places.speak(person, facility),
            command,
            keep=keep,
        )

    @precondition(lambda self: len(self.game.plain.volunteers) < MOST_VOLUNTEERS)
    @rule(house=st.integers(0, 2), ready=st.integers(0, 5), who=MANY)
    def register(self, house: int, ready: int, who: int) -> None:
        game = self.game
        facility = game.doors.houses[house]
        ready_until = game.now + (timedelta(hours=1) if ready == 5 else timedelta(days=30))
        email = f"volontaire-{len(game.plain.volunteers)}@essai.invalid"

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            area = await tx.scalar(select(LivingArea.id).limit(1))
            form = RegisterVolunteer(
                facility_id=UUID(facility),
                commune_code=LE_PUY,
                qualifications=("care_support_worker",),
                living_area_ids=() if area is None else (area,),
                max_travel_minutes=45,
                max_loan_minutes=2_400,
                night12h_derogation=False,
                ready_until=ready_until,
                full_name="Camille Essai",
                email=email,
            )
            return await staffing.register_volunteer(tx, actor, form, now)

        def keep(plain: Plain, volunteer: UUID, changes: Sequence[Change]) -> None:
            plain.volunteers[str(volunteer)] = Volunteer(facility, ready_until)

        game.play(
            "register",
            self.manager_of(facility, who),
            lambda plain, person: places.speak(person, facility),
            command,
            keep=keep,
        )

    @precondition(lambda self: self.game.plain.needs)
    @rule(pick=MANY, who=MANY)
    def cancel_need(self, pick: int, who: int) -> None:
        needs = self.game.plain.needs
        need = self.chosen(list(needs), pick, self.in_state(needs, "open", "covered"))

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await staffing.cancel_need(tx, actor, UUID(need), now)

        self.game.play(
            "cancel_need",
            self.manager_of(needs[need].facility, who),
            lambda plain, person: lending.cancel_need(plain, person, need),
            command,
            targets=(need,),
        )

    @precondition(lambda self: self.game.plain.needs and self.game.plain.volunteers)
    @rule(pick=MANY, of=MANY, part=st.integers(0, 3), stale=st.integers(0, 9))
    def propose_loan(self, pick: int, of: int, part: int, stale: int) -> None:
        game = self.game
        need = self.chosen(list(game.plain.needs), pick, self.in_state(game.plain.needs, "open"))
        volunteer = self.chosen(list(game.plain.volunteers), of, list(game.plain.volunteers))
        shifts = game.plain.needs[need].shifts
        wanted = frozenset(shifts if part < 3 else shifts[:1])
        lender, host = game.plain.volunteers[volunteer].facility, game.plain.needs[need].facility
        line = Loan(
            volunteer,
            need,
            wanted,
            TRAVEL_MINUTES,
            game.plain.associations[lender] == game.plain.associations[host],
            game.plain.volunteers[volunteer].terms - (stale == 9),
            game.plain.needs[need].terms - (stale == 8),
        )
        proposed = loans.ProposedLoan(
            volunteer_id=UUID(volunteer),
            need_id=UUID(need),
            shift_ids=tuple(UUID(shift) for shift in sorted(wanted)),
            travel_minutes=TRAVEL_MINUTES,
            reasons=({"code": "same_living_area"},),
            volunteer_terms_version=line.volunteer_terms,
            need_terms_version=line.need_terms,
        )
        is_new = False

        def law(plain: Plain, person: Person) -> Broken:
            nonlocal is_new
            is_new = lending.put_forward(plain, line)
            return frozenset()

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> tuple[UUID, ...]:
            return await loans.put_forward(tx, actor, (proposed,), None, now)

        def keep(plain: Plain, new: tuple[UUID, ...], changes: Sequence[Change]) -> None:
            if len(new) != is_new:
                game.diverge("propose_loan", f"{len(new)} prêt(s) de plus, le modèle en attend {int(is_new)}")
            for key in new:
                plain.loans[str(key)] = line

        game.play("propose_loan", game.doors.people["system"], law, command, keep=keep, targets=(volunteer, need))

    @precondition(lambda self: self.in_state(self.game.plain.loans, "proposed"))
    @rule(pick=MANY, who=MANY)
    def ask(self, pick: int, who: int) -> None:
        loan = self.a_loan(pick, "proposed")

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> datetime:
            return await loans.ask(tx, actor, UUID(loan), now)

        self._act(
            "ask",
            loan,
            self.party(loan, "host", who) if who % 2 else self.coordinator(who),
            lambda plain, person: lending.ask(plain, person, loan, self.game.now),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.loans, "proposed"))
    @rule(pick=MANY, party=st.sampled_from(PARTIES), who=MANY)
    def agree(self, pick: int, party: str, who: int) -> None:
        self._agree(self.a_loan(pick, "proposed"), party, who)

    @precondition(lambda self: self.in_state(self.game.plain.loans, "proposed"))
    @rule(pick=MANY)
    def everybody_agrees(self, pick: int) -> None:
        """The usual story of a loan, in one step of the run."""
        loan = self.a_loan(pick, "proposed")
        self.ask(pick, 0)
        for party in PARTIES:
            if party not in self.game.plain.loans[loan].agreed:
                self._agree(loan, party, 0)

    @precondition(lambda self: self.in_state(self.game.plain.loans, "proposed"))
    @rule(pick=MANY, party=st.sampled_from(PARTIES), who=MANY)
    def decline(self, pick: int, party: str, who: int) -> None:
        loan = self.a_loan(pick, "proposed")
        refusal = loans.DeclineLoan(UUID(loan), LoanParty(party))

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await loans.decline(tx, actor, refusal, now)

        self._act(
            "decline",
            loan,
            self.party(loan, party, who),
            lambda plain, person: lending.decline(plain, person, loan, party),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.loans, "agreed", "proposed"))
    @rule(pick=MANY, who=MANY)
    def withdraw_consent(self, pick: int, who: int) -> None:
        loan = self.a_loan(pick, "agreed")

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> object:
            return await loans.withdraw_consent(tx, actor, UUID(loan), now)

        self._act(
            "withdraw_consent",
            loan,
            self.party(loan, "person", who),
            lambda plain, person: lending.withdraw_consent(plain, person, loan),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.loans, "agreed", "proposed"))
    @rule(pick=MANY, who=MANY)
    def cancel_loan(self, pick: int, who: int) -> None:
        loan = self.a_loan(pick, "agreed", "proposed")

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await loans.cancel_loan(tx, actor, UUID(loan), now)

        self._act(
            "cancel_loan",
            loan,
            self.party(loan, ("lender", "host")[who % 2], who) if who % 3 else self.coordinator(who),
            lambda plain, person: lending.call_off(plain, person, loan),
            command,
        )

    @precondition(lambda self: self.game.plain.loans)
    @rule(pick=MANY, act=st.integers(0, 4), party=st.sampled_from(PARTIES), who=MANY)
    def whatever_the_loan(self, pick: int, act: int, party: str, who: int) -> None:
        """An act at any moment of any loan."""
        anywhere = MISCAST + pick % 6
        acts = (
            self.ask,
            partial(self.agree, party=party),
            partial(self.decline, party=party),
            self.withdraw_consent,
            self.cancel_loan,
        )
        acts[act](pick=anywhere, who=who)

    def a_loan(self, pick: int, *states: str) -> str:
        known = self.game.plain.loans
        return self.chosen(list(known), pick, self.in_state(known, *states))

    def party(self, loan: str, party: str, who: int) -> Somebody:
        """Whoever gives the word of a party, or anybody."""
        if who >= MISCAST:
            return self.anybody(who)
        one = self.game.plain.loans[loan]
        if party == "person":
            return self.game.doors.volunteer(one.volunteer)
        facility = (
            self.game.plain.volunteers[one.volunteer].facility
            if party == "lender"
            else (self.game.plain.needs[one.need].facility)
        )
        return self.manager_of(facility, who)

    def _agree(self, loan: str, party: str, who: int) -> None:
        agreement = loans.GiveAgreement(UUID(loan), LoanParty(party))

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await loans.give_agreement(tx, actor, agreement, now)

        def law(plain: Plain, person: Person) -> Broken:
            return lending.agree(plain, person, loan, party, self.game.now)

        self._act("agree", loan, self.party(loan, party, who), law, command)

    def _act(self, act: str, loan: str, who: Somebody, law: Law, command: Command[object]) -> None:
        self.game.play(act, who, law, command, targets=(loan,))
