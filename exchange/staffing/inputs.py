"""What the forms of this slice say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RegisterVolunteer:
    """`ready_until`: until when the employer's file makes a loan tonight possible. `full_name` and `email` are
    kept apart, for the employer alone before consent. `may_be_asked_at_night`: the person's own choice, without which
    nothing is sent in quiet hours."""

    facility_id: UUID
    commune_code: str
    qualifications: tuple[str, ...]
    living_area_ids: tuple[UUID, ...]
    max_travel_minutes: int
    max_loan_minutes: int
    night12h_derogation: bool
    ready_until: datetime | None
    full_name: str
    email: str
    may_be_asked_at_night: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open: `ends_at` is no longer in it. Aware instants."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StateTimes:
    """`kind`: `available` (own offer), `released` (working time that the employer lends), `own_shift`."""

    volunteer_id: UUID
    kind: str
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class WithdrawTimes:
    """The periods are cut out of what was stated; what remains on each side stays."""

    volunteer_id: UUID
    kind: str
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class ShiftAsked:
    """One work period, half-open, for `headcount` persons. Aware instants.

    `permanent_staff`: members of the host's own team on it, none told; it asks for `min_permanent_staff` of them at
    least, none where it does not say.
    """

    starts_at: datetime
    ends_at: datetime
    headcount: int = 1
    permanent_staff: int | None = None
    min_permanent_staff: int | None = None


@dataclass(frozen=True, slots=True)
class DeclareNeed:
    """One person suits who holds any of `qualifications_any`. `is_coupled`: exists only to open places."""

    facility_id: UUID
    qualifications_any: tuple[str, ...]
    urgency: int
    is_coupled: bool
    reason: str
    impact: str
    shifts: tuple[ShiftAsked, ...]
