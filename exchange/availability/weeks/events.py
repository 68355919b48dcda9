"""What happens to the week of an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exchange.availability.events import OfferSaid
from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class PlaceWeekChanged(Fact):
    """The week or its exceptions changed by an act (`set`, `except`, `resume`, `end`): so many counters now open more,
    so many less. `extend_at`: its clock starts, where none ran."""

    kind: ClassVar[str] = "place_week_changed"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    act: str
    raised: int
    lowered: int
    extend_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PlaceWeekExtended(Fact):
    """Time went by, and the week opens as many counters further ahead; its clock comes again."""

    kind: ClassVar[str] = "place_week_extended"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    raised: int
    extend_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlacesRepeated(OfferSaid):
    """What was entered in the last seven days was repeated: as many counters more; asked again at `fresh_until`."""

    kind: ClassVar[str] = "places_repeated"

    segments: int
