"""How long a solve may search, stated so that the same problem gives the same plan on any machine."""

import time
from dataclasses import dataclass, field

from exchange.matching.plan import Stage


@dataclass(frozen=True, slots=True)
class Limits:
    """`deterministic_time` is CP-SAT's work unit (one to three seconds of a core); `wall_seconds` is a safety net.

    Both are for the whole solve. Only the deterministic limit can be replayed: a plan whose wall cap fired says so.
    One worker, because several share the search by wall clock and so answer differently from run to run.
    """

    deterministic_time: float = 20.0
    wall_seconds: float = 90.0
    seed: int = 1
    workers: int = 1

    def __post_init__(self) -> None:
        if not (self.deterministic_time > 0 and self.wall_seconds > 0):
            raise ValueError("une limite de durée est un nombre positif")
        if self.workers < 1:
            raise ValueError("il faut au moins un fil de calcul")
        if not 0 <= self.seed < 2**31:
            raise ValueError("la graine va de 0 à 2147483647")


@dataclass(slots=True)
class Spending:
    """What remains of the limits across the stages of one solve, and what each stage took."""

    limits: Limits
    started: float = field(default_factory=time.perf_counter)
    deterministic_time: float = 0.0
    wall_cap_reached: bool = False
    stages: list[Stage] = field(default_factory=list)
    _stage_started: tuple[float, float] | None = None

    def left(self, share: float = 1.0) -> tuple[float, float]:
        """Work units left of `share` of the limit, and wall seconds left in all; never negative."""
        work = max(self.limits.deterministic_time * share - self.deterministic_time, 0.0)
        return work, max(self.limits.wall_seconds - self.wall_seconds(), 0.0)

    def count(self, work: float, work_limit: float, wall: float, wall_limit: float, *, is_closed: bool) -> None:
        """Record one search, and whether it was the wall clock that ended it."""
        self.deterministic_time += work
        self.wall_cap_reached |= not is_closed and work < work_limit and wall >= wall_limit

    def wall_seconds(self) -> float:
        """Seconds since the solve began."""
        return time.perf_counter() - self.started

    def end_stage(self, name: str) -> None:
        """Close a part of the solve that began where the one before it ended."""
        seconds, work = self._stage_started or (0.0, 0.0)
        now = self.wall_seconds()
        self.stages.append(Stage(name, now - seconds, self.deterministic_time - work))
        self._stage_started = (now, self.deterministic_time)
