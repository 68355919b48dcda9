"""What the board shows: one frozen view per kind of card, and the board made of them.

Fields that a view class may not know are absent (`None` or empty), never blanked in a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from exchange.placements.stay_limits import Counter

Reason = dict[str, str | int | bool | list[str] | None]
"""A typed reason: its `code` and the parameters of its sentence (see `exchange.wording`)."""


@dataclass(frozen=True, slots=True)
class HouseColour:
    """What a house says of itself until an instant. `said_as`: the role of who said it."""

    colour: str
    reason: str | None
    said_at: datetime
    said_as: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """A place closed until the start of a day, and why."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who decided over capacity last, by role, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OfferCard:
    """A published place. `segments`: (segment, capacity, used). `to_confirm`: past its lifetime, never proposed.

    `over`: (segment, units decided beyond capacity), within capacity. `house`, `closing`: only while in force.
    `not_tonight`: why an offer open tonight is not proposed then, a code of `WhyNot`.
    """

    subject_id: UUID
    area_id: UUID | None
    facility_id: UUID
    facility: str
    operator_id: UUID
    commune: str | None
    offer_kind: str
    care_mode: str
    ages: tuple[int, int]
    populations: tuple[str, ...]
    provides: tuple[str, ...]
    segments: tuple[tuple[int, int, int], ...]
    attested_at: datetime
    fresh_until: datetime
    state: str
    is_conditional: bool
    version: int | None = None
    to_confirm: bool = False
    attested_as: str | None = None
    over: tuple[tuple[int, int], ...] = ()
    over_decided: Signed | None = None
    closing: Closing | None = None
    awaits_departure: bool = False
    house: HouseColour | None = None
    never_full: bool = False
    not_tonight: str | None = None

    @property
    def kind(self) -> str:
        return "offer"

    @property
    def awaits_word(self) -> bool:
        """Whether one tap of the house would have it proposed again, tonight or at all."""
        return self.to_confirm or self.not_tonight == "not_said_tonight"

    def free_on(self, segment: int) -> int:
        """Places free on a segment; 0 where none was published."""
        return sum(capacity - used for at, capacity, used in self.segments if at == segment)

    def over_on(self, segment: int) -> int:
        """Units decided beyond capacity on a segment."""
        return sum(units for at, units in self.over if at == segment)


@dataclass(frozen=True, slots=True)
class ShiftSeats:
    """One shift of a need, with the seats already agreed."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    headcount: int = 1
    seats_agreed: int = 0
    permanent_staff: int | None = None
    min_permanent_staff: int | None = None

    @property
    def lacks_own_team(self) -> bool:
        """Whether nobody is lent to it, for want of its host's own team."""
        return (self.min_permanent_staff or 0) > (self.permanent_staff or 0)


@dataclass(frozen=True, slots=True)
class NeedCard:
    """Shifts that a facility asks others to cover."""

    subject_id: UUID
    area_id: UUID | None
    facility_id: UUID
    facility: str
    qualifications_any: tuple[str, ...]
    urgency: int
    is_coupled: bool
    reason: str
    impact: str
    shifts: tuple[ShiftSeats, ...]
    state: str

    @property
    def kind(self) -> str:
        return "need"

    @property
    def seats_missing(self) -> int:
        """Seats still to be found, all shifts together."""
        return sum(shift.headcount - shift.seats_agreed for shift in self.shifts)


@dataclass(frozen=True, slots=True)
class SituationCard:
    """A person's need, without anything that tells who or where.

    Members know only the families of needs, the age band, the urgency, the living area and the blocks: the fields
    of coordination are None for them. `is_red`: an urgency 4 left untouched too long, or others being called
    (`alert_since`).
    """

    subject_id: UUID
    area_id: UUID | None
    age_band: str
    families: tuple[str, ...]
    urgency: int
    care_mode: str
    blocks: tuple[tuple[int, ...], ...]
    reference: str | None = None
    level: int | None = None
    state: str | None = None
    together: bool | None = None
    deadline_at: datetime | None = None
    next_check_at: datetime | None = None
    created_at: datetime | None = None
    alert_since: datetime | None = None
    version: int | None = None
    is_red: bool = False

    @property
    def kind(self) -> str:
        return "situation"


@dataclass(frozen=True, slots=True)
class PlacementCard:
    """One offer serving some blocks of one situation, from proposal to exit."""

    subject_id: UUID
    area_id: UUID | None
    situation_id: UUID
    reference: str
    offer_id: UUID
    facility_id: UUID
    facility: str
    rank: int
    state: str
    segments: tuple[int, ...]
    receiver_yes: bool
    person_yes: bool
    legal_basis: bool
    held_until: datetime | None = None
    origin: str = "matcher"
    reasons: tuple[Reason, ...] = ()
    rests_on_loan: bool = False
    offer_kind: str | None = None
    care_mode: str | None = None
    exit_on: date | None = None
    counters: tuple[Counter, ...] = ()
    is_taken: bool = False

    @property
    def kind(self) -> str:
        return "placement"

    @property
    def awaits_receiver(self) -> bool:
        """Whether the receiving facility is asked to answer now."""
        return self.state == "held" and not self.receiver_yes


@dataclass(frozen=True, slots=True)
class LoanCard:
    """One professional proposed for some shifts of one need; never their name."""

    subject_id: UUID
    area_id: UUID | None
    need_id: UUID
    host_facility_id: UUID
    host: str
    lender_facility_id: UUID
    lender: str
    qualifications_any: tuple[str, ...]
    shifts: tuple[ShiftSeats, ...]
    state: str
    released: bool
    consented: bool
    accepted: bool
    travel_minutes: int
    is_internal_move: bool = False
    asked_at: datetime | None = None
    answer_by: datetime | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def kind(self) -> str:
        return "loan"

    @property
    def is_asked(self) -> bool:
        """Whether the three parties are asked now."""
        return self.state == "proposed" and self.asked_at is not None


AnyCard = OfferCard | NeedCard | SituationCard | PlacementCard | LoanCard


@dataclass(frozen=True, slots=True)
class Area:
    """A living area of the community."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class HorizonCount:
    """Places known free on the half of a day that runs at a horizon of the ROR; None where no word is known."""

    horizon: str
    segment: int
    places: int | None


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """What one living area holds, or the whole community. Observers get small counts as None: under five is not told.

    `places_free`: tonight; None where no house has said (`places_unknown`): what is unknown is never told as zero.
    `places_over`: of them, decided beyond capacity. `sites_reporting` of `sites_expected` houses have answered for
    tonight once the evening's question is asked (`evening_asked`), else have a word that still holds.
    """

    area_id: UUID | None
    situations: int | None
    red: int | None
    places_free: int | None
    to_confirm: int | None
    seats_missing: int | None
    places_unknown: bool = False
    places_over: int | None = 0
    sites_expected: int | None = 0
    sites_reporting: int | None = 0
    evening_asked: bool = False
    horizons: tuple[HorizonCount, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The board at an instant. `cards` are in the order in which they are shown; empty for an observer.

    `whole`: the counts of everything in scope. `tonight`: the segment of the night that people call so.
    """

    at: datetime
    areas: tuple[Area, ...]
    cards: tuple[AnyCard, ...]
    counts: tuple[AreaCounts, ...]
    whole: AreaCounts
    tonight: int

    def of_kind(self, *kinds: str) -> tuple[AnyCard, ...]:
        """The cards of some kinds, in order."""
        return tuple(card for card in self.cards if card.kind in kinds)
