"""What happens to a volunteer's week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class VolunteerWeekChanged(Fact):
    """The week or its exceptions changed by an act (`set`, `away`, `back`, `end`): so many periods more, so many less.
    `extend_at`: its clock starts, where none ran."""

    kind: ClassVar[str] = "volunteer_week_changed"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID
    act: str
    stated: int
    withdrawn: int
    extend_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class VolunteerWeekConfirmed(Fact):
    """Somebody said that the week has not changed. `was_stale`: it was no longer proposed, and is again."""

    kind: ClassVar[str] = "volunteer_week_confirmed"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID
    fresh_until: datetime
    was_stale: bool


@dataclass(frozen=True, kw_only=True)
class VolunteerWeekExtended(Fact):
    """Time went by, and the week states as many periods further ahead; its clock comes again."""

    kind: ClassVar[str] = "volunteer_week_extended"
    subject_kind: ClassVar[str] = "volunteer"

    facility_id: UUID
    stated: int
    extend_at: datetime
