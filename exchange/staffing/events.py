"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class VolunteerRegistered(Fact):
    """A professional may be solicited."""

    kind: ClassVar[str] = "volunteer_registered"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID


@dataclass(frozen=True, kw_only=True)
class TimesStated(Fact):
    """Periods of a volunteer were added; `time_kind` says whose word they are."""

    kind: ClassVar[str] = "times_stated"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID
    time_kind: str


@dataclass(frozen=True, kw_only=True)
class TimesWithdrawn(Fact):
    """Periods of a volunteer were taken back."""

    kind: ClassVar[str] = "times_withdrawn"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID
    time_kind: str


@dataclass(frozen=True, kw_only=True)
class NeedDeclared(Fact):
    """A facility asks for shifts to be held. `first_starts_at`: the earliest."""

    kind: ClassVar[str] = "need_declared"
    subject_kind: ClassVar[str] = "need"

    facility_id: UUID
    urgency: int
    is_coupled: bool
    first_starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class NeedCancelled(Fact):
    """The facility no longer asks."""

    kind: ClassVar[str] = "need_cancelled"
    subject_kind: ClassVar[str] = "need"

    facility_id: UUID


@dataclass(frozen=True, kw_only=True)
class NeedCovered(Fact):
    """Every seat of every shift of the need has its agreed loan."""

    kind: ClassVar[str] = "need_covered"
    subject_kind: ClassVar[str] = "need"

    facility_id: UUID


@dataclass(frozen=True, kw_only=True)
class DerogationRecorded(Fact):
    """A dated text derogates a figure of working time from `first_day` to `last_day`, both included."""

    kind: ClassVar[str] = "derogation_recorded"
    subject_kind: ClassVar[str] = "rule_derogation"

    rule_set: str
    figure: str
    amount: int
    first_day: date
    last_day: date
