"""Rules of the machine: placements, from the proposal to the end of the stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.ext.asyncio import AsyncSession

from bench.storm.choosing import MANY, MISCAST, Choosing
from bench.storm.doors import Command, Somebody
from bench.storm.plain import promises
from bench.storm.plain.calendar import day_of, first_exit, running
from bench.storm.plain.world import CLAIMING, Broken, Person, Placement, Plain
from bench.storm.playing import Law
from bench.storm.raw import Change
from exchange.kernel.actor import Actor, Via
from exchange.placements import commands as placements
from exchange.placements.rules import YesParty
from exchange.reference.answers import RefusalReason

REASONS: Final = ("staffing_insufficient", "no_place_on_dates", "premises_unsuitable", "other")
SIGNERS: Final = {"none": "person", "guardianship": "guardian", "ase_entrusted": "judge"}
LIVE: Final = (*sorted(CLAIMING), "proposed")


class RulesOfPromises(Choosing):
    """What the matcher proposes, what coordination holds, what receivers say, who arrives and leaves."""

    @precondition(lambda self: self.game.plain.offers and self.game.plain.situations)
    @rule(pick=MANY, of=MANY, rank=st.sampled_from((1, 2, 1, 3)), part=st.integers(0, 3), stale=st.integers(0, 9))
    def propose(self, pick: int, of: int, rank: int, part: int, stale: int) -> None:
        game = self.game
        situation = self.chosen(
            list(game.plain.situations), pick, self.in_state(game.plain.situations, "received", "searching", "held")
        )
        offer = self.chosen(list(game.plain.offers), of, self.in_state(game.plain.offers, "published"))
        blocks = game.plain.situations[situation].blocks
        positions = frozenset(range(len(blocks)) if part < 2 else (part % len(blocks),))
        line = Placement(
            situation,
            offer,
            positions,
            frozenset(number for position in positions for number in blocks[position]),
            rank,
            game.plain.situations[situation].terms - (stale == 9),
            game.plain.offers[offer].terms - (stale == 8),
        )
        rows = game.rows.tables["situation_blocks"].values()
        proposed = placements.ProposedPlacement(
            situation_id=UUID(situation),
            offer_id=UUID(offer),
            block_ids=tuple(
                UUID(row["id"]) for row in rows if row["situation_id"] == situation and row["position"] in positions
            ),
            rank=rank,
            reasons=({"code": "same_living_area"},),
            situation_terms_version=line.situation_terms,
            offer_terms_version=line.offer_terms,
        )
        is_new = False

        def law(plain: Plain, person: Person) -> Broken:
            nonlocal is_new
            is_new = promises.put_forward(plain, line, game.now)
            return frozenset()

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> tuple[UUID, ...]:
            return await placements.put_forward(tx, actor, (proposed,), None, now)

        def keep(plain: Plain, new: tuple[UUID, ...], changes: Sequence[Change]) -> None:
            if len(new) != is_new:
                game.diverge("propose", f"{len(new)} placement(s) de plus, le modèle en attend {int(is_new)}")
            for key in new:
                plain.placements[str(key)] = line

        game.play("propose", game.doors.people["system"], law, command, keep=keep, targets=(situation, offer))

    @precondition(lambda self: self.in_state(self.game.plain.placements, "proposed"))
    @rule(pick=MANY, who=MANY)
    def hold(self, pick: int, who: int) -> None:
        game = self.game
        placement = self.a_placement(pick, "proposed")
        one = game.plain.placements[placement]

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> datetime:
            return await placements.hold_answer(tx, actor, placements.HoldAnswer(UUID(one.situation), one.rank), now)

        game.play(
            "hold",
            self.coordination(who),
            lambda plain, person: promises.hold(plain, person, one.situation, one.rank, game.now),
            command,
            targets=(one.situation,),
        )

    @precondition(lambda self: self.in_state(self.game.plain.placements, "held"))
    @rule(pick=MANY, who=MANY)
    def receiver_says_yes(self, pick: int, who: int) -> None:
        placement = self.a_placement(pick, "held")
        yes = placements.GiveYes(UUID(placement), YesParty.RECEIVER, Via.WEB)
        self._yes("receiver_yes", placement, self.receiver(placement, who), yes)

    @precondition(lambda self: self.in_state(self.game.plain.placements, "held"))
    @rule(pick=MANY, who=MANY)
    def phone_yes(self, pick: int, who: int) -> None:
        placement = self.a_placement(pick, "held")
        spoken = placements.PhoneYes(UUID(placement), "Claude Essai", "directrice")

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await placements.record_phone_yes(tx, actor, spoken, now)

        self._act(
            "phone_yes",
            placement,
            self.coordination(who),
            lambda plain, person: promises.accept(plain, person, placement, self.game.now, by_phone=True),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.placements, "proposed", "held", "accepted"))
    @rule(pick=MANY, who=MANY, wrong=st.integers(0, 9))
    def person_says_yes(self, pick: int, who: int, wrong: int) -> None:
        placement = self.a_placement(pick, "proposed", "held", "accepted")
        legal = self.game.plain.situations[self.game.plain.placements[placement].situation].legal_status
        given_by = SIGNERS[legal] if wrong < 9 else "ase"
        yes = placements.GiveYes(UUID(placement), YesParty.PERSON, Via.WEB, person_yes_from=given_by)
        self._yes("person_yes", placement, self.coordination(who), yes)

    @precondition(lambda self: self.in_state(self.game.plain.placements, "proposed", "held", "accepted"))
    @rule(pick=MANY, who=MANY)
    def legal_basis(self, pick: int, who: int) -> None:
        placement = self.a_placement(pick, "proposed", "held", "accepted")
        yes = placements.GiveYes(UUID(placement), YesParty.LEGAL_BASIS, Via.WEB, legal_basis="emergency_admission")
        self._yes("legal_basis", placement, self.coordination(who), yes)

    @precondition(lambda self: self.in_state(self.game.plain.placements, "held", "accepted"))
    @rule(pick=MANY)
    def everybody_says_yes(self, pick: int) -> None:
        """The usual story, in one step of the run, so that fifty steps reach its end."""
        placement = self.a_placement(pick, "held", "accepted")
        one = self.game.plain.placements[placement]
        legal = self.game.plain.situations[one.situation].legal_status
        for party in (YesParty.RECEIVER, YesParty.PERSON, YesParty.LEGAL_BASIS):
            yes = placements.GiveYes(
                UUID(placement), party, Via.WEB, person_yes_from=SIGNERS[legal], legal_basis="emergency_admission"
            )
            who = self.receiver(placement, 0) if party is YesParty.RECEIVER else self.coordination(0)
            self._yes(f"{party.value}_yes", placement, who, yes)

    @precondition(lambda self: self.in_state(self.game.plain.placements, "held", "accepted", "confirmed"))
    @rule(pick=MANY, reason=st.sampled_from(REASONS), note=st.integers(0, 3), who=MANY)
    def refuse(self, pick: int, reason: str, note: int, who: int) -> None:
        self.refuse_it(self.a_placement(pick, "held", "accepted", "confirmed"), reason, note, who)

    def refuse_it(self, placement: str, reason: str = REASONS[0], note: int = 0, who: int = 0) -> None:
        refusal = placements.RefusePlacement(
            UUID(placement), RefusalReason(reason), "Toiture à refaire." if note < 3 else None
        )

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await placements.refuse_placement(tx, actor, refusal, now)

        self._act(
            "refuse",
            placement,
            self.receiver(placement, who),
            lambda plain, person: promises.refuse(plain, person, placement, reason, self.game.now, with_note=note < 3),
            command,
        )

    @precondition(lambda self: any(one.by_phone for one in self.game.plain.placements.values()))
    @rule(pick=MANY, who=MANY)
    def contest(self, pick: int, who: int) -> None:
        phoned = [key for key, one in self.game.plain.placements.items() if one.by_phone]
        self.contest_it(self.chosen(list(self.game.plain.placements), pick, phoned), who)

    def contest_it(self, placement: str, who: int = 0) -> None:
        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await placements.contest_phone_yes(tx, actor, UUID(placement), now)

        self._act(
            "contest",
            placement,
            self.receiver(placement, who),
            lambda plain, person: promises.contest(plain, person, placement),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.placements, "held", "accepted", "confirmed"))
    @rule(pick=MANY, who=MANY)
    def call_off(self, pick: int, who: int) -> None:
        self.cancel_it(self.a_placement(pick, "held", "accepted", "confirmed"), who)

    def cancel_it(self, placement: str, who: int = 0) -> None:
        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await placements.cancel_placement(tx, actor, UUID(placement), now)

        self._act(
            "call_off",
            placement,
            self.coordination(who),
            lambda plain, person: promises.call_off(plain, person, placement),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.placements, "confirmed", "accepted"))
    @rule(pick=MANY, who=MANY, leaves=st.integers(0, 5))
    def arrive(self, pick: int, who: int, leaves: int) -> None:
        game = self.game
        placement = self.a_placement(pick, "confirmed")
        begins = day_of(min(game.plain.placements[placement].segments))
        earliest = max(first_exit(game.plain.placements[placement].segments), day_of(running(game.now)))
        exit_on = None if leaves == 5 else earliest + timedelta(days=-1 if leaves == 4 else leaves)
        arrival = placements.ConfirmArrival(UUID(placement), exit_on, despite="Le transport attend dehors.")
        if pick % 2 == 0 and day_of(running(game.now)) < begins:
            # The person waits for the day, as people do.
            game.tick(timedelta(days=(begins - day_of(running(game.now))).days))

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> object:
            return await placements.confirm_arrival(tx, actor, arrival, now)

        who_says = self.receiver(placement, who) if who % 2 else self.coordination(who)
        self._act(
            "arrive",
            placement,
            who_says,
            lambda plain, person: promises.arrive(plain, person, placement, exit_on, game.now),
            command,
        )

    @precondition(lambda self: self.in_state(self.game.plain.placements, "admitted", "confirmed"))
    @rule(pick=MANY, who=MANY)
    def leave(self, pick: int, who: int) -> None:
        placement = self.a_placement(pick, "admitted")

        async def command(tx: AsyncSession, actor: Actor, now: datetime) -> None:
            await placements.end_stay(tx, actor, UUID(placement), now)

        self._act(
            "leave",
            placement,
            self.receiver(placement, who) if who % 2 else self.coordination(who),
            lambda plain, person: promises.leave(plain, person, placement),
            command,
        )

    @precondition(lambda self: self.game.plain.placements)
    @rule(pick=MANY, act=st.integers(0, 7), who=MANY)
    def whatever_the_state(self, pick: int, act: int, who: int) -> None:
        """An act at any moment of any placement: mostly too late, too early or by nobody who may."""
        acts = (
            self.receiver_says_yes,
            self.phone_yes,
            self.call_off,
            self.contest,
            self.leave,
            partial(self.arrive, leaves=0),
            partial(self.refuse, reason=REASONS[0], note=0),
            partial(self.person_says_yes, wrong=0),
        )
        acts[act](pick=MISCAST + pick % 6, who=who)

    def a_placement(self, pick: int, *states: str) -> str:
        """One in these states, of a situation still open where there is one; or any of all."""
        known, situations = self.game.plain.placements, self.game.plain.situations
        likely = self.in_state(known, *states)
        opened = [key for key in likely if situations[known[key].situation].state != "closed"]
        return self.chosen(list(known), pick, opened or likely)

    def receiver(self, placement: str, who: int) -> Somebody:
        facility = self.game.plain.offers[self.game.plain.placements[placement].offer].facility
        return self.anybody(who) if who >= MISCAST else self.manager_of(facility, who)

    def _yes(self, act: str, placement: str, who: Somebody, yes: placements.GiveYes) -> None:
        now = self.game

        async def command(tx: AsyncSession, actor: Actor, at: datetime) -> None:
            await placements.give_yes(tx, actor, yes, at)

        def law(plain: Plain, person: Person) -> Broken:
            if yes.party is YesParty.RECEIVER:
                return promises.accept(plain, person, placement, now.now, by_phone=False)
            if yes.party is YesParty.PERSON:
                return promises.agree_for_person(plain, person, placement, yes.person_yes_from or "", now.now)
            return promises.give_legal_basis(plain, person, placement, now.now)

        self._act(act, placement, who, law, command)

    def _act(self, act: str, placement: str, who: Somebody, law: Law, command: Command[object]) -> None:
        self.game.play(act, who, law, command, targets=(placement,))
