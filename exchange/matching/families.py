"""What kind of rule each refusal is, and which ones somebody may be asked to relax: one line per refusal.

Consent, qualification, legal time and protection are never negotiable: no line of theirs names a relaxation.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.matching.eligibility import LoanRefusal, PlacementRefusal
from exchange.matching.ways import Relaxation


class Family(StrEnum):
    """Who could change it: nobody here (law, contract, protection), the person concerned, or the house that offers."""

    LAW = "law"
    WISH = "wish"
    MEANS = "means"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The family of a refusal, and what would lift it where that may be asked at all."""

    family: Family
    lifted_by: Relaxation | None = None


LOAN_EXCLUSIONS: dict[LoanRefusal, Exclusion] = {
    LoanRefusal.SAME_EMPLOYER: Exclusion(Family.LAW),
    LoanRefusal.PERMANENT_STAFF: Exclusion(Family.LAW),
    LoanRefusal.QUALIFICATION: Exclusion(Family.LAW),
    LoanRefusal.SHIFT_LENGTH: Exclusion(Family.LAW),
    LoanRefusal.REST_OWN_SHIFTS: Exclusion(Family.LAW),
    LoanRefusal.WEEK_MINUTES: Exclusion(Family.LAW),
    LoanRefusal.WEEKLY_REST: Exclusion(Family.LAW),
    LoanRefusal.DAYS_IN_ROW: Exclusion(Family.LAW),
    LoanRefusal.AVERAGE_WEEK: Exclusion(Family.LAW),
    LoanRefusal.FILE_NOT_READY: Exclusion(Family.LAW),
    LoanRefusal.CONSENT: Exclusion(Family.WISH),
    LoanRefusal.BASSIN: Exclusion(Family.WISH, Relaxation.BASSIN),
    LoanRefusal.TRAVEL: Exclusion(Family.WISH, Relaxation.TRAVEL),
    LoanRefusal.AVAILABILITY: Exclusion(Family.WISH, Relaxation.AVAILABILITY),
    LoanRefusal.LOAN_MINUTES: Exclusion(Family.WISH),
    LoanRefusal.LEND_CAP: Exclusion(Family.MEANS),
}
PLACEMENT_EXCLUSIONS: dict[PlacementRefusal, Exclusion] = {
    PlacementRefusal.EXCLUDED: Exclusion(Family.LAW),
    PlacementRefusal.CARE_MODE: Exclusion(Family.LAW),
    PlacementRefusal.AGE: Exclusion(Family.LAW),
    PlacementRefusal.PROFILE: Exclusion(Family.LAW),
    PlacementRefusal.PROVISION: Exclusion(Family.LAW),
    PlacementRefusal.ZONE: Exclusion(Family.MEANS),
    PlacementRefusal.HOURS: Exclusion(Family.MEANS),
    PlacementRefusal.TRAVEL: Exclusion(Family.WISH, Relaxation.TRAVEL),
    PlacementRefusal.CAPACITY: Exclusion(Family.MEANS, Relaxation.PLACE),
    PlacementRefusal.MAX_PLACES: Exclusion(Family.WISH),
    PlacementRefusal.GROUP: Exclusion(Family.MEANS),
}
