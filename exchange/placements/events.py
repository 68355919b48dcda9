"""What happens to placements. Facts hold codes, dates and identifiers of things: nothing about the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class _PlacementFact(Fact):
    """`subject_id` is the placement."""

    subject_kind: ClassVar[str] = "placement"

    situation_id: UUID
    offer_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlacementProposed(_PlacementFact):
    """A run or a person put a placement forward, at a rank of the situation's answers."""

    kind: ClassVar[str] = "placement_proposed"

    rank: int


@dataclass(frozen=True, kw_only=True)
class PlacementHeld(_PlacementFact):
    """Its segments are reserved until `held_until`; the facility is asked. `silent_at`: when an urgent request is
    without answer for so long that others are called."""

    kind: ClassVar[str] = "placement_held"

    held_until: datetime
    silent_at: datetime | None
    rank: int


@dataclass(frozen=True, kw_only=True)
class PlacementAccepted(_PlacementFact):
    """The facility said yes, by itself or by a recorded call."""

    kind: ClassVar[str] = "placement_accepted"

    by_phone: bool
    waits_for_cover: bool


@dataclass(frozen=True, kw_only=True)
class AgreementRecorded(_PlacementFact):
    """The person's yes, or the legal basis, is recorded: `party` says which."""

    kind: ClassVar[str] = "agreement_recorded"

    party: str


@dataclass(frozen=True, kw_only=True)
class PlacementConfirmed(_PlacementFact):
    """The three yeses stand, and every shift that the place rests on is covered."""

    kind: ClassVar[str] = "placement_confirmed"


@dataclass(frozen=True, kw_only=True)
class PlacementRefused(_PlacementFact):
    """The facility cannot host, for a coded reason."""

    kind: ClassVar[str] = "placement_refused"

    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldExpired(_PlacementFact):
    """The hold ended without the facility's answer."""

    kind: ClassVar[str] = "hold_expired"


@dataclass(frozen=True, kw_only=True)
class PlacementCancelled(_PlacementFact):
    """Called off before arrival; `cause` is a code of `rules.CancelCause`."""

    kind: ClassVar[str] = "placement_cancelled"

    cause: str


@dataclass(frozen=True, kw_only=True)
class PlacementAtRisk(_PlacementFact):
    """The person is there, and a shift that the place rests on is no longer covered: the person stays."""

    kind: ClassVar[str] = "placement_at_risk"


@dataclass(frozen=True, slots=True)
class StayClocks:
    """When the end of a stay and its two limits are announced; absent where there is no such end."""

    exit_told_at: datetime | None = None
    emergency_limit_at: datetime | None = None
    yearly_limit_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _StayFact(_PlacementFact):
    """`exit_on` is absent for a permanent care alone; the hours are those of `StayClocks`."""

    exit_on: date | None
    exit_told_at: datetime | None = None
    emergency_limit_at: datetime | None = None
    yearly_limit_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PersonAdmitted(_StayFact):
    """The arrival was seen; `lights_missing` counts those that were still red."""

    kind: ClassVar[str] = "person_admitted"

    lights_missing: int = 0


@dataclass(frozen=True, kw_only=True)
class ExitPlanned(_StayFact):
    """The date, the solution and the referent of the exit are set; no clock before the arrival."""

    kind: ClassVar[str] = "exit_planned"

    solution: str


@dataclass(frozen=True, kw_only=True)
class StayProlonged(_StayFact):
    """The person stays longer: a new exit date, with the yeses that it needed."""

    kind: ClassVar[str] = "stay_prolonged"

    was: date | None


@dataclass(frozen=True, kw_only=True)
class LightChanged(_PlacementFact):
    """One condition of an arrival became green, or red again."""

    kind: ClassVar[str] = "light_changed"

    condition: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class AnswerSuperseded(_PlacementFact):
    """A proposal that nobody took up gave way to a newer run, an arrival or a withdrawn offer."""

    kind: ClassVar[str] = "answer_superseded"


@dataclass(frozen=True, kw_only=True)
class StayEnded(_PlacementFact):
    """The person left the place."""

    kind: ClassVar[str] = "stay_ended"
