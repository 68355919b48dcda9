"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class SituationReceived(Fact):
    """A person waits. The clock is due at `next_check_at`."""

    kind: ClassVar[str] = "situation_received"
    subject_kind: ClassVar[str] = "situation"

    urgency: int
    next_check_at: datetime


@dataclass(frozen=True, kw_only=True)
class SituationLinked(Fact):
    """Another situation was bound to this one: together, or never together. Its terms moved."""

    kind: ClassVar[str] = "situation_linked"
    subject_kind: ClassVar[str] = "situation"

    link: str


@dataclass(frozen=True, kw_only=True)
class SituationMoved(Fact):
    """A situation follows its placements, or was reopened (`state` is then `searching`)."""

    kind: ClassVar[str] = "situation_moved"
    subject_kind: ClassVar[str] = "situation"

    state: str
    was: str
    urgency: int
    next_check_at: datetime


@dataclass(frozen=True, kw_only=True)
class SituationClosed(Fact):
    """A situation ended, with an outcome of the closed list."""

    kind: ClassVar[str] = "situation_closed"
    subject_kind: ClassVar[str] = "situation"

    outcome: str
    was: str
    acknowledged_at: datetime | None
    agreed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SituationUnanswered(Fact):
    """At its check, nobody holds anything for the person. The clock is due again at `next_check_at`."""

    kind: ClassVar[str] = "situation_unanswered"
    subject_kind: ClassVar[str] = "situation"

    urgency: int
    next_check_at: datetime
    is_past_deadline: bool


@dataclass(frozen=True, kw_only=True)
class SituationChecked(Fact):
    """At its check, an answer stands. The clock is due again at `next_check_at`."""

    kind: ClassVar[str] = "situation_checked"
    subject_kind: ClassVar[str] = "situation"

    state: str
    next_check_at: datetime


@dataclass(frozen=True, kw_only=True)
class SituationCheckBroughtForward(Fact):
    """A crisis tightened the clocks: the next check of a situation that waits comes sooner."""

    kind: ClassVar[str] = "situation_check_brought_forward"
    subject_kind: ClassVar[str] = "situation"

    next_check_at: datetime
