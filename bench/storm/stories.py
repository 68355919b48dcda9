"""Short stories told through the doors of a small community, each up to the point where a clock takes over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.doors import Command, Doors
from exchange.availability import commands as availability
from exchange.availability.models import PlaceOffer
from exchange.kernel.actor import Actor, Via
from exchange.kernel.periods import Half, current_segment, date_of
from exchange.loans import commands as loans
from exchange.organisations import queries as organisations
from exchange.organisations.models import LivingArea
from exchange.placements import commands as placements
from exchange.placements.models import Placement
from exchange.placements.rules import YesParty
from exchange.situations import commands as situations
from exchange.staffing import commands as staffing
from tests.factories.availability import offer_form
from tests.factories.ground import LE_PUY
from tests.factories.loans import a_loan_line
from tests.factories.placements import a_line
from tests.factories.situations import situation_form
from tests.factories.staffing import need_form

T = TypeVar("T")
DAYS_OFFERED: Final = 7


class StoryBroken(RuntimeError):
    """A command of the setting up was refused: the story cannot be told."""


@dataclass(frozen=True, slots=True)
class Stories:
    """Who tells them. Each returns the identifiers that the judge will look for."""

    doors: Doors

    async def place(self, kind: str = "ordinary") -> UUID:
        """One place of the first house, from the running half of the date on."""

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            first = date_of(current_segment(now, await organisations.zone(tx)))
            last = first + timedelta(days=DAYS_OFFERED - 1)
            spans = (availability.CapacitySpan(first, last, frozenset(Half), 1),)
            form = offer_form(UUID(self.doors.houses[0]), first, kind=kind, spans=spans)
            return await availability.publish_offer(tx, actor, form, now)

        return await self._told("manager0", command)

    async def call(self, urgency: int = 4, *, is_now: bool = False) -> UUID:
        """Somebody needs the running half of the date, or the day after its night."""

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            segment = current_segment(now, await organisations.zone(tx)) + (0 if is_now else 2)
            form = situation_form(segment, urgency=urgency)
            return (await situations.receive_situation(tx, actor, form, now)).id

        return await self._told("adviser", command)

    async def held(self, urgency: int = 4, *, kind: str = "ordinary", is_now: bool = False) -> UUID:
        """A place held for somebody; nobody answers yet."""
        offer_id = await self.place(kind)
        situation_id = await self.call(urgency, is_now=is_now)

        async def propose(tx: AsyncSession, actor: Actor, now: datetime) -> Sequence[UUID]:
            line = await a_line(tx, situation_id, offer_id)
            return await placements.put_forward(tx, actor, (line,), None, now)

        (placement_id,) = await self._told("system", propose)

        async def hold(tx: AsyncSession, actor: Actor, now: datetime) -> datetime:
            return await placements.hold_answer(tx, actor, placements.HoldAnswer(situation_id, 1), now)

        await self._told("adviser", hold)
        return placement_id

    async def stay(self, nights: int) -> UUID:
        """Somebody who has arrived, and leaves in so many nights."""
        placement_id = await self.held(is_now=True)
        for party in (YesParty.RECEIVER, YesParty.PERSON, YesParty.LEGAL_BASIS):
            yes = placements.GiveYes(
                placement_id, party, Via.WEB, person_yes_from="person", legal_basis="emergency_admission"
            )

            async def agree(
                tx: AsyncSession, actor: Actor, now: datetime, yes: placements.GiveYes = yes
            ) -> placements.GiveYes:
                await placements.give_yes(tx, actor, yes, now)
                return yes

            await self._told("manager0" if party is YesParty.RECEIVER else "adviser", agree)

        async def arrive(tx: AsyncSession, actor: Actor, now: datetime) -> date:
            leaves = date_of(current_segment(now, await organisations.zone(tx))) + timedelta(days=nights)
            await placements.confirm_arrival(
                tx, actor, placements.ConfirmArrival(placement_id, leaves, despite="Le transport attend dehors."), now
            )
            return leaves

        await self._told("adviser", arrive)
        return placement_id

    async def asked_loan(self, number: int, *, in_days: int) -> UUID:
        """Somebody of the third house asked for a shift of the first; nobody answers."""

        async def prepare(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            area = await tx.scalar(select(LivingArea.id).limit(1))
            form = staffing.RegisterVolunteer(
                facility_id=UUID(self.doors.houses[2]),
                commune_code=LE_PUY,
                qualifications=("care_support_worker",),
                living_area_ids=() if area is None else (area,),
                max_travel_minutes=45,
                max_loan_minutes=2_400,
                night12h_derogation=False,
                ready_until=now + timedelta(days=30),
                full_name="Camille Essai",
                email=f"volontaire-{number}@essai.invalid",
            )
            return await staffing.register_volunteer(tx, actor, form, now)

        volunteer_id = await self._told("manager2", prepare)

        async def need(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            starts_at = now + timedelta(days=in_days, minutes=number)
            asked = (staffing.ShiftAsked(starts_at, starts_at + timedelta(hours=4)),)
            form = need_form(UUID(self.doors.houses[0]), now, shifts=asked)
            return await staffing.declare_need(tx, actor, form, now)

        need_id = await self._told("manager0", need)

        async def propose(tx: AsyncSession, actor: Actor, now: datetime) -> Sequence[UUID]:
            line = await a_loan_line(tx, volunteer_id, need_id)
            return await loans.put_forward(tx, actor, (line,), None, now)

        (loan_id,) = await self._told("system", propose)

        async def ask(tx: AsyncSession, actor: Actor, now: datetime) -> datetime:
            return await loans.ask(tx, actor, loan_id, now)

        await self._told("coordinator", ask)
        return loan_id

    async def hours_of(self, placement_id: UUID) -> tuple[datetime, datetime]:
        """Until when a placement is held, and until when the word about its place is fresh."""
        async with self.doors.db.read(self.doors.community_id) as reader:
            placement = await reader.get_one(Placement, placement_id)
        if placement.held_until is None:
            raise StoryBroken("a held placement has an end")
        return placement.held_until, await self.fresh_until(placement.offer_id)

    async def fresh_until(self, offer_id: UUID) -> datetime:
        async with self.doors.db.read(self.doors.community_id) as reader:
            return (await reader.get_one(PlaceOffer, offer_id)).fresh_until

    async def _told(self, who: str, command: Command[T]) -> T:
        code, answer = await self.doors.call(self.doors.people[who], command)
        if code is not None or answer is None:
            raise StoryBroken(f"{who} was refused: {code}")
        return answer
