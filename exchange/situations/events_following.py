"""What happens around a situation without moving it: levels, calls, referents, statements, and the overflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class OfSituation(Fact):
    """A fact whose subject is a situation."""

    subject_kind: ClassVar[str] = "situation"


@dataclass(frozen=True, kw_only=True)
class SituationAmended(OfSituation):
    """What is asked for was completed or corrected. `changed`: the names of the fields, never their values."""

    kind: ClassVar[str] = "situation_amended"

    changed: str
    terms_version: int


@dataclass(frozen=True, kw_only=True)
class UrgencyReviewed(OfSituation):
    """The urgency was looked at again, changed or not. The clock is due at `next_check_at`."""

    kind: ClassVar[str] = "urgency_reviewed"

    urgency: int
    was: int
    next_check_at: datetime


@dataclass(frozen=True, kw_only=True)
class CallerIdentified(OfSituation):
    """Who called anonymously has said who they are, by voice; nothing of it is kept here."""

    kind: ClassVar[str] = "caller_identified"


@dataclass(frozen=True, kw_only=True)
class LevelChanged(OfSituation):
    """One level up or down."""

    kind: ClassVar[str] = "level_changed"

    level: int
    was: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class NoSolutionStated(OfSituation):
    """Somebody said « sans solution à ce jour »; the situation stays open."""

    kind: ClassVar[str] = "no_solution_stated"

    tried: str


@dataclass(frozen=True, kw_only=True)
class CallLogged(OfSituation):
    """A call was received or made."""

    kind: ClassVar[str] = "call_logged"

    direction: str
    party: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class CallBackPlanned(OfSituation):
    """Somebody is to be rung at an hour."""

    kind: ClassVar[str] = "call_back_planned"

    party: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReferentOffered(OfSituation):
    """The referent asks somebody to take over; until they accept, nothing changes."""

    kind: ClassVar[str] = "referent_offered"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReferentDeclined(OfSituation):
    """Who was asked cannot take over; the referent stays."""

    kind: ClassVar[str] = "referent_declined"


@dataclass(frozen=True, kw_only=True)
class ReferentChanged(OfSituation):
    """Somebody else follows the situation from now on. `is_imposed`: decided while the referent was away."""

    kind: ClassVar[str] = "referent_changed"

    reason: str
    is_imposed: bool


@dataclass(frozen=True, kw_only=True)
class DuplicateJoined(OfSituation):
    """Another situation was the same person's; its calls are here now."""

    kind: ClassVar[str] = "duplicate_joined"

    calls_moved: int


@dataclass(frozen=True, kw_only=True)
class AlertStarted(OfSituation):
    """Nobody answered in time: the overflow runs from now on."""

    kind: ClassVar[str] = "alert_started"

    reason: str


@dataclass(frozen=True, kw_only=True)
class StepTaken(OfSituation):
    """One step of the overflow. The clock of the next one is due at `next_step_at`, if there is one."""

    next_step_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SecondOnCallCalled(StepTaken):
    kind: ClassVar[str] = "second_on_call_called"


@dataclass(frozen=True, kw_only=True)
class ReferentCalled(StepTaken):
    kind: ClassVar[str] = "referent_called"


@dataclass(frozen=True, kw_only=True)
class CoordinatorCalled(StepTaken):
    kind: ClassVar[str] = "coordinator_called"


@dataclass(frozen=True, kw_only=True)
class OutsideServiceDue(StepTaken):
    """Everybody was called: a service outside the network is to be told by voice."""

    kind: ClassVar[str] = "outside_service_due"


@dataclass(frozen=True, kw_only=True)
class AlertRepeated(OfSituation):
    """Still nobody, and no outside service told. The clock of the check is due at `next_check_at`."""

    kind: ClassVar[str] = "alert_repeated"

    next_check_at: datetime


@dataclass(frozen=True, kw_only=True)
class AlertStopped(OfSituation):
    """Somebody answered, or an outside service took over: the overflow ends at once."""

    kind: ClassVar[str] = "alert_stopped"

    why: str


@dataclass(frozen=True, kw_only=True)
class OutsideToldByVoice(OfSituation):
    """A named outside service took over, by voice. The clock of the check is due at `next_check_at`."""

    kind: ClassVar[str] = "outside_told_by_voice"

    service: str
    next_check_at: datetime
