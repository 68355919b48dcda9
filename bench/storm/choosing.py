"""How a rule picks whom and what: the smallest numbers mean the likely choice, so that shrunk stories are plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from bench.storm.doors import Somebody
from bench.storm.plain.calendar import ZONE
from bench.storm.playing import Playing

MANY: Final = st.integers(0, 31)
MISCAST: Final = 26
"""From this number on, the choice is anybody, or anything: somebody whose act it is not, a state that forbids it."""


class Choosing(RuleBasedStateMachine):
    """What the rules of every room share. `game` is the run."""

    game: Playing

    def chosen(self, everything: Sequence[str], pick: int, likely: Sequence[str]) -> str:
        """One of the likely ones, or of all where there is none or the number says so."""
        among = likely if likely and pick < MISCAST else everything
        # The latest first: what has just been made is what most acts are about.
        return among[-1 - pick % len(among)]

    def in_state(self, things: Mapping[str, Any], *states: str) -> list[str]:
        return [key for key, one in things.items() if one.state in states]

    def anybody(self, who: int) -> Somebody:
        people = sorted(self.game.doors.people)
        return self.game.doors.people[people[who % len(people)]]

    def coordination(self, who: int) -> Somebody:
        if who >= MISCAST:
            return self.anybody(who)
        return self.game.doors.people["coordinator" if who % 2 else "adviser"]

    def coordinator(self, who: int) -> Somebody:
        return self.anybody(who) if who >= MISCAST else self.game.doors.people["coordinator"]

    def manager_of(self, facility: str, who: int) -> Somebody:
        """The facility's director, its on-call manager now and then, or anybody."""
        if who >= MISCAST:
            return self.anybody(who)
        number = self.game.doors.houses.index(facility)
        return self.game.doors.people["oncall" if who % 5 == 4 and number < 2 else f"manager{number}"]

    def a_day_of_work(self, number: int) -> date:
        """Every other date: nobody is ever lent two days in a row, so that working time forbids no loan."""
        tomorrow = self.game.now.astimezone(ZONE).date() + timedelta(days=1)
        return tomorrow + timedelta(days=tomorrow.toordinal() % 2 + 2 * number)
