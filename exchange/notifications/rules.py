"""Who is told what when something happens, and when a volunteer may be disturbed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Whom(StrEnum):
    """Recipients by what they are to the subject; they become people when the message is written, and stay them.

    `RECEIVER`: managers of the receiving facility and on-call managers of its operator. `LENDER`, `HOST`: the same for
    the two sides of a loan. `ASSIGNEE`: who has a task; the coordinators where it is a body. `SECOND_ON_CALL`:
    whoever the rota names second, at the facility that is asked and in the coordination. `ASKED_TO_FOLLOW`: whom the
    referent asks to take over. `MEMBERS`: every manager, on-call manager and
    coordination of the community.
    """

    RECEIVER = "receiver"
    REFERENT = "referent"
    EXIT_REFERENT = "exit_referent"
    COORDINATORS = "coordinators"
    VOLUNTEER = "volunteer"
    LENDER = "lender"
    HOST = "host"
    SECOND_ON_CALL = "second_on_call"
    ASKED_TO_FOLLOW = "asked_to_follow"
    MEMBERS = "members"
    ASSIGNEE = "assignee"


class About(StrEnum):
    """What kind of thing a template speaks of."""

    PLACEMENT = "placement"
    LOAN = "loan"
    OFFER = "offer"
    SITUATION = "situation"
    RUN = "run"
    EVENING = "evening"
    CRISIS = "crisis"
    TASK = "task"


FIRST_STEP = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """One template and whom it goes to. `step`: its place among what one fact has to say to the same person."""

    template: str
    about: About
    whom: tuple[Whom, ...]
    step: int = FIRST_STEP


_W, _A = Whom, About

NOTICES: Mapping[str, tuple[Notice, ...]] = {
    "placement_held": (Notice("stay_requested", _A.PLACEMENT, (_W.RECEIVER,)),),
    "placement_accepted": (Notice("stay_accepted", _A.PLACEMENT, (_W.REFERENT,)),),
    "placement_refused": (Notice("stay_declined_next", _A.PLACEMENT, (_W.REFERENT,)),),
    "hold_expired": (Notice("stay_silent_next", _A.PLACEMENT, (_W.REFERENT,)),),
    "placement_confirmed": (Notice("stay_confirmed", _A.PLACEMENT, (_W.REFERENT, _W.RECEIVER)),),
    "placement_cancelled": (Notice("stay_called_off", _A.PLACEMENT, (_W.REFERENT, _W.RECEIVER)),),
    "placement_at_risk": (Notice("stay_at_risk", _A.PLACEMENT, (_W.REFERENT, _W.RECEIVER)),),
    "person_admitted": (Notice("arrival_seen", _A.PLACEMENT, (_W.REFERENT,)),),
    "loan_asked": (
        Notice("loan_offered", _A.LOAN, (_W.VOLUNTEER,)),
        Notice("release_requested", _A.LOAN, (_W.LENDER,)),
        Notice("loan_to_accept", _A.LOAN, (_W.HOST,)),
    ),
    "loan_agreed": (Notice("loan_confirmed", _A.LOAN, (_W.VOLUNTEER, _W.LENDER, _W.HOST)),),
    "loan_cancelled": (Notice("loan_called_off", _A.LOAN, (_W.VOLUNTEER, _W.LENDER, _W.HOST)),),
    "loan_declined": (Notice("loan_not_possible", _A.LOAN, (_W.HOST,)),),
    "loan_expired": (Notice("loan_not_possible", _A.LOAN, (_W.HOST,)),),
    "situation_unanswered": (Notice("still_unanswered", _A.SITUATION, (_W.REFERENT,)),),
    "second_on_call_called": (Notice("escalated", _A.SITUATION, (_W.SECOND_ON_CALL,)),),
    "referent_called": (Notice("escalated", _A.SITUATION, (_W.REFERENT,)),),
    "coordinator_called": (Notice("escalated", _A.SITUATION, (_W.COORDINATORS,)),),
    "outside_service_due": (Notice("outside_to_call", _A.SITUATION, (_W.REFERENT, _W.COORDINATORS)),),
    "alert_repeated": (Notice("outside_to_call", _A.SITUATION, (_W.REFERENT, _W.COORDINATORS)),),
    "referent_offered": (Notice("follow_asked", _A.SITUATION, (_W.ASKED_TO_FOLLOW,)),),
    "referent_changed": (Notice("follow_yours", _A.SITUATION, (_W.REFERENT,)),),
    "crisis_opened": (Notice("crisis_opened", _A.CRISIS, (_W.MEMBERS,)),),
    "crisis_prolonged": (Notice("crisis_prolonged", _A.CRISIS, (_W.MEMBERS,)),),
    "crisis_closed": (Notice("crisis_ended", _A.CRISIS, (_W.MEMBERS,)),),
    "crisis_expired": (Notice("crisis_ended", _A.CRISIS, (_W.MEMBERS,)),),
    "search_stopped": (Notice("search_stopped", _A.RUN, (_W.COORDINATORS,)),),
    "task_due": (Notice("task_due", _A.TASK, (_W.ASSIGNEE,)),),
    "task_overdue": (Notice("task_overdue", _A.TASK, (_W.COORDINATORS,)),),
}
"""By kind of event. A professional's no reaches the host as « n'aboutit pas », and the employer not at all."""

ASK_AGAIN = Notice("places_to_confirm", _A.OFFER, (_W.RECEIVER,))
EVENING_QUESTION = Notice("evening_question", _A.EVENING, ())
"""Its recipients are found site by site: one message a person, whatever the number of sites and places."""

# The clocks of a stay hang on its arrival, which has told the referent already: each has a step of its own.
EXIT_SOON = Notice("exit_not_ready", _A.PLACEMENT, (_W.EXIT_REFERENT,), step=2)
EMERGENCY_LIMIT = Notice("emergency_limit", _A.PLACEMENT, (_W.EXIT_REFERENT, _W.RECEIVER), step=3)
YEARLY_LIMIT = Notice("yearly_limit", _A.PLACEMENT, (_W.EXIT_REFERENT, _W.RECEIVER), step=4)

SOLICITATIONS = frozenset({"loan_offered"})
"""Templates that ask something of a volunteer: two a day at most."""


def waking_hour(now: datetime, zone: ZoneInfo, quiet_from: time, quiet_until: time) -> datetime:
    """Return when a volunteer may next be disturbed: now, or the end of the quiet hours running now.

    Quiet hours (by default 21:00 to 07:00, local) hold for every template, tonight's emergency included: whoever is off
    duty sleeps, unless they chose to be asked at night, which the caller knows.
    """
    local = now.astimezone(zone)
    if quiet_until <= local.time() < quiet_from:
        return now
    wakes = datetime.combine(local.date(), quiet_until, zone)
    if local.time() >= quiet_from:
        wakes = datetime.combine(local.date() + timedelta(days=1), quiet_until, zone)
    return max(now, wakes.astimezone(now.tzinfo))


def next_morning(now: datetime, zone: ZoneInfo, quiet_until: time) -> datetime:
    """Return when a volunteer already solicited enough today may be solicited again."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, quiet_until, zone).astimezone(now.tzinfo)
