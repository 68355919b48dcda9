"""How long a solve may search, stated so that the same problem gives the same plan on any machine."""

from dataclasses import dataclass


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
