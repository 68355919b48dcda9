"""Coded lists of what people decide together: who was there, what was decided, who does what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from exchange.reference.code_lists import AgeBand


class PartnerBody(StrEnum):
    """A body around the table or in charge of a task, named by what it is and never by a person."""

    MDPH = "mdph"
    REGIONAL_HEALTH_AGENCY = "regional_health_agency"
    DEPARTMENTAL_COUNCIL = "departmental_council"
    CHILD_WELFARE = "child_welfare"
    NATIONAL_EDUCATION = "national_education"
    HOSPITAL = "hospital"
    HEALTH_INSURANCE = "health_insurance"
    GUARDIANSHIP_SERVICE = "guardianship_service"
    OPERATOR = "operator"
    COMMON_SERVICES = "common_services"


class AgendaReason(StrEnum):
    """Why a situation is on the agenda of a case meeting; all but the last are told by rules."""

    LEVEL_RAISED = "level_raised"
    UNSOLVED_TOO_LONG = "unsolved_too_long"
    REFUSED_OFTEN = "refused_often"
    CHOSEN = "chosen"


class MeetingDecision(StrEnum):
    """What a case meeting decided for one situation. Moving the situation stays an act of its own."""

    KEEP_SEARCHING = "keep_searching"
    WIDEN_SEARCH = "widen_search"
    COMPOSE_ANSWER = "compose_answer"
    EXCEPTIONAL_PLACE = "exceptional_place"
    ADD_MEANS = "add_means"
    RAISE_LEVEL = "raise_level"
    PREPARE_REFERRAL = "prepare_referral"
    OPEN_PROJECT = "open_project"
    MEET_AGAIN = "meet_again"


class TaskAction(StrEnum):
    """What is to be done; the note says the rest in a few words."""

    FOLLOW_UP = "follow_up"
    CALL_FACILITY = "call_facility"
    CALL_BACK = "call_back"
    OBTAIN_AGREEMENT = "obtain_agreement"
    COMPLETE_INFORMATION = "complete_information"
    EVALUATE_ON_SITE = "evaluate_on_site"
    FIND_STAFF = "find_staff"
    WIDEN_SEARCH = "widen_search"
    SECURE_EXIT = "secure_exit"
    PLAN_LOAN_END = "plan_loan_end"
    PREPARE_MEETING = "prepare_meeting"
    REFER_TO_MDPH = "refer_to_mdph"
    REFER_TO_AUTHORITY = "refer_to_authority"
    OTHER = "other"


class TaskDropReason(StrEnum):
    """Why a task was given up."""

    NO_LONGER_USEFUL = "no_longer_useful"
    REPLACED = "replaced"
    NOT_POSSIBLE = "not_possible"
    SITUATION_ENDED = "situation_ended"
    SAID_TWICE = "said_twice"


class AgeRange(StrEnum):
    """Age bands brought together, as authorisations speak of them."""

    CHILD = "child"
    TEENAGER = "teenager"
    ADULT = "adult"
    OLDER_ADULT = "older_adult"


AGE_RANGES: Final[Mapping[AgeBand, AgeRange]] = MappingProxyType(
    {
        AgeBand.UNDER_3: AgeRange.CHILD,
        AgeBand.FROM_3: AgeRange.CHILD,
        AgeBand.FROM_6: AgeRange.CHILD,
        AgeBand.FROM_12: AgeRange.TEENAGER,
        AgeBand.FROM_16: AgeRange.TEENAGER,
        AgeBand.FROM_20: AgeRange.ADULT,
        AgeBand.FROM_30: AgeRange.ADULT,
        AgeBand.FROM_45: AgeRange.ADULT,
        AgeBand.FROM_60: AgeRange.OLDER_ADULT,
    }
)
