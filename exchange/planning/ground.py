"""What a run sees: plain rows of one snapshot, read once, in the community's own identifiers and instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from exchange.reference.ports import Place

Slot = tuple[datetime, datetime]
"""A half-open period between two instants."""


@dataclass(frozen=True, slots=True)
class SeenFacility:
    """`association_is_public`: its staff are not lent under article L8241-2 of the Labour Code. `rule_set`: a name."""

    id: UUID
    operator_id: UUID
    association_is_public: bool
    commune_code: str
    living_area_id: UUID | None
    lends_at_most_per_day: int | None
    rule_set: str


@dataclass(frozen=True, slots=True)
class SeenSegment:
    """One counter; `required` are the shifts that must be covered for it to open.

    `is_told`: the place may be proposed then; not while closed, nor tonight without an answer to the question.
    """

    room: int
    used: int
    provides: frozenset[str]
    required: tuple[UUID, ...]
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """`segments` from the first segment of the current date on. `is_proposable`: on some segment at least, whose house
    is not red. `orange`: the house hosts with care, for this coded reason, empty where it gave none."""

    id: UUID
    facility_id: UUID
    kind: str
    care_mode: str
    populations: frozenset[str]
    ages: tuple[int, int]
    max_stay_nights: int | None
    zone_communes: frozenset[str] | None
    is_proposable: bool
    terms_version: int
    segments: dict[int, SeenSegment]
    orange: str | None = None


@dataclass(frozen=True, slots=True)
class SeenBlock:
    id: UUID
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeenSituation:
    """An open situation with the blocks that are neither retired nor wholly past."""

    id: UUID
    reference: str
    together_id: UUID | None
    commune_code: str
    living_area_id: UUID | None
    age_band: str
    max_travel_minutes: int
    max_places: int
    excluded_facility_ids: frozenset[UUID]
    care_mode: str
    urgency: int
    created_at: datetime
    terms_version: int
    need_codes: tuple[str, ...]
    sex: str | None
    incompatible_with: frozenset[UUID]
    blocks: tuple[SeenBlock, ...]


@dataclass(frozen=True, slots=True)
class SeenPlacement:
    """A live placement. `is_promised`: held, accepted, confirmed or admitted; otherwise an open proposal.

    `segments`: those of its blocks that it serves, all of them but where another place serves the rest.
    """

    id: UUID
    situation_id: UUID
    offer_id: UUID
    rank: int
    is_promised: bool
    block_ids: tuple[UUID, ...]
    segments: frozenset[int]


@dataclass(frozen=True, slots=True)
class SeenVolunteer:
    """`agrees`: to be asked, not paused. `is_ready`: the file allows a loan tonight, never that of a public employer;
    a move inside the association needs none.


    `free`: other time than the employer's. `own_shifts`: working time, of which the employer frees `released`.
    `past_week_minutes`: worked in the weeks before the horizon, the latest last, as far as some average counts them.
    """

    id: UUID
    facility_id: UUID
    commune_code: str
    qualifications: frozenset[str]
    living_area_ids: tuple[UUID, ...]
    max_travel_minutes: int
    max_loan_minutes: int
    night12h_derogation: bool
    agrees: bool
    is_ready: bool
    terms_version: int
    free: tuple[Slot, ...]
    own_shifts: tuple[Slot, ...]
    released: tuple[Slot, ...]
    past_week_minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeenShift:
    """A shift that has not started. `is_covered`: enough agreed loans. `permanent_staff`: of the host's own team."""

    id: UUID
    slot: Slot
    headcount: int
    is_covered: bool
    permanent_staff: int | None
    min_permanent_staff: int | None


@dataclass(frozen=True, slots=True)
class SeenNeed:
    id: UUID
    facility_id: UUID
    qualifications_any: frozenset[str]
    urgency: int
    is_coupled: bool
    created_at: datetime
    terms_version: int
    shifts: tuple[SeenShift, ...]


@dataclass(frozen=True, slots=True)
class SeenLoan:
    """A live loan. `is_promised`: asked for or agreed; otherwise an open proposal. `is_internal`: a move."""

    id: UUID
    volunteer_id: UUID
    need_id: UUID
    is_promised: bool
    is_internal: bool
    shift_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ReserveTerms:
    """What the community decided of its reserve of rare places: days looked at, dearest price in minutes of travel."""

    window_days: int
    most_minutes: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything of one snapshot. `first_segment`: the day of the current date; what comes before is past.

    `refused_pairs`: (situation, offer) that the facility refused as both still stand. `declined_pairs`: (volunteer,
    need) that some party declined or let pass. `ledger_minutes`: minutes lent minus borrowed, by operator.
    `rule_figures`: amounts in force at the snapshot, by rule set and figure.
    `paperwork_minutes`: what a loan between two associations costs in the burden, once per person and need.
    `split_minutes`: the price of a block served in two parts, 0 where none may be.
    `rebalance_percent`: how far a second pass brings the balances of the associations closer.
    `recent`: the situations received over the days of `reserve`, open or closed, with every block that they asked for;
    not those whose details are erased.
    """

    community_id: UUID
    zone: ZoneInfo
    at: datetime
    first_segment: int
    living_area_ids: tuple[UUID, ...]
    places: tuple[Place, ...]
    facilities: dict[UUID, SeenFacility]
    offers: dict[UUID, SeenOffer]
    situations: dict[UUID, SeenSituation]
    placements: tuple[SeenPlacement, ...]
    volunteers: dict[UUID, SeenVolunteer]
    needs: dict[UUID, SeenNeed]
    loans: tuple[SeenLoan, ...]
    refused_pairs: frozenset[tuple[UUID, UUID]]
    declined_pairs: frozenset[tuple[UUID, UUID]]
    covered_started_shifts: frozenset[UUID]
    ledger_minutes: dict[UUID, int]
    rule_figures: Mapping[str, Mapping[str, int]]
    recent: tuple[SeenSituation, ...]
    reserve: ReserveTerms
    paperwork_minutes: int
    split_minutes: int
    rebalance_percent: int
