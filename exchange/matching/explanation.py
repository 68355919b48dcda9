"""What an explanation says: typed codes with parameters, ids as in the file. Its words are in `exchange.wording`.

Ids of volunteers come with their association: who may read which is for the caller to decide.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.matching.families import Family
from exchange.matching.plan import ReasonCount
from exchange.matching.problem import LoanLine, PlacementLine
from exchange.matching.ways import Relaxation, Way


class Obstacle(StrEnum):
    """Why a candidate that no rule refuses alone cannot be had while the rest of the plan stays."""

    REST = "rest-other-loan"
    WEEK = "week-with-loans"
    WEEKLY_REST = "weekly-rest-with-loans"
    DAYS_IN_ROW = "days-in-row-with-loans"
    AVERAGE_WEEK = "average-week-with-loans"
    LOAN_MINUTES = "loan-minutes-reached"
    LENDER_FLOOR = "lend-cap-reached"
    FULL = "places-taken"
    AWAITS_STAFF = "awaits-staff"
    INCOMPATIBLE = "incompatible-present"
    MAX_PLACES = "max-places-reached"
    GROUP = "group-elsewhere"
    SEVERAL_LINES = "several-lines"


class Shortage(StrEnum):
    """Why an item is unmet: no candidate, they serve elsewhere, their places wait for staff, or nobody was asked."""

    STRUCTURAL = "structural"
    COMPETITION = "competition"
    AWAITS_STAFF = "awaits-staff"
    NOT_ASKED = "not-asked"


class Grounds(StrEnum):
    """Why a line is in the plan."""

    ACCEPTED = "already-accepted"
    ONLY = "only-candidate"
    COVERS_MORE = "covers-more"
    ASKS_LESS = "asks-less"
    AS_GOOD = "as-good"
    BETTER_KNOWN = "better-known"


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is a refusal or an `Obstacle`; `found` and `limit` in minutes, one way; lines are those in the way."""

    code: str
    found: int | None = None
    limit: int | None = None
    segments: tuple[int, ...] = ()
    shifts: tuple[str, ...] = ()
    loans: tuple[LoanLine, ...] = ()
    placements: tuple[PlacementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change adds to each level; negative where it takes away."""

    critical: int
    other: int
    burden: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one candidate: every rule that refuses it, else what stands in the way, else nothing.

    `cost`: what choosing it would add, the rest of the plan kept where `reasons` is empty, else after the least
    costly repair of the lines in the way; absent where it was not worked out.
    """

    reasons: tuple[Reason, ...]
    cost: Difference | None = None


@dataclass(frozen=True, slots=True)
class OfferVerdict:
    """An offer that does not serve these blocks of the situation, all for the same reasons."""

    offer: str
    blocks: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class FacilityVerdicts:
    """An establishment, and each of its offers that does not serve; no offer at all where `offers` is empty."""

    establishment: str
    offers: tuple[OfferVerdict, ...]
    serves: bool


@dataclass(frozen=True, slots=True)
class VolunteerVerdict:
    """A volunteer who does not take these shifts of the need, all for the same reasons."""

    volunteer: str
    association: str
    shifts: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A candidate that one negotiable rule alone refuses, and the lines that hold it meanwhile.

    `association` is the employer of a volunteer, the operator of an offer. `by` is what would have to be relaxed.
    """

    candidate: str
    association: str
    by: Relaxation
    found: int | None
    limit: int | None
    held_by: tuple[LoanLine | PlacementLine, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """How many candidates one rule is the first to refuse."""

    family: Family
    code: str
    count: int


class Use(StrEnum):
    """What covering a shift that weighs nothing would change, every line of the plan staying."""

    OPENS_PLACES = "opens-places"
    OPENS_NOTHING = "opens-nothing-needed"
    UNDER_AN_HOUR = "under-an-hour"


@dataclass(frozen=True, slots=True)
class Opened:
    """Placements that would be served once a shift is covered, and the shifts that they await besides that one."""

    placements: tuple[PlacementLine, ...]
    besides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usefulness:
    """Of a shift that weighs nothing; each of `opened` could be had alone, those that await least first."""

    code: Use
    opened: tuple[Opened, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """An unmet block (`situation`, `block`) or shift (`need`, `shift`): why, who nearly could, what would do.

    `steps` is the waterfall, rule after rule; `candidates` pass every one of them. `held_by`: the lines that hold
    those candidates elsewhere. `near_misses_count` counts them by relaxation, whoever may read their names.
    `usefulness`: of a shift that weighs nothing; one that would open nothing needed has no way.
    """

    owner: str
    part: str
    missing: int
    shortage: Shortage
    steps: tuple[Step, ...]
    candidates: int
    held_by: tuple[LoanLine | PlacementLine, ...]
    near_misses: tuple[NearMiss, ...]
    near_misses_count: tuple[ReasonCount, ...]
    ways: tuple[Way, ...]
    usefulness: Usefulness | None = None


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best answer without the one chosen, the rest of the plan kept; no line where nothing replaces it."""

    loans: tuple[LoanLine, ...]
    placements: tuple[PlacementLine, ...]
    cost: Difference


@dataclass(frozen=True, slots=True)
class Closed:
    """A place that closes with a seat left empty, and where its person would then go, if anywhere."""

    situation: str
    block: str
    offer: str
    moves_to: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What rests on one person's shifts of a need: leave them empty and these places close, at this cost."""

    volunteer: str
    shifts: tuple[str, ...]
    segments: tuple[int, ...]
    closed: tuple[Closed, ...]
    cost: Difference


@dataclass(frozen=True, slots=True)
class ChosenOffer:
    """An offer of the plan, the blocks it serves, the covered shifts that open it, and why it was chosen.

    `parts`: its lines that serve only one part of their block.
    """

    offer: str
    establishment: str
    blocks: tuple[str, ...]
    minutes: int
    opened_by: tuple[str, ...]
    grounds: Grounds
    parts: tuple[PlacementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenVolunteer:
    """A volunteer of the plan, the shifts taken, why, and who would come instead."""

    volunteer: str
    association: str
    shifts: tuple[str, ...]
    minutes: int
    grounds: Grounds
    runner_ups: tuple[RunnerUp, ...]
    opening: Opening | None


@dataclass(frozen=True, slots=True)
class SituationExplained:
    """Every establishment of the file has its entry in `facilities`, chosen ones first."""

    situation: str
    chosen: tuple[ChosenOffer, ...]
    runner_ups: tuple[RunnerUp, ...]
    gaps: tuple[Gap, ...]
    facilities: tuple[FacilityVerdicts, ...]


@dataclass(frozen=True, slots=True)
class NeedExplained:
    """Every volunteer of the file is in `chosen`, in `others`, or in both for different shifts."""

    need: str
    chosen: tuple[ChosenVolunteer, ...]
    gaps: tuple[Gap, ...]
    others: tuple[VolunteerVerdict, ...]
