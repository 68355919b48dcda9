"""How a line of these pages is entered, and the few demands that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from exchange.kernel.record import Demand, Fact
from exchange.organisations.parameters import CommunityParameters

GATHERING = timedelta(seconds=CommunityParameters().gather_seconds)
"""How long a full run waits for company. Reactions read no table: a community's own figure is not consulted here."""

SomeFact = TypeVar("SomeFact", bound=Fact)
Line = Callable[[SomeFact, datetime], Iterable[Demand]]

LINES: dict[type[Fact], Callable[..., Iterable[Demand]]] = {}


class UnknownFact(LookupError):
    """A fact was recorded that this page does not know."""


def reactions(fact: Fact, now: datetime) -> Iterable[Demand]:
    """Return what a fact asks for. Raises `UnknownFact`: a forgotten line must stop the first test that meets it."""
    line = LINES.get(type(fact))
    if line is None:
        raise UnknownFact(type(fact).__name__)
    return line(fact, now)


def on(*kinds: type[SomeFact]) -> Callable[[Line[SomeFact]], Line[SomeFact]]:
    def enter(line: Line[SomeFact]) -> Line[SomeFact]:
        for kind in kinds:
            LINES[kind] = line
        return line

    return enter


def fast(fact: Fact, now: datetime) -> Demand:
    return Demand("planning.fast", fact.subject_id, now, gather_key="fast")


def full(fact: Fact, now: datetime) -> Demand:
    return Demand("planning.full", fact.subject_id, now + GATHERING, gather_key="full")


def tell(fact: Fact, now: datetime) -> Demand:
    """Messages are derived later from the event: `record` puts the fact's own id in place of this subject."""
    return Demand("notifications.fan_out", fact.subject_id, now)


def at(job: str, subject_id: UUID, due_at: datetime) -> Demand:
    return Demand(job, subject_id, due_at)


def rivals(offer_id: UUID, now: datetime) -> Demand:
    """Whoever was proposed the same place reads that it is taken, or free again."""
    return at("placements.show_taken", offer_id, now)
