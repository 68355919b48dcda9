"""F5: a rule-based machine plays the product against the plain law; its runs shrink, and repeat by their seed."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import make_url

from bench.storm.choosing import MANY
from bench.storm.history import History
from bench.storm.plain.calendar import ZONE
from bench.storm.playing import Divergence, Ground, Playing
from bench.storm.rules_of_places import RulesOfPlaces
from bench.storm.rules_of_promises import RulesOfPromises
from bench.storm.rules_of_staff import MOST_VOLUNTEERS, RulesOfStaff
from exchange.kernel.db import make_engine
from tests.servers import FreshDatabase
from tests.shifted_clock import lay_clock

BEGINNINGS: Final = tuple(
    datetime.fromisoformat(wall).replace(tzinfo=ZONE).astimezone(UTC)
    for wall in (
        "2026-12-01T14:00",
        "2026-03-27T16:30",  # Friday before the night of 23 hours
        "2026-10-23T21:00",  # Friday before the night of 25 hours
        "2026-12-30T17:10",  # the year ends within the hold
        "2028-02-28T03:00",  # before a 29 February, in the evening's night
        "2026-05-12T15:59",  # before Ascension, a minute before the evening's answer
    )
)
FIRM: Final = ("emergency_bed", "ordinary")
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (31, 5, 4 * 60, 16 * 60, 26 * 60, 73 * 60))


class StormMachine(RulesOfPlaces, RulesOfPromises, RulesOfStaff):
    """Fifty steps in one community. `ground` is set by `play_machine` before the first run."""

    ground: Ground

    @initialize(begins=st.sampled_from(BEGINNINGS), kind=st.integers(0, 1))
    def begin(self, begins: datetime, kind: int) -> None:
        self.game = Playing(self.ground, begins)
        self.publish(("ordinary", "emergency_bed")[kind], 0, 1, 0)
        self.receive(4, 0, "none", 0, 0, 0)
        self.propose(0, 0, 1, 0, 0)

    @rule(kind=st.sampled_from(FIRM), house=st.integers(0, 2), pattern=st.integers(0, 3), until=st.integers(0, 3))
    def somebody_calls(self, kind: str, house: int, pattern: int, until: int) -> None:
        """A place, a call, a proposal, a hold, and on some days the rest: the story that the other acts are about."""
        self.publish(kind, house, 1, 0)
        self.receive(4, pattern, "none", 0, 0, 0)
        self.propose(0, 0, 1, 0, 0)
        self.game_goes_on(until)

    @rule(house=st.integers(0, 2), lender=st.integers(0, 2), until=st.integers(0, 3))
    def a_loan_opens_a_place(self, house: int, lender: int, until: int) -> None:
        """A place under the condition of a shift, somebody lent for it, and whoever is hosted thanks to them."""
        self.publish("conditional", house, 1, 0)
        if len(self.game.plain.volunteers) < MOST_VOLUNTEERS:
            self.register(lender, 0, 0)
        self.propose_loan(0, 0, 0, 0)
        if self.in_state(self.game.plain.loans, "proposed"):
            self.everybody_agrees(0)
        self.receive(4, 0, "none", 0, 0, 0)
        self.propose(0, 0, 1, 0, 0)
        self.game_goes_on(until)

    @rule(house=st.integers(0, 2), pattern=st.integers(0, 3))
    def two_want_the_last_place(self, house: int, pattern: int) -> None:
        """One unit, two persons, the same nights."""
        self.publish("ordinary", house, 1, 0)
        for _ in range(2):
            self.receive(4, pattern, "none", 0, 0, 0)
            self.propose(0, 0, 1, 0, 0)
        for pick in (0, 1):
            if self.in_state(self.game.plain.placements, "proposed"):
                self.hold(pick, 0)

    @rule(house=st.integers(0, 2), pattern=st.integers(0, 3), both=st.booleans())
    def two_are_kept_together(self, house: int, pattern: int, both: bool) -> None:
        """Two persons who must not be parted, and a hold before the second has any place."""
        self.publish("ordinary", house, 2, 0)
        self.receive(4, pattern, "none", 0, 0, 0)
        self.receive(4, pattern, "none", 5, 0, 0)
        self.propose(0, 0, 1, 0, 0)
        if self.in_state(self.game.plain.placements, "proposed"):
            self.hold(0, 0)
        if both:
            self.propose(1, 0, 1, 0, 0)
            if self.in_state(self.game.plain.placements, "proposed"):
                self.hold(0, 0)

    @precondition(lambda self: self.in_state(self.game.plain.placements, "admitted"))
    @rule(pick=MANY)
    def too_late_for_anything(self, pick: int) -> None:
        """Somebody is there: nobody calls it off, refuses, accepts or contests any more."""
        there = self.in_state(self.game.plain.placements, "admitted")
        placement = there[pick % len(there)]
        for act in (self.cancel_it, self.refuse_it, self.contest_it):
            act(placement)

    @rule(rank=st.integers(2, 3), house=st.integers(0, 2))
    def a_backup_is_agreed(self, rank: int, house: int) -> None:
        """Another place behind the first answer, to which the person says yes beforehand."""
        self.publish("ordinary", house, 1, 0)
        self.propose(0, 0, rank, 0, 0)
        if self.in_state(self.game.plain.placements, "proposed"):
            self.person_says_yes(0, 0, 0)

    def game_goes_on(self, until: int) -> None:
        placements = self.game.plain.placements
        if self.in_state(placements, "proposed"):
            self.hold(0, 0)
        if until > 0 and self.in_state(self.game.plain.placements, "held", "accepted"):
            self.everybody_says_yes(0)
        if until > 1 and self.in_state(self.game.plain.placements, "confirmed"):
            self.arrive(0, 0, 0)

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.game.tick(wait)

    @precondition(lambda self: self.game.due())
    @rule(pick=MANY, again=st.integers(0, 3))
    def work(self, pick: int, again: int) -> None:
        due = self.game.due()
        self.game.work(due[pick % len(due)], twice=again == 3)

    @precondition(lambda self: self.game.due())
    @rule()
    def work_off(self) -> None:
        """A worker comes back: everything due, the oldest first."""
        for _ in range(5):
            due = self.game.due()
            if not due:
                break
            self.game.work(due[0], twice=False)


def play_machine(ground: Ground, number: int, *, runs: int, steps: int, shrinks: bool = True) -> str | None:
    """Play runs of a seed; return what diverged, or nothing. The ground's history keeps every step."""
    machine = seed(number)(type("Machine", (StormMachine,), {"ground": ground}))
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    asked = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=asked)
    except Divergence as error:
        return "\n".join([str(error), *getattr(error, "__notes__", [])])
    return None


async def open_ground(fresh: FreshDatabase, history: History, loop: asyncio.AbstractEventLoop) -> Ground:
    """Give a fresh database a clock that moves, and the connections of a player: the product's and the owner's."""
    clock = await lay_clock(fresh)
    plain = make_url(fresh.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    owner = await asyncpg.connect(plain, server_settings={"timezone": "UTC"})
    return Ground(fresh, owner, clock, loop, history)


async def close_ground(ground: Ground) -> None:
    await ground.owner.close()
    await ground.clock.close()
    await ground.fresh.engine.dispose()


def main() -> None:
    """Play in a process of its own, as `bench.storm.runs_of_machine` asks: one JSON object on the command line."""
    asked = json.loads(sys.argv[1])
    if asked["plant"] is not None:
        from bench.storm.faults import PATCHES

        PATCHES[asked["plant"]]()
    logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    engine = make_engine(asked["app_url"], pool_size=2)
    fresh = FreshDatabase(asked["database"], asked["owner_url"], asked["app_url"], engine)
    history = History.go_on(Path(asked["history"]))
    ground = loop.run_until_complete(open_ground(fresh, history, loop))
    try:
        told = play_machine(
            ground, asked["seed"], runs=asked["runs"], steps=asked["steps"], shrinks=asked["plant"] is None
        )
        if told is not None:
            sys.stderr.write(f"{told}\n")
    finally:
        loop.run_until_complete(close_ground(ground))
        history.close()


if __name__ == "__main__":
    main()
