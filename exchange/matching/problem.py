"""The problem of one territory over one horizon, exactly as the file format `entraide-problem/1` states it.

Times are integer minutes from `horizon_start`, a Monday 00:00 local. Segment `2 * day` is the day of that date and
`2 * day + 1` its night. Periods are half-open pairs `(start, end)`. Building a `Problem` checks every relation
between its parts and raises `ProblemInvalid` with the path of the faulty key.
"""

from dataclasses import dataclass, field

from exchange.matching import figures
from exchange.matching.validation import refuse_contradictions

# Values of keys that enter no rule (kind, mode, public, created): kept for the round trip, never interpreted.
Label = str | int | float | bool | None | tuple[str, ...]
Period = tuple[int, int]
LEFT_OUT_WHERE_EMPTY = "left out where empty"
"""Metadata of a member that files do not state where it says nothing."""


@dataclass(frozen=True, slots=True)
class Commune:
    id: str
    bassin: int


@dataclass(frozen=True, slots=True)
class Zone:
    """Communes that some offers serve, and no other."""

    id: str
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Association:
    """`ledger_hours`: hours lent minus hours borrowed before this run."""

    id: str
    ledger_hours: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Figures of working time of one employer, in minutes; 0 for the last five means that the rule is not asked for.

    A shift may last `night_shift_minutes` where it starts at or after `night_starts_at` (minute of the day) and the
    person has the derogation. `average_week_minutes` holds over any `average_weeks` consecutive weeks.
    """

    id: str
    shift_minutes: int = figures.LONGEST_SHIFT_MINUTES
    night_shift_minutes: int = figures.LONGEST_DEROGATED_NIGHT_MINUTES
    night_starts_at: int = figures.NIGHT_STARTS_AT_MINUTE
    rest_minutes: int = figures.REST_MINUTES
    week_minutes: int = figures.WEEK_WORK_MINUTES
    weekly_rest_minutes: int = 0
    days_in_row: int = 0
    average_week_minutes: int = 0
    average_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Establishment:
    """`rules`: the rule set that binds whoever works here or is lent from here; `None` for the figures by default."""

    id: str
    association: str
    bassin: int
    commune: str
    public: Label
    rules: str | None = None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """`week_minutes_done` has one entry per started week, own shifts included; `consent`: agrees to be solicited.

    `rules`: a rule set of this person's own, `None` for that of the establishment. `past_week_minutes`: minutes worked
    in the weeks before the horizon, latest last; a week that is not told counts 0. `internal_moves`: may serve another
    establishment of the same association. `ready_from`: no loan between associations starts before this minute, since
    the person's file is not complete. `released`: own shifts that the lender frees for a loan that lies inside one of
    them; the person is then available, and the loan adds nothing to a week that counts that own shift already.
    """

    id: str
    association: str
    establishment: str
    commune: str
    qualifications: tuple[str, ...]
    bassins: tuple[int, ...]
    availability: tuple[Period, ...]
    own_shifts: tuple[Period, ...]
    week_minutes_done: tuple[int, ...]
    max_loan_minutes: int
    max_travel_min: int
    night12h_derogation: bool
    consent: bool
    rules: str | None = None
    past_week_minutes: tuple[int, ...] = ()
    internal_moves: bool = False
    ready_from: int | None = None
    released: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class LendCap:
    """The most loan shifts starting on `day` that may leave `establishment`."""

    establishment: str
    day: int
    max_out: int


@dataclass(frozen=True, slots=True)
class Shift:
    """`permanent_staff`: members of the host's own team on this shift; below `min_permanent_staff` nobody is lent."""

    id: str
    start: int
    end: int
    headcount: int
    permanent_staff: int | None = None
    min_permanent_staff: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """`coupled`: exists only to open places, so its missing seats weigh nothing."""

    id: str
    establishment: str
    qualifications_any: tuple[str, ...]
    urgency: int
    created: Label
    coupled: bool
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """The shifts `(need, shift)` that must all be fully covered before the extra capacity of `segment` opens."""

    segment: int
    shifts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Provision:
    """The codes of what an offer provides on one segment, in place of its ordinary list."""

    segment: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """`capacity` and `extra_capacity` have one entry per segment, `2 * days` in all; `ages` is inclusive.

    `provides`: codes of what is provided, on every segment but those that `provides_at` lists anew. `scarcity_price`:
    what each block placed here adds to the burden, to keep a rare place for whoever has no other. `without_bed`: day
    support, a team at home, a relief team. `zone`: communes that it serves; a team without bed then travels itself.
    `hours`: minutes of the day, the second beyond 1440 where they end after midnight; `None` for the whole segment.
    """

    id: str
    establishment: str
    kind: Label
    ages: tuple[int, int]
    profiles: tuple[str, ...]
    capacity: tuple[int, ...]
    extra_capacity: tuple[int, ...]
    requires: tuple[Requirement, ...]
    scarcity_price: int = 0
    provides: tuple[str, ...] = ()
    provides_at: tuple[Provision, ...] = ()
    without_bed: bool = False
    zone: str | None = None
    hours: Period | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Segments that one offer serves whole, or two offers in turn at a price, or that stay uncovered together.

    `without_bed`: wants an offer without bed, and no other serves it. `hours`: those wanted of each segment, as in
    `Offer`; `None` for the whole segment.
    """

    id: str
    segments: tuple[int, ...]
    without_bed: bool = False
    hours: Period | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """`together`: a group of persons to be kept together, any text that its members share; `None` for a person alone.

    Whenever placements of two members hold the same segment, they are in the same establishment, whichever of its
    offers they use. A segment that several members want is served to all of them or to none; only where some of them
    are there by accepted lines may the others stay unserved, and they join those or nobody.

    `needs`: codes that a place provides on every segment that it serves, `needs_by_night` and `needs_by_day` on nights
    and on days alone.
    """

    id: str
    age: int
    profile: str
    mode: Label
    urgency: int
    created: Label
    commune: str
    max_travel_min: int
    blocks: tuple[Block, ...]
    excluded_establishments: tuple[str, ...]
    incompatible_with: tuple[str, ...]
    max_places: int
    together: str | None = None
    needs: tuple[str, ...] = ()
    needs_by_night: tuple[str, ...] = ()
    needs_by_day: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class LoanLine:
    volunteer: str
    shift: str


@dataclass(frozen=True, slots=True, order=True)
class PlacementLine:
    """`segments`: ascending, those that the offer serves of a block served in two parts; empty for a whole block."""

    situation: str
    block: str
    offer: str
    segments: tuple[int, ...] = field(default=(), metadata={LEFT_OUT_WHERE_EMPTY: True})


@dataclass(frozen=True, slots=True)
class Lines:
    """Loans and placements, either accepted (`frozen`) or still open (`previous`)."""

    loans: tuple[LoanLine, ...] = ()
    placements: tuple[PlacementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in the burden, in minutes of travel: what a file asks for beyond those of the format.

    `paperwork`: each person lent to a need by another association. `cross_bassin`: each loan to another bassin than
    that of the lending establishment, each block placed in another bassin than that of the situation's commune.
    `split`: each block served in two parts; where it is 0, none may be. `rebalance_percent`, no price: how far a
    second pass moves the balances that price fairness towards those that the first plan leaves; 0 for one pass.
    """

    paperwork: int = 0
    cross_bassin: int = 0
    split: int = 0
    rebalance_percent: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A whole territory; `travel_min` is communes × communes, from the row's commune to the column's, one way."""

    id: str
    horizon_start: str
    days: int
    bassins: int
    communes: tuple[Commune, ...]
    travel_min: tuple[tuple[int, ...], ...]
    associations: tuple[Association, ...]
    establishments: tuple[Establishment, ...]
    volunteers: tuple[Volunteer, ...]
    lend_caps: tuple[LendCap, ...]
    needs: tuple[Need, ...]
    offers: tuple[Offer, ...]
    situations: tuple[Situation, ...]
    frozen: Lines = Lines()
    previous: Lines = Lines()
    rules: tuple[RuleSet, ...] = ()
    prices: Prices = Prices()
    zones: tuple[Zone, ...] = ()

    def __post_init__(self) -> None:
        refuse_contradictions(self)
