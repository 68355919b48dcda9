"""What happens in this slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from exchange.kernel.record import Fact


@dataclass(frozen=True, kw_only=True)
class OfferSaid(Fact):
    """Somebody gave their word about an offer; they are asked again at `fresh_until`."""

    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    fresh_until: datetime


@dataclass(frozen=True, kw_only=True)
class OfferPublished(OfferSaid):
    """Places are offered; their holder is asked again at `fresh_until`."""

    kind: ClassVar[str] = "offer_published"

    offer_kind: str
    fresh_until: datetime


@dataclass(frozen=True, kw_only=True)
class OfferReconfirmed(OfferSaid):
    """Somebody said that nothing has changed. `was_stale`: it was no longer proposed, or not for tonight, and is."""

    kind: ClassVar[str] = "offer_reconfirmed"

    was_stale: bool


@dataclass(frozen=True, kw_only=True)
class CapacityChanged(OfferSaid):
    """`delta` units more, or fewer, in `segments` segments; asked again at `fresh_until`."""

    kind: ClassVar[str] = "capacity_changed"

    delta: int
    segments: int


@dataclass(frozen=True, kw_only=True)
class OfferWithdrawn(Fact):
    """The places are no longer offered. `was_used`: some were held or promised, and whoever promised must act."""

    kind: ClassVar[str] = "offer_withdrawn"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    was_used: bool


@dataclass(frozen=True, kw_only=True)
class HouseStatusSaid(Fact):
    """A house said its colour, for a while. `was`: the colour in force until now, if there was one.

    `was_used`: somebody is held or expected there; their own acts decide what becomes of them.
    """

    kind: ClassVar[str] = "house_status_said"
    subject_kind: ClassVar[str] = "facility"

    status_id: UUID
    colour: str
    reason: str | None
    until: datetime
    was: str | None
    was_used: bool


@dataclass(frozen=True, kw_only=True)
class OfferClosed(OfferSaid):
    """A place is closed until a date: visible, marked, not proposed on the dates before it."""

    kind: ClassVar[str] = "offer_closed"

    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class OfferReopened(OfferSaid):
    """A closed place is open again, before its date."""

    kind: ClassVar[str] = "offer_reopened"


@dataclass(frozen=True, kw_only=True)
class OverCapacityDecided(Fact):
    """A director signed `units` more units on `segments` segments, beyond capacity."""

    kind: ClassVar[str] = "over_capacity_decided"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
    decision_id: UUID
    units: int
    segments: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class EveningAsked(Fact):
    """The question of an evening was asked of `asked` people: from now on only answers to it count for that night."""

    kind: ClassVar[str] = "evening_asked"
    subject_kind: ClassVar[str] = "community"

    evening: date
    asked: int


@dataclass(frozen=True, kw_only=True)
class DepartureAwaited(Fact):
    """An offer frees only when somebody leaves: it is shown so, and no longer proposed."""

    kind: ClassVar[str] = "departure_awaited"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlaceFreed(Fact):
    """The person awaited has arrived elsewhere for good: the offer is an ordinary one from now on."""

    kind: ClassVar[str] = "place_freed"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfferLapsed(Fact):
    """A word about an offer came to its end: still visible, no longer proposed."""

    kind: ClassVar[str] = "offer_lapsed"
    subject_kind: ClassVar[str] = "offer"

    facility_id: UUID
