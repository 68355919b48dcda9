"""What the forms of this slice say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReceiveSituation:
    """One person's need. `blocks`: segments that one offer serves whole (see `kernel.periods`).

    `sex`: `female`, `male` or unsaid, only where it decides. `deadline_at`: unsaid, it follows from the urgency.
    `together_with`: a situation of which this person must not be parted. `incompatible_with`: situations of persons
    who must not be hosted in the same facility at the same time. `is_anonymous`: who called did not say who they are;
    then either `call_back_at` or `call_back_impossible`. `spoken_reference`: one that the caller was given before.
    `not_duplicate_of`: situations that look alike, and are somebody else's; `confirmed_distinct`: all of them are.
    """

    commune_code: str
    age_band: str
    need_codes: tuple[str, ...]
    sex: str | None
    free_text: str | None
    care_mode: str
    blocks: tuple[tuple[int, ...], ...]
    urgency: int
    deadline_at: datetime | None
    max_travel_minutes: int
    max_places: int
    excluded_facility_ids: tuple[UUID, ...]
    origin: str
    legal_status: str
    together_with: UUID | None = None
    incompatible_with: tuple[UUID, ...] = ()
    is_anonymous: bool = False
    call_back_at: datetime | None = None
    call_back_impossible: bool = False
    spoken_reference: str | None = None
    not_duplicate_of: tuple[str, ...] = ()
    confirmed_distinct: bool = False


@dataclass(frozen=True, slots=True)
class CloseSituation:
    """`note`: what the outcome asks to be said (name of a place or service, who said so), erased with the details.

    `arrived_at`: when the person arrived, was visited first, or went back, for an outcome off the network.
    `acknowledged_at`: when the body that takes over said that it does. `agreed_at`: when the person or their guardian
    agreed to it. `duplicate_of_id`: the open situation of the same person, for a duplicate.
    """

    situation_id: UUID
    outcome: str
    note: str | None = None
    arrived_at: datetime | None = None
    acknowledged_at: datetime | None = None
    agreed_at: datetime | None = None
    duplicate_of_id: UUID | None = None
