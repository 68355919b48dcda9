"""Place offers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from exchange.api.v1.schemas.staffing import CoupledNeedBody
from exchange.api.v1.schemas.values import Age, Body, CommuneCode, Resource, Segment, ShortText, WallTime
from exchange.availability.evening import Colour
from exchange.availability.inputs import CapacitySpan, PublishOffer
from exchange.availability.rules import OfferKind, ShownState
from exchange.kernel.periods import Half
from exchange.reference.answers import OverCapacityReason, StatusReason
from exchange.reference.code_lists import CareMode, NeedCode, Provision


class CapacitySpanBody(Body):
    """`capacity` persons in each half of each local date from `first` to `last`, both included."""

    first: date
    last: date
    halves: Annotated[list[Half], Meta(min_length=1, max_length=2)]
    capacity: Annotated[int, Meta(ge=1, le=500)]
    requires_shift_ids: Annotated[list[UUID], Meta(max_length=50)] = field(default_factory=list)

    def asked(self) -> CapacitySpan:
        return CapacitySpan(
            first=self.first,
            last=self.last,
            halves=frozenset(self.halves),
            capacity=self.capacity,
            requires_shift_ids=tuple(self.requires_shift_ids),
        )


class PublishOfferBody(Body):
    """`zone_communes`: for a caseload without bed. `coupled_need`: for a conditional offer, declared with it."""

    facility_id: UUID
    kind: OfferKind
    care_mode: CareMode
    populations: Annotated[list[NeedCode], Meta(max_length=40)]
    provides: Annotated[list[Provision], Meta(max_length=40)]
    ages_from: Age
    ages_to: Age
    spans: Annotated[list[CapacitySpanBody], Meta(min_length=1, max_length=60)]
    max_stay_nights: Annotated[int, Meta(ge=1, le=1000)] | None = None
    zone_communes: Annotated[list[CommuneCode], Meta(max_length=500)] | None = None
    arrival_from: WallTime | None = None
    arrival_until: WallTime | None = None
    coupled_need: CoupledNeedBody | None = None
    awaits_departure: bool = False

    def asked(self) -> PublishOffer:
        need = self.coupled_need
        return PublishOffer(
            facility_id=self.facility_id,
            kind=self.kind,
            care_mode=self.care_mode,
            populations=tuple(self.populations),
            provides=tuple(self.provides),
            ages_from=self.ages_from,
            ages_to=self.ages_to,
            max_stay_nights=self.max_stay_nights,
            zone_communes=None if self.zone_communes is None else tuple(self.zone_communes),
            arrival_from=self.arrival_from,
            arrival_until=self.arrival_until,
            spans=tuple(span.asked() for span in self.spans),
            awaits_departure=self.awaits_departure,
            coupled_need=None if need is None else need.asked(self.facility_id, is_coupled=True),
        )


class ChangeCapacityBody(Body):
    """`segments` absent: all those not over."""

    delta: Annotated[int, Meta(ge=-500, le=500)]
    segments: Annotated[list[Segment], Meta(min_length=1, max_length=800)] | None = None


class HouseStatusBody(Body):
    """`until_on`: the last date; absent, the colour holds as long as an evening's answer."""

    colour: Colour
    reason: StatusReason | None = None
    until_on: date | None = None


class ClosureBody(Body):
    """`until_on`: the last date on which the place is closed."""

    until_on: date
    reason: StatusReason


class OverCapacityBody(Body):
    """`units` more on each segment, signed by the caller."""

    segments: Annotated[list[Segment], Meta(min_length=1, max_length=62)]
    units: Annotated[int, Meta(ge=1, le=5)]
    reason: OverCapacityReason


class AwaitedDepartureBody(Body):
    """The reference, as it is spoken, of the adult whose departure frees the place."""

    reference: ShortText


class Until(Resource):
    """Until when what was just said holds; `id` is its subject."""

    id: UUID
    until: datetime


class EveningAnswer(Resource):
    """The offers confirmed at once."""

    offer_ids: list[UUID]


class HouseStatusResource(Resource):
    """A house with the colour in force; `colour` absent: it has said nothing that still holds."""

    facility_id: UUID
    facility: str
    operator_id: UUID
    never_full: bool
    colour: Colour | None
    reason: str | None
    said_at: datetime | None
    said_as: str | None
    until: datetime | None


class DecisionResource(Resource):
    """A signed decision to host beyond capacity."""

    id: UUID
    segments: list[int]
    units: int
    reason: str
    decided_by: str
    decided_as: str
    decided_at: datetime


class OfferConfirmation(Resource):
    """Until when the word just given holds."""

    id: UUID
    fresh_until: datetime


class SegmentResource(Resource):
    """One day or night: `capacity` counts what was decided over capacity too."""

    segment: int
    capacity: int
    used: int
    requires_shift_ids: list[UUID]
    over_capacity: int


class OfferResource(Resource):
    """`commune` is absent where the facility hides its address."""

    id: UUID
    facility_id: UUID
    facility: str
    operator_id: UUID
    living_area_id: UUID | None
    commune_code: str | None
    commune: str | None
    kind: OfferKind
    care_mode: str
    populations: list[str]
    provides: list[str]
    ages_from: int
    ages_to: int
    max_stay_nights: int | None
    zone_communes: list[str]
    arrival_from: str | None
    arrival_until: str | None
    version: int
    state: ShownState
    attested_as: str | None
    attested_at: datetime
    fresh_until: datetime
    closed_until: datetime | None
    closed_reason: str | None
    awaits_departure: bool
    never_full: bool
    segments: list[SegmentResource]
