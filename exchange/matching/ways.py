"""What would cover an unmet item: changes that somebody may accept, and the lines that they bring.

Light on purpose: whoever reads a plan file reads these.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.matching.problem import LoanLine, PlacementLine


class Relaxation(StrEnum):
    """What somebody may be asked to accept for one unmet item to be covered."""

    TRAVEL = "longer-travel"
    BASSIN = "bassin-accepted"
    AVAILABILITY = "more-availability"
    PLACE = "one-more-place"
    PERSON = "one-more-person"


COSTS = {
    Relaxation.TRAVEL: 20,
    Relaxation.BASSIN: 30,
    Relaxation.AVAILABILITY: 60,
    Relaxation.PLACE: 100,
    Relaxation.PERSON: 400,
}
"""What a change costs at least, against the others: a longer trip before another bassin, before other hours, before one
more bed, before somebody whom nobody has yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing somebody would have to accept. Which fields are filled depends on `code`.

    longer-travel: `minutes` more for `volunteer` or for `situation`. bassin-accepted: `volunteer`, `bassin`.
    more-availability: `volunteer`, `start`, `end` (minutes from the horizon's start). one-more-place: `offer`,
    `segments`. one-more-person: `shift`, any of `qualifications`, `night12h_derogation` where the shift needs it.
    """

    code: Relaxation
    cost: int
    association: str | None = None
    volunteer: str | None = None
    situation: str | None = None
    offer: str | None = None
    shift: str | None = None
    minutes: int | None = None
    bassin: int | None = None
    start: int | None = None
    end: int | None = None
    segments: tuple[int, ...] = ()
    qualifications: tuple[str, ...] = ()
    night12h_derogation: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that together cover an unmet item while every other line stays, and the lines they bring."""

    cost: int
    changes: tuple[Change, ...]
    loans: tuple[LoanLine, ...]
    placements: tuple[PlacementLine, ...]
