"""Rules of the machine: offers and situations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.choosing import MANY, Choosing
from bench.storm.plain import places
from bench.storm.plain.calendar import USUAL_DEADLINE, ZONE, at, day_of, looked_at_again, running, valid_until
from bench.storm.plain.world import Broken, Counter, Need, Offer, Person, Plain, Shift, Situation
from bench.storm.raw import Change
from exchange.availability import commands as availability
from exchange.kernel.actor import Actor
from exchange.kernel.periods import Half
from exchange.situations import commands as situations
from exchange.staffing.inputs import ShiftAsked
from tests.factories.availability import offer_form
from tests.factories.situations import situation_form
from tests.factories.staffing import need_form

KINDS: Final = ("ordinary", "emergency_bed", "conditional")
DAYS_OFFERED: Final = 5
LEGAL: Final = ("none", "none", "guardianship", "ase_entrusted")
OUTCOMES: Final = (
    *("with_relatives", "placed_in_network", "hospitalised", "placed_off_network", "mdph_relay", "common_services"),
    *("supported_at_home", "death"),
)


class RulesOfPlaces(Choosing):
    """What managers say of their places, and what coordination enters, closes and opens again."""

    @rule(kind=st.sampled_from(KINDS), house=st.integers(0, 2), capacity=st.integers(1, 2), who=MANY)
    def publish(self, kind: str, house: int, capacity: int, who: int) -> None:
        game = self.game
        facility = game.doors.houses[house]
        first = day_of(running(game.now))
        spans = (availability.CapacitySpan(first, first + timedelta(days=DAYS_OFFERED - 1), frozenset(Half), capacity),)
        form = offer_form(UUID(facility), first, kind=kind, spans=spans)
        if kind == "conditional":
            on = self.a_day_of_work(0)
            asked = (ShiftAsked(at(on, 9), at(on, 13)),)
            need = need_form(UUID(facility), game.now, shifts=asked, is_coupled=True)
            form = replace(form, coupled_need=need)

        def law(plain: Plain, person: Person) -> Broken:
            return places.speak(person, facility)

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> UUID:
            return await availability.publish_offer(tx, actor, form, now)

        def keep(plain: Plain, offer: UUID, changes: Sequence[Change]) -> None:
            counters = {
                number: Counter(capacity)
                for number in range(running(game.now), 2 * (running(game.now) // 2) + 2 * DAYS_OFFERED)
            }
            shifts = keep_needs(plain, changes)
            plain.offers[str(offer)] = Offer(
                facility, kind, game.now, valid_until(kind, game.now), counters, frozenset(shifts)
            )

        game.play("publish", self.manager_of(facility, who), law, command, keep=keep)

    @precondition(lambda self: self.game.plain.offers)
    @rule(pick=MANY, delta=st.sampled_from((1, -1)), who=MANY)
    def change_capacity(self, pick: int, delta: int, who: int) -> None:
        offer = self.an_offer(pick)

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await availability.change_capacity(tx, actor, UUID(offer), delta, None, now)

        self.game.play(
            "capacity",
            self.manager_of(self.game.plain.offers[offer].facility, who),
            lambda plain, person: places.change_capacity(plain, person, offer, delta, self.game.now),
            command,
            targets=(offer,),
        )

    @precondition(lambda self: self.game.plain.offers)
    @rule(pick=MANY, who=MANY)
    def reconfirm(self, pick: int, who: int) -> None:
        offer = self.an_offer(pick)

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> datetime:
            return await availability.reconfirm_offer(tx, actor, UUID(offer), now)

        self.game.play(
            "reconfirm",
            self.manager_of(self.game.plain.offers[offer].facility, who),
            lambda plain, person: places.reconfirm(plain, person, offer, self.game.now),
            command,
            targets=(offer,),
        )

    @precondition(lambda self: len(self.game.plain.offers) > 1)
    @rule(pick=MANY, who=MANY)
    def withdraw(self, pick: int, who: int) -> None:
        offer = self.an_offer(pick)

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await availability.withdraw_offer(tx, actor, UUID(offer), now)

        self.game.play(
            "withdraw",
            self.manager_of(self.game.plain.offers[offer].facility, who),
            lambda plain, person: places.withdraw(plain, person, offer),
            command,
            targets=(offer,),
        )

    @rule(
        urgency=st.sampled_from((4, 3, 1)),
        pattern=st.integers(0, 4),
        legal=st.sampled_from(LEGAL),
        bound=st.integers(0, 7),
        pick=MANY,
        who=MANY,
    )
    def receive(self, urgency: int, pattern: int, legal: str, bound: int, pick: int, who: int) -> None:
        game = self.game
        known = list(game.plain.situations)
        together = (
            self.chosen(known, pick, self.in_state(game.plain.situations, "received", "searching"))
            if known and bound in (5, 6)
            else None
        )
        incompatible = self.chosen(known, pick, known) if known and bound == 7 else None
        blocks = blocks_of(pattern, running(game.now))
        form = situation_form(
            blocks=blocks,
            urgency=urgency,
            legal_status=legal,
            age_band="30-44",
            together_with=None if together is None else UUID(together),
            incompatible_with=() if incompatible is None else (UUID(incompatible),),
        )

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> situations.SituationReceived:
            return await situations.receive_situation(tx, actor, form, now)

        def keep(plain: Plain, received: situations.SituationReceived, changes: Sequence[Change]) -> None:
            deadline = game.now + USUAL_DEADLINE[urgency]
            check = looked_at_again(urgency, "received", deadline, game.now)
            one = Situation(urgency, deadline, check, blocks, legal)
            places.receive(plain, str(received.id), one, together, incompatible)

        game.play(
            "receive",
            self.coordination(who),
            lambda plain, person: places.may_receive(plain, person, together, incompatible),
            command,
            keep=keep,
        )

    @precondition(lambda self: self.game.plain.situations)
    @rule(pick=MANY, outcome=st.sampled_from(OUTCOMES), told=st.integers(0, 4), who=MANY)
    def close(self, pick: int, outcome: str, told: int, who: int) -> None:
        situation = self.chosen(
            list(self.game.plain.situations), pick, self.in_state(self.game.plain.situations, "effective")
        )
        fully = told < 4
        closing = situations.CloseSituation(
            UUID(situation),
            outcome,
            note="Dit par le service de garde." if fully else None,
            arrived_at=self.game.now if fully and outcome in places.ASKS_FOR_AN_ARRIVAL else None,
            acknowledged_at=self.game.now if fully and outcome in places.ASKS_FOR_A_WORD else None,
            agreed_at=self.game.now if fully and outcome in places.ASKS_FOR_A_WORD else None,
        )

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await situations.close_situation(tx, actor, closing, now)

        self.game.play(
            "close",
            self.coordination(who),
            lambda plain, person: places.close(plain, person, situation, outcome, fully_told=fully),
            command,
            targets=(situation,),
        )

    @precondition(lambda self: self.in_state(self.game.plain.situations, "closed"))
    @rule(pick=MANY, who=MANY)
    def reopen(self, pick: int, who: int) -> None:
        situation = self.chosen(
            list(self.game.plain.situations), pick, self.in_state(self.game.plain.situations, "closed")
        )

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await situations.reopen_situation(tx, actor, UUID(situation), now)

        self.game.play(
            "reopen",
            self.coordination(who),
            lambda plain, person: places.reopen(plain, person, situation, self.game.now),
            command,
            targets=(situation,),
        )

    def an_offer(self, pick: int) -> str:
        offers = self.game.plain.offers
        return self.chosen(list(offers), pick, self.in_state(offers, "published"))


def blocks_of(pattern: int, current: int) -> tuple[tuple[int, ...], ...]:
    """The halves of dates that a person needs, from what runs now."""
    night = current if current % 2 else current + 1
    return (
        ((night,),),
        ((night,), (night + 2,)),
        ((night, night + 1, night + 2),),
        ((current,),),
        ((night + 2,), (night + 4, night + 5)),
    )[pattern]


def keep_needs(plain: Plain, changes: Sequence[Change]) -> list[str]:
    """Let the model know the identifiers of a need and of its shifts; return the shifts, the earliest first."""
    rows: list[dict[str, Any]] = [one.row for one in changes if one.table == "shifts"]
    found = []
    for row in rows:
        starts_at, ends_at = (
            datetime.fromisoformat(part) for part in row["slot"].strip("[)").replace('"', "").split(",")
        )
        plain.shifts[row["id"]] = Shift(row["need_id"], starts_at, ends_at, row["headcount"])
        found.append(row["id"])
    for one in changes:
        if one.table == "staff_needs" and one.key not in plain.needs:
            mine = tuple(row["id"] for row in rows if row["need_id"] == one.key)
            plain.needs[one.key] = Need(one.row["facility_id"], mine, one.row["is_coupled"])
    return sorted(found, key=lambda shift: plain.shifts[shift].starts_at)


def today(now: datetime) -> Any:
    return now.astimezone(ZONE).date()
