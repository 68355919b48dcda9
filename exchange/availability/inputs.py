"""What the forms of this slice say; nothing here is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from exchange.kernel.periods import Half
from exchange.staffing.inputs import DeclareNeed


@dataclass(frozen=True, slots=True)
class CapacitySpan:
    """`capacity` persons in each half of each date from `first` to `last`, both included, dates of the territory.

    `requires_shift_ids`: shifts of the same facility, all of which must be covered for these segments to open.
    `provides`: what the place provides then, in full, where it differs from the rest of the offer.
    """

    first: date
    last: date
    halves: frozenset[Half]
    capacity: int
    requires_shift_ids: tuple[UUID, ...] = ()
    provides: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PublishOffer:
    """Ages in whole years, both included. `arrival_from`, `arrival_until`: local wall times `HH:MM`, both or none.

    `zone_communes`: for a caseload without bed, or help at home that waits for staff, the INSEE codes where it goes.
    `coupled_need`: for a conditional offer, the shifts to be declared with it, required by all its segments.
    `awaits_departure`: not free yet; it frees when somebody, to be named by a situation, leaves.
    """

    facility_id: UUID
    kind: str
    care_mode: str
    populations: tuple[str, ...]
    provides: tuple[str, ...]
    ages_from: int
    ages_to: int
    max_stay_nights: int | None
    zone_communes: tuple[str, ...] | None
    arrival_from: str | None
    arrival_until: str | None
    spans: tuple[CapacitySpan, ...]
    coupled_need: DeclareNeed | None = None
    awaits_departure: bool = False


@dataclass(frozen=True, slots=True)
class SayStatus:
    """The colour of a house. `until_on`: its last date; absent, it holds as long as an evening's answer."""

    facility_id: UUID
    colour: str
    reason: str | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class CloseOffer:
    """`until_on`: the last date on which the place is closed."""

    offer_id: UUID
    until_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class DecideOverCapacity:
    """`units` more on each of these segments, beyond capacity, for a coded reason."""

    offer_id: UUID
    segments: tuple[int, ...]
    units: int
    reason: str
