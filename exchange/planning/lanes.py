"""Two lanes: one answers the caller who is still on the phone, the other reconsiders everything a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from exchange.matching.limits import Limits
from exchange.matching.problem import Problem
from exchange.planning.ports import SolveRequest


class Lane(StrEnum):
    """`fast` leaves every open proposal where it is; `full` reconsiders those that nobody has touched."""

    FAST = "fast"
    FULL = "full"

    @property
    def job(self) -> str:
        """The name under which the outbox asks for this lane; its gather key is the lane's own value."""
        return f"planning.{self.value}"


@dataclass(frozen=True, slots=True)
class LanePace:
    """`limits`: what the solver plans with; `kill_after_seconds`: what binds it; `lease`: what a dead run costs.

    `niceness`: a full run leaves the processor to whoever is on the telephone. `items_with_ways`: for how many unmet
    items, the heaviest first, it also works out what would suffice.
    """

    limits: Limits
    kill_after_seconds: float
    lease: timedelta
    niceness: int
    items_with_ways: int


def pace_of(lane: Lane) -> LanePace:
    """Return how long a run of this lane may take; figures measured on two cores, machine settings all the same."""
    match lane:
        case Lane.FAST:
            return LanePace(
                Limits(deterministic_time=2.0, wall_seconds=4.0),
                8.0,
                timedelta(seconds=20),
                niceness=0,
                items_with_ways=0,
            )
        case Lane.FULL:
            # Two thousandths of a second each in a bassin, twenty in a department.
            return LanePace(
                Limits(deterministic_time=6.0, wall_seconds=9.0),
                15.0,
                timedelta(seconds=27),
                niceness=10,
                items_with_ways=50,
            )
        case _:
            assert_never(lane)


def request_of(lane: Lane, problem: Problem, promised_loans: int, promised_placements: int) -> SolveRequest:
    """Return what a run of this lane asks of the solver; the counts are those of `SolveRequest`."""
    pace = pace_of(lane)
    return SolveRequest(
        problem,
        pace.limits,
        promised_loans,
        promised_placements,
        pace.kill_after_seconds,
        pace.niceness,
        items_with_ways=pace.items_with_ways,
    )
