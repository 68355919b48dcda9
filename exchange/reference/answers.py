"""Closed lists of what people answer: why not, why short, how it ended, what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RefusalFamily(StrEnum):
    """On what a facility's refusal rests (L241-6, III of the code of social action and families)."""

    CAPACITY = "capacity"
    MEANS = "means"
    AUTHORISATION = "authorisation"
    PREMISES = "premises"
    SAFETY = "safety"
    CLOSURE = "closure"
    AGREEMENT = "agreement"
    INFORMATION = "information"
    EXIT = "exit"
    TRANSPORT = "transport"
    OTHER = "other"


class RefusalReason(StrEnum):
    NO_PLACE_ON_DATES = "no_place_on_dates"
    PLACE_PROMISED_ELSEWHERE = "place_promised_elsewhere"
    STAFFING_INSUFFICIENT = "staffing_insufficient"
    SKILL_MISSING = "skill_missing"
    OUTSIDE_AUTHORISATION = "outside_authorisation"
    PREMISES_UNSUITABLE = "premises_unsuitable"
    GROUP_INCOMPATIBLE = "group_incompatible"
    SAFETY_NOT_ENSURED = "safety_not_ensured"
    ADMISSIONS_SUSPENDED = "admissions_suspended"
    AGREEMENT_MISSING = "agreement_missing"
    INFORMATION_MISSING = "information_missing"
    EXIT_NOT_SECURED = "exit_not_secured"
    ARRIVAL_IMPOSSIBLE = "arrival_impossible"
    OTHER = "other"


class RefusalSequel(StrEnum):
    """What the application does next."""

    CORRECT_OFFER = "correct_offer"
    REDUCE_OFFER = "reduce_offer"
    POST_SHORTAGE = "post_shortage"
    SEARCH_SKILL = "search_skill"
    CHECK_PROFILE = "check_profile"
    CORRECT_PROVISIONS = "correct_provisions"
    KEEP_PRIVATE_PAIR = "keep_private_pair"
    NAME_EVALUATOR = "name_evaluator"
    CLOSE_OFFERS_UNTIL = "close_offers_until"
    PAUSE_FOR_AGREEMENT = "pause_for_agreement"
    PAUSE_FOR_INFORMATION = "pause_for_information"
    ASK_EXIT_PLAN = "ask_exit_plan"
    PROPOSE_ARRIVAL = "propose_arrival"
    REQUIRE_NOTE = "require_note"


class AskedAgain(StrEnum):
    """When the facility may be asked again for the same situation."""

    WHEN_OFFER_CHANGES = "when_offer_changes"
    WHEN_PROMISE_FALLS = "when_promise_falls"
    WHEN_COVERED = "when_covered"
    AFTER_EXCEPTION = "after_exception"
    NEVER = "never"
    WHEN_LIFTED = "when_lifted"
    AFTER_EVALUATION = "after_evaluation"
    ON_DATE = "on_date"
    WHEN_OBTAINED = "when_obtained"
    WHEN_ANSWERED = "when_answered"
    WHEN_FILLED = "when_filled"
    AT_HOUR = "at_hour"
    ANY_TIME = "any_time"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal reason rests on, what follows, and when the question may come again."""

    family: RefusalFamily
    sequel: RefusalSequel
    asked_again: AskedAgain


_F, _S, _A, _R = RefusalFamily, RefusalSequel, AskedAgain, RefusalReason

REFUSALS: Final[Mapping[RefusalReason, Refusal]] = MappingProxyType(
    {
        _R.NO_PLACE_ON_DATES: Refusal(_F.CAPACITY, _S.CORRECT_OFFER, _A.WHEN_OFFER_CHANGES),
        _R.PLACE_PROMISED_ELSEWHERE: Refusal(_F.CAPACITY, _S.REDUCE_OFFER, _A.WHEN_PROMISE_FALLS),
        _R.STAFFING_INSUFFICIENT: Refusal(_F.MEANS, _S.POST_SHORTAGE, _A.WHEN_COVERED),
        _R.SKILL_MISSING: Refusal(_F.MEANS, _S.SEARCH_SKILL, _A.WHEN_COVERED),
        _R.OUTSIDE_AUTHORISATION: Refusal(_F.AUTHORISATION, _S.CHECK_PROFILE, _A.AFTER_EXCEPTION),
        _R.PREMISES_UNSUITABLE: Refusal(_F.PREMISES, _S.CORRECT_PROVISIONS, _A.NEVER),
        _R.GROUP_INCOMPATIBLE: Refusal(_F.SAFETY, _S.KEEP_PRIVATE_PAIR, _A.WHEN_LIFTED),
        _R.SAFETY_NOT_ENSURED: Refusal(_F.SAFETY, _S.NAME_EVALUATOR, _A.AFTER_EVALUATION),
        _R.ADMISSIONS_SUSPENDED: Refusal(_F.CLOSURE, _S.CLOSE_OFFERS_UNTIL, _A.ON_DATE),
        _R.AGREEMENT_MISSING: Refusal(_F.AGREEMENT, _S.PAUSE_FOR_AGREEMENT, _A.WHEN_OBTAINED),
        _R.INFORMATION_MISSING: Refusal(_F.INFORMATION, _S.PAUSE_FOR_INFORMATION, _A.WHEN_ANSWERED),
        _R.EXIT_NOT_SECURED: Refusal(_F.EXIT, _S.ASK_EXIT_PLAN, _A.WHEN_FILLED),
        _R.ARRIVAL_IMPOSSIBLE: Refusal(_F.TRANSPORT, _S.PROPOSE_ARRIVAL, _A.AT_HOUR),
        _R.OTHER: Refusal(_F.OTHER, _S.REQUIRE_NOTE, _A.ANY_TIME),
    }
)


class LoanDeclineReason(StrEnum):
    """Optional, read by nobody but the person; employer and host see only that she is not available."""

    NOT_AVAILABLE_THEN = "not_available_then"
    REST_NEEDED = "rest_needed"
    TOO_FAR = "too_far"
    HOURS_NOT_SUITABLE = "hours_not_suitable"
    PUBLIC_NOT_KNOWN = "public_not_known"
    SITE_DECLINED = "site_declined"
    TERMS_UNCLEAR = "terms_unclear"
    PAUSE = "pause"
    NO_REASON = "no_reason"


class ShortageReason(StrEnum):
    """Why staff is missing. There is no line for a strike, and none for health."""

    UNPLANNED_ABSENCE = "unplanned_absence"
    PLANNED_ABSENCE = "planned_absence"
    VACANT_POST = "vacant_post"
    EXTRA_ACTIVITY = "extra_activity"
    EXCEPTIONAL_EVENT = "exceptional_event"
    RESOURCE_SITE_SUPPORT = "resource_site_support"


class ShortageImpact(StrEnum):
    """What happens if nobody comes."""

    UNIT_UNSAFE = "unit_unsafe"
    PLACES_CLOSED = "places_closed"
    SERVICE_REDUCED = "service_reduced"
    COMFORT = "comfort"

    @property
    def rank(self) -> int:
        """1 is the gravest."""
        return list(ShortageImpact).index(self) + 1


class MeasureTried(StrEnum):
    """What the requester tried before asking for a loan; blocks nothing."""

    INTERNAL_MOBILITY = "internal_mobility"
    SCHEDULE_CHANGED = "schedule_changed"
    EXTRA_HOURS = "extra_hours"
    INTERNAL_POOL = "internal_pool"
    FIXED_TERM_CONTRACT = "fixed_term_contract"
    TEMPORARY_AGENCY = "temporary_agency"


class ClosingOutcome(StrEnum):
    """How a situation ended. "No solution to date" is a dated statement on an open situation, never an outcome."""

    PLACED_IN_NETWORK = "placed_in_network"
    PLACED_OFF_NETWORK = "placed_off_network"
    SUPPORTED_AT_HOME = "supported_at_home"
    WITH_RELATIVES = "with_relatives"
    USUAL_PLACE_RESUMED = "usual_place_resumed"
    HOSPITALISED = "hospitalised"
    COMMON_SERVICES = "common_services"
    CHILD_PROTECTION_RELAY = "child_protection_relay"
    MDPH_RELAY = "mdph_relay"
    OTHER_COMMUNITY = "other_community"
    NEED_GONE = "need_gone"
    DECLINED_BY_PERSON = "declined_by_person"
    UNREACHABLE = "unreachable"
    DUPLICATE = "duplicate"
    DEATH = "death"


class AdmissionCondition(StrEnum):
    """A green light before an arrival."""

    LEGAL_BASIS = "legal_basis"
    AGREEMENT = "agreement"
    FACILITY_YES = "facility_yes"
    TRANSPORT = "transport"
    TREATMENT = "treatment"
    LIAISON_SHEET = "liaison_sheet"
    BELONGINGS = "belongings"
    EXIT_PLAN = "exit_plan"
    AUTHORITY_TOLD = "authority_told"
    STAY_DOCUMENT = "stay_document"

    @property
    def is_blocking(self) -> bool:
        """Without it no arrival is confirmed; the others show red until done."""
        return self in BLOCKING_CONDITIONS


BLOCKING_CONDITIONS: Final = frozenset(
    {AdmissionCondition.LEGAL_BASIS, AdmissionCondition.AGREEMENT, AdmissionCondition.FACILITY_YES}
)


class StatusReason(StrEnum):
    """Why a house is orange or red, or a place closed (source: DIVI's operating status, ROR's closing types)."""

    STAFF_SHORTAGE = "staff_shortage"
    INFECTION = "infection"
    WORKS = "works"
    BREAKDOWN = "breakdown"
    INCIDENT = "incident"
    PLANNED_CLOSURE = "planned_closure"
    FULL = "full"
    OTHER = "other"


class OverCapacityReason(StrEnum):
    """Why a director decides to host beyond capacity."""

    ENTRUSTED_CHILD = "entrusted_child"
    NO_OTHER_ANSWER = "no_other_answer"
    KEPT_TOGETHER = "kept_together"
    EXIT_DELAYED = "exit_delayed"


class ExitSolution(StrEnum):
    """Where a person goes when a stay ends; to be validated by practitioners."""

    USUAL_PLACE = "usual_place"
    HOME_WITH_SUPPORT = "home_with_support"
    RELATIVES = "relatives"
    OTHER_STAY = "other_stay"
    PERMANENT_PLACE = "permanent_place"
    COMMON_HOUSING = "common_housing"
    AUTHORITY_DECISION = "authority_decision"


class CrisisRequester(StrEnum):
    """At whose request the community opens a crisis organisation: nobody else opens it."""

    HEALTH_AGENCY = "health_agency"
    DEPARTEMENT = "departement"
    PREFECT = "prefect"
    COMMUNITY = "community"
    MEMBER = "member"
