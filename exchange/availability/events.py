"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class OfferPublished(Fact):
    """Places are offered; their holder is asked again at `fresh_until`."""

    kind: ClassVar[str] = "offer_published"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    offer_kind: str
    fresh_until: datetime


@dataclass(frozen=True, kw_only=True)
class OfferReconfirmed(Fact):
    """Somebody said that nothing has changed. `was_stale`: it was no longer proposed, and is again."""

    kind: ClassVar[str] = "offer_reconfirmed"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    fresh_until: datetime
    was_stale: bool


@dataclass(frozen=True, kw_only=True)
class CapacityChanged(Fact):
    """`delta` units more, or fewer, in `segments` segments."""

    kind: ClassVar[str] = "capacity_changed"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    delta: int
    segments: int


@dataclass(frozen=True, kw_only=True)
class OfferWithdrawn(Fact):
    """The places are no longer offered. `was_used`: some were held or promised, and whoever promised must act."""

    kind: ClassVar[str] = "offer_withdrawn"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    was_used: bool
