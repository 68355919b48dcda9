"""Closed lists of what is done around an open situation: levels, calls, hand-overs, and the overflow."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Level(IntEnum):
    """1: answered directly · 2: partners agree together · 3: formal referral (PAG)."""

    DIRECT = 1
    CONCERTED = 2
    FORMAL = 3


class LevelReason(StrEnum):
    """Why a situation goes one level up, or down."""

    NO_ANSWER_NEARBY = "no_answer_nearby"
    SEVERAL_PARTNERS = "several_partners"
    REPEATED_REFUSALS = "repeated_refusals"
    REPEATED_BREAKDOWNS = "repeated_breakdowns"
    ASKED_BY_PERSON = "asked_by_person"
    PAG_REQUESTED = "pag_requested"
    ANSWER_FOUND = "answer_found"
    RAISED_BY_MISTAKE = "raised_by_mistake"


class SolutionTried(StrEnum):
    """What was tried before saying that there is no solution to date."""

    NETWORK_SEARCHED = "network_searched"
    NEIGHBOURS_CALLED = "neighbours_called"
    HOME_SUPPORT = "home_support"
    STAFF_LOAN = "staff_loan"
    OFF_NETWORK = "off_network"
    RELATIVES = "relatives"
    COMMON_SERVICES = "common_services"
    PARTNERS_MET = "partners_met"


class CallDirection(StrEnum):
    """Who rang whom."""

    RECEIVED = "received"
    MADE = "made"


class CallParty(StrEnum):
    """Whom the call was with, by role and never by name."""

    CALLER = "caller"
    PERSON = "person"
    CARER = "carer"
    GUARDIAN = "guardian"
    REFERRER = "referrer"
    FACILITY = "facility"
    OUTSIDE_SERVICE = "outside_service"


class CallOutcome(StrEnum):
    """What came of a call."""

    SPOKEN = "spoken"
    MESSAGE_LEFT = "message_left"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"
    CALLS_AGAIN = "calls_again"


IN_VAIN: Final = frozenset({CallOutcome.MESSAGE_LEFT, CallOutcome.NOT_REACHED, CallOutcome.WRONG_NUMBER})
"""Nobody was spoken to."""


class HandOverReason(StrEnum):
    """Why a referent passes a situation on."""

    END_OF_DUTY = "end_of_duty"
    ABSENCE = "absence"
    OTHER_AREA = "other_area"
    WORKLOAD = "workload"
    KNOWS_THE_SITUATION = "knows_the_situation"
    REFERENT_LEFT = "referent_left"


class EscalationStep(StrEnum):
    """Who is called when nobody answers. `OUTSIDE_SERVICE` is told by voice, and always comes last."""

    SECOND_ON_CALL = "second_on_call"
    REFERENT = "referent"
    COORDINATOR = "coordinator"
    OUTSIDE_SERVICE = "outside_service"


class AlertReason(StrEnum):
    """Why the overflow started."""

    DEADLINE_PASSED = "deadline_passed"
    ON_CALL_SILENT = "on_call_silent"


class Audience(StrEnum):
    """Which situations an outside service is for."""

    DANGER = "danger"
    VIOLENCE = "violence"
    CHILD = "child"
    ADULT = "adult"
    HOMELESS = "homeless"
