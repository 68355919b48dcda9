"""What is said of a situation already open; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AmendSituation:
    """What is completed or corrected; None leaves a field as it is.

    `terms_version`: the terms that the person read; refused where they have moved since. `sex`, `free_text`: an empty
    text takes them away. `blocks`: all those wanted from now on; a block already there, segment for segment, stays.
    """

    situation_id: UUID
    terms_version: int
    commune_code: str | None = None
    age_band: str | None = None
    need_codes: tuple[str, ...] | None = None
    sex: str | None = None
    free_text: str | None = None
    care_mode: str | None = None
    blocks: tuple[tuple[int, ...], ...] | None = None
    max_travel_minutes: int | None = None
    max_places: int | None = None
    excluded_facility_ids: tuple[UUID, ...] | None = None
    origin: str | None = None
    legal_status: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewUrgency:
    """`deadline_at`: unsaid, it follows from the urgency, from now."""

    situation_id: UUID
    urgency: int
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeLevel:
    """`level`: one more or one less than today's."""

    situation_id: UUID
    level: int
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StateNoSolution:
    """`tried`: codes of what was tried."""

    situation_id: UUID
    tried: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LogCall:
    """`at`: when they spoke, now where unsaid. `call_back_id`: the planned call that this one settles."""

    situation_id: UUID
    direction: str
    party: str
    outcome: str
    at: datetime | None = None
    call_back_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlanCallBack:
    situation_id: UUID
    party: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """`to_account_id`: who takes over, a coordinator or adviser in office."""

    situation_id: UUID
    to_account_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class TellOutside:
    """Who spoke for the named service, in which function, and when: a recorded spoken hand-over."""

    situation_id: UUID
    service_code: str
    spoken_with: str
    function: str
    at: datetime | None = None
