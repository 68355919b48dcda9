"""What there is, as the model holds it: plain records by identifier, and who speaks for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

Broken = frozenset[str]
"""Codes of the rules that forbid an act; empty where it is allowed."""

ALLOWED: Final[Broken] = frozenset()
CLAIMING: Final = frozenset({"held", "accepted", "confirmed", "admitted"})
YESES: Final = frozenset({"receiver", "person", "legal_basis"})
AGREEMENTS: Final = frozenset({"lender", "person", "host"})


@dataclass(slots=True)
class Counter:
    capacity: int
    used: int = 0
    over: int = 0


@dataclass(slots=True)
class Offer:
    facility: str
    kind: str
    said_at: datetime
    fresh_until: datetime
    counters: dict[int, Counter]
    requires: frozenset[str] = frozenset()
    """Shifts on which every segment rests."""
    state: str = "published"
    terms: int = 1


@dataclass(slots=True)
class Situation:
    urgency: int
    deadline: datetime
    next_check: datetime | None
    blocks: tuple[tuple[int, ...], ...]
    legal_status: str = "none"
    together: int | None = None
    state: str = "received"
    outcome: str | None = None
    arrived: bool = False
    terms: int = 1


@dataclass(slots=True)
class Placement:
    situation: str
    offer: str
    blocks: frozenset[int]
    """Positions of the situation's blocks."""
    segments: frozenset[int]
    rank: int
    situation_terms: int
    offer_terms: int
    state: str = "proposed"
    held_until: datetime | None = None
    yeses: set[str] = field(default_factory=set)
    by_phone: bool = False
    exit_on: date | None = None
    reason: str | None = None
    rests_on: frozenset[str] = frozenset()
    """Shifts that it proved covered when it was confirmed."""


@dataclass(slots=True)
class Shift:
    need: str
    starts_at: datetime
    ends_at: datetime
    headcount: int
    seats: int = 0

    @property
    def is_covered(self) -> bool:
        return self.seats >= self.headcount


@dataclass(slots=True)
class Need:
    facility: str
    shifts: tuple[str, ...]
    is_coupled: bool = False
    state: str = "open"
    terms: int = 1


@dataclass(slots=True)
class Volunteer:
    facility: str
    ready_until: datetime
    terms: int = 1


@dataclass(slots=True)
class Loan:
    volunteer: str
    need: str
    shifts: frozenset[str]
    travel_minutes: int
    is_internal: bool
    volunteer_terms: int
    need_terms: int
    state: str = "proposed"
    asked: bool = False
    answer_by: datetime | None = None
    agreed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts. `kind`: coordinator, adviser, manager, observer, system, volunteer. `speaks_for`: facilities."""

    kind: str
    speaks_for: frozenset[str] = frozenset()
    volunteer: str | None = None

    @property
    def coordinates(self) -> bool:
        return self.kind in ("coordinator", "adviser")


@dataclass(slots=True)
class Plain:
    """The whole model. `associations`: facility to operator; `lends_at_most`: what a facility said, per date."""

    associations: dict[str, str]
    lends_at_most: dict[str, int]
    offers: dict[str, Offer] = field(default_factory=dict)
    situations: dict[str, Situation] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)
    volunteers: dict[str, Volunteer] = field(default_factory=dict)
    loans: dict[str, Loan] = field(default_factory=dict)
    groups: int = 0

    def of_situation(self, situation: str, *states: str) -> dict[str, Placement]:
        """The placements of a situation in some states."""
        return {key: one for key, one in self.placements.items() if one.situation == situation and one.state in states}

    def group(self, situation: str) -> list[str]:
        """A situation with the open ones from which it must not be parted."""
        together = self.situations[situation].together
        if together is None:
            return [situation]
        return [
            key
            for key, one in self.situations.items()
            if key == situation or (one.together == together and one.state != "closed")
        ]

    def served(self, situation: str) -> frozenset[int]:
        """The segments that some placement of a situation claims."""
        found = [one.segments for one in self.of_situation(situation, *CLAIMING).values()]
        return frozenset().union(*found)
